import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Who may call a port. */
export interface AllowedCallers {
  /** `any` where others than this machine reach the port, by whatever name they know it. */
  readonly hosts: 'loopback' | 'any';
  /** Origins of web pages besides those of this machine. */
  readonly origins: readonly string[];
}

/**
 * Why a request must not be served, or undefined.
 *
 * A web page that has its own name resolve to 127.0.0.1 would otherwise reach the servers with the browser of the
 * person at the laptop. On other addresses a page of any origin could do so, too. The MCP specification asks for this
 * check (Streamable HTTP, security warning).
 */
export function refusalOf({ host, origin }: IncomingHttpHeaders, allowed: AllowedCallers): string | undefined {
  if (allowed.hosts === 'loopback' && (host === undefined || !LOOPBACK_HOST.test(host))) {
    return `Invalid Host: ${host ?? 'none'}`;
  }
  if (origin !== undefined && !LOOPBACK_ORIGIN.test(origin) && !allowed.origins.includes(origin.toLowerCase())) {
    return `Invalid Origin: ${origin}`;
  }
  return undefined;
}
