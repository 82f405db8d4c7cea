// Names of HTTP headers, in lower case as Node.js gives them.

export const MCP_SESSION_ID = 'mcp-session-id';
export const MCP_PROTOCOL_VERSION = 'mcp-protocol-version';
export const RUNTIME_SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const RUNTIME_USER_ID = 'x-amzn-bedrock-agentcore-runtime-user-id';
export const RUNTIME_REQUEST_ID = 'x-amzn-bedrock-agentcore-runtime-request-id';
