import { headerOf, type Exchange } from './exchange';

// The first protocol version without a handshake.
const FIRST_MODERN_VERSION = '2026-07-28';

/** Whether a request is of a protocol version with sessions, or says nothing of its version. */
export function isLegacy(exchange: Exchange): boolean {
  return (headerOf(exchange, 'mcp-protocol-version') ?? '') < FIRST_MODERN_VERSION;
}

/** Whether a request asks for a session. Reads the body only where it has to. */
export async function isInitializeRequest(exchange: Exchange): Promise<boolean> {
  if (exchange.method !== 'POST' || !isLegacy(exchange)) return false;
  const method = headerOf(exchange, 'mcp-method');
  if (method !== undefined) return method === 'initialize';
  await exchange.body.readBeginning();
  const message = exchange.body.message();
  return (Array.isArray(message) ? message : [message]).some(isInitialize);
}

function isInitialize(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'method' in message && message.method === 'initialize';
}
