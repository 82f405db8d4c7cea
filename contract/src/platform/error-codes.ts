/**
 * JSON-RPC codes of the errors that AgentCore Runtime answers with in place of an MCP server: "MCP protocol contract"
 * of the AgentCore developer guide, error table.
 */
export const PLATFORM_ERROR_CODES = {
  unauthorized: -32001,
  accessDenied: -32002,
  throttled: -32003,
  notFound: -32004,
  conflict: -32005,
  invalid: -32006,
  serverFailed: -32010,
  unacceptable: -32011,
  internal: -32603,
} as const;
