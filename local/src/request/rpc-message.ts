import { headerOf, type Exchange } from '../http/exchange';

/** Clients write `method` near the beginning of a message. */
const LOOKED_AT = 2048;
const METHOD = /"method"\s*:\s*"([\w/.-]{1,100})"/;

/**
 * The JSON-RPC method of a request, from its header or the beginning of its body; for the record, not for decisions.
 */
export function rpcMethodOf(exchange: Exchange): string | undefined {
  return headerOf(exchange, 'mcp-method') ?? METHOD.exec(exchange.body.beginning(LOOKED_AT))?.[1];
}

/** Whether a request is MCP's, for one whose runtime does not exist and so has no protocol. */
export function looksLikeMcp({ body, headers }: Exchange): boolean {
  return headers['mcp-protocol-version'] !== undefined || /"jsonrpc"\s*:/.test(body.beginning(LOOKED_AT));
}

/** The first protocol version without a handshake. */
const FIRST_MODERN_VERSION = '2026-07-28';

/** Whether a request is of a protocol version with sessions, or says nothing of its version. */
export function isLegacy(exchange: Exchange): boolean {
  return (headerOf(exchange, 'mcp-protocol-version') ?? '') < FIRST_MODERN_VERSION;
}

/** Whether a request asks for a session. Reads the body only where it has to. */
export async function isInitializeRequest(exchange: Exchange): Promise<boolean> {
  if (exchange.method !== 'POST' || !isLegacy(exchange)) {
    return false;
  }
  const method = headerOf(exchange, 'mcp-method');
  if (method !== undefined) {
    return method === 'initialize';
  }
  await exchange.body.readBeginning();
  const message = exchange.body.message();
  return (Array.isArray(message) ? message : [message]).some(isInitialize);
}

function isInitialize(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'method' in message && message.method === 'initialize';
}
