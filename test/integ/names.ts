export const STACK = 'StatefulMcpInteg';

/** Names of the runtimes that the app has. */
export const RUNTIMES = {
  signed: 'stateful_mcp_integ_signed',
  probe: 'stateful_mcp_integ_probe',
  tokens: 'stateful_mcp_integ_tokens',
} as const;
