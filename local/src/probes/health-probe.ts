import { DEFAULT_PATHS, type RuntimeFeatures, type RuntimeProtocol } from '../model/runtime-definition';
import type { ServerConnections, ServerRequest } from '../http/server-connections';
import { serverAnswer } from './server-answer';

/**
 * `busy`: it works on something although no request is open. `redirects`: it sends an MCP client elsewhere, where
 * AgentCore does not go. `refuses`: it wants credentials, which a probe has not.
 */
export type Health = 'healthy' | 'busy' | 'unhealthy' | 'redirects' | 'refuses';

/** For the log: on AgentCore, nothing is in it. */
export const REFUSES_PROBES =
  'the server refuses the health probes of AgentCore, which carry no credentials: its sessions end with -32010 there; answer JSON-RPC `ping` without a session, and `GET /ping`, before anything that asks for credentials';

/** What is probed. */
interface Probed {
  readonly connections: ServerConnections;
}

const MCP_PING: ServerRequest = {
  method: 'POST',
  path: '/mcp',
  headers: ['Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream'],
  body: JSON.stringify({ jsonrpc: '2.0', id: 'health', method: 'ping' }),
};
const HTTP_PING: ServerRequest = { method: 'GET', path: '/ping', headers: [], body: undefined };
const REFUSALS: readonly number[] = [401, 403];
/** A body of /ping is a few words. */
const LONGEST_BODY = 4096;

/**
 * Asks a server how it is.
 *
 * MCP: a JSON-RPC ping without a session, and whatever is answered below 500 is healthy but a redirect, and
 * 401 and 403, since probes show no credentials. AgentCore was seen to do this (one report, February 2026), so a server that it breaks is better found here. It also makes a waiting
 * server run its way in once, which shortens the start of the session that gets it. HTTP: GET /ping (devguide, "HTTP
 * protocol contract").
 */
export async function probe(
  { connections }: Probed,
  { protocol, path = DEFAULT_PATHS.MCP }: Pick<RuntimeFeatures, 'protocol' | 'path'>,
  timeoutMs: number,
): Promise<Health> {
  const request = protocol === 'MCP' ? { ...MCP_PING, path } : HTTP_PING;
  const answer = await serverAnswer(connections, request, LONGEST_BODY, AbortSignal.timeout(timeoutMs));
  return answer.error === undefined ? healthOf(protocol, answer.status, answer.body) : 'unhealthy';
}

function healthOf(protocol: RuntimeProtocol, status: number, body: string): Health {
  if (protocol === 'MCP') {
    if (status >= 300 && status < 400) {
      return 'redirects';
    }
    if (REFUSALS.includes(status)) {
      return 'refuses';
    }
    return status < 500 ? 'healthy' : 'unhealthy';
  }
  if (REFUSALS.includes(status)) {
    return 'refuses';
  }
  if (status !== 200) {
    return 'unhealthy';
  }
  try {
    return (JSON.parse(body) as { status?: unknown }).status === 'HealthyBusy' ? 'busy' : 'healthy';
  } catch {
    return 'unhealthy';
  }
}
