import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

const EXPOSED = [
  'Mcp-Session-Id',
  'Mcp-Protocol-Version',
  'WWW-Authenticate',
  'Retry-After',
  'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id',
].join(', ');
const PREFLIGHT_SECONDS = 7200;

/** Lets the page that made a request read the response: a page of an origin that may call (see `refusalOf`). */
export function shareWithPage(response: ServerResponse, { origin }: IncomingHttpHeaders): void {
  if (origin !== undefined) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    response.setHeader('Vary', 'Origin');
  }
}

/** Answers a browser that asks whether its page may send a request; returns whether it did. */
export function handledPreflight(
  response: ServerResponse,
  method: string,
  { origin, ...headers }: IncomingHttpHeaders,
): boolean {
  if (origin === undefined || method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
    return false;
  }
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  // Tools may want parameters in headers of their own: the origin decides, and not the header.
  response.setHeader('Access-Control-Allow-Headers', headers['access-control-request-headers'] ?? '');
  response.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
  if (headers['access-control-request-private-network'] !== undefined) {
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
  }
  response.writeHead(204).end();
  return true;
}
