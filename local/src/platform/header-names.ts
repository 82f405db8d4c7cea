export const MCP_SESSION_ID = 'mcp-session-id';
export const RUNTIME_SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const RUNTIME_USER_ID = 'x-amzn-bedrock-agentcore-runtime-user-id';
