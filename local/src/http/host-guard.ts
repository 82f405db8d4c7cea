import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Why a request must not be served on loopback, or undefined.
 *
 * A web page that has its own name resolve to 127.0.0.1 would otherwise reach the servers with the browser of the
 * person at the laptop. The MCP specification asks for this check (Streamable HTTP, security warning).
 */
export function refusalOf({ host, origin }: IncomingHttpHeaders): string | undefined {
  if (host === undefined || !LOOPBACK_HOST.test(host)) {
    return `Invalid Host: ${host ?? 'none'}`;
  }
  if (origin !== undefined && !LOOPBACK_ORIGIN.test(origin)) {
    return `Invalid Origin: ${origin}`;
  }
  return undefined;
}
