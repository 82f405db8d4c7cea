import { headerOf, type Exchange } from './exchange';

// Clients write `method` near the beginning of a message.
const LOOKED_AT = 2048;
const METHOD = /"method"\s*:\s*"([\w/.-]{1,100})"/;

/** The JSON-RPC method of a request, from its header or the beginning of its body; for the record, not for decisions. */
export function rpcMethodOf(exchange: Exchange): string | undefined {
  return headerOf(exchange, 'mcp-method') ?? METHOD.exec(exchange.body.beginning(LOOKED_AT))?.[1];
}

/** Whether a request is MCP's, for one whose runtime does not exist and so has no protocol. */
export function looksLikeMcp({ body, headers }: Exchange): boolean {
  return headers['mcp-protocol-version'] !== undefined || /"jsonrpc"\s*:/.test(body.beginning(LOOKED_AT));
}
