/** The ports that a server may serve on, and that callers may reach: CreateAgentRuntime, `protocolConfiguration.port`. */
export const LOWEST_SERVER_PORT = 8000;
export const HIGHEST_SERVER_PORT = 12_000;

/** The platform's own among them: the same member. */
export const RESERVED_SERVER_PORT = 8443;

/** Where AgentCore calls an MCP server that says nothing else: "MCP protocol contract" of the developer guide. */
export const DEFAULT_MCP_PORT = 8000;
export const DEFAULT_MCP_PATH = '/mcp';

/** Where a server of any protocol is asked how it is: "service contract" of the developer guide. */
export const HEALTH_PATH = '/ping';

/** CreateAgentRuntime, `protocolConfiguration.path`. */
export const SERVER_PATH = /^\/[A-Za-z0-9._~/%-]{0,2047}$/;

/** CreateAgentRuntime, `hooksConfiguration`: the path of a hook. */
export const HOOK_PATH = /^\/[A-Za-z0-9._~/-]{0,31}$/;

/** Where a server of the kit is warmed up: the path of the hook that the construct sets. */
export const WARMUP_PATH = '/warmup';

/** How long the hook may take: "lifecycle hooks" of the developer guide. */
export const LONGEST_WARMUP_MS = 120_000;

/** CreateAgentRuntime, `allowedPorts`: how many ports and ranges. */
export const MOST_ALLOWED_PORTS = 5;
