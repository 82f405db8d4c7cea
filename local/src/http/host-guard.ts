import type { IncomingHttpHeaders } from 'node:http';
import { rawHeader } from './end-to-end-headers';

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** RFC 9110, section 7.2: a name or an address, and a port; nothing that would go on as a path in a URL. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d*)?$/i;
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
 * A web page that has its own name resolve to 127.0.0.1 would otherwise reach the servers with the browser of the user.
 * On other addresses a page of any origin could do so, too. The MCP specification asks for this check (Streamable HTTP,
 * security warning).
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

/** Why the `Host` of a request is none, or undefined: what a client believes to have called becomes part of URLs. */
export function hostProblem(rawHeaders: readonly string[]): string | undefined {
  const host = rawHeader(rawHeaders, 'host');
  return host === undefined || host === '' || HOST.test(host) ? undefined : `Invalid Host: ${host}`;
}
