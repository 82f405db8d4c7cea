import { DEFAULT_PATHS, type RuntimeFeatures, type RuntimeProtocol } from '../model/runtime-definition';
import type { SessionProcess } from './session-process';
import type { ServerRequestHead } from '../http/server-connections';

/**
 * `busy`: it works on something although no request is open. `redirects`: it sends an MCP client elsewhere, where
 * AgentCore does not go.
 */
export type Health = 'healthy' | 'busy' | 'unhealthy' | 'redirects';

const PING = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 'health', method: 'ping' }));
const MCP_PING = {
  method: 'POST',
  lines: `Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: ${PING.length}\r\n`,
};
const HTTP_PING = { method: 'GET', lines: '' };
/** A body of /ping is a few words. */
const LONGEST_BODY = 4096;

/**
 * Asks a server how it is.
 *
 * MCP: a JSON-RPC ping without a session, and whatever is answered below 500 is healthy but a redirect. AgentCore was seen to do this
 * (one report, February 2026), so a server that it breaks is better found here; it also makes a waiting server run its
 * way in once, which shortens the start of the session that gets it. HTTP: GET /ping (devguide, "HTTP protocol
 * contract").
 */
export function probe(
  { port, connections }: SessionProcess,
  { protocol, path = DEFAULT_PATHS.MCP }: Pick<RuntimeFeatures, 'protocol' | 'path'>,
  timeoutMs: number,
): Promise<Health> {
  return new Promise(resolve => {
    let status = 0;
    let body = '';
    const finish = (health: Health): void => {
      clearTimeout(limit);
      resolve(health);
    };
    const target = protocol === 'MCP' ? MCP_PING : HTTP_PING;
    const head: ServerRequestHead = {
      ...target,
      path: protocol === 'MCP' ? path : '/ping',
      lines: `${target.lines}Host: 127.0.0.1:${port}\r\n`,
      chunked: false,
    };
    const request = connections.send(head, {
      onHead: answered => {
        status = answered;
      },
      onData: chunk => {
        if (body.length < LONGEST_BODY) {
          body += chunk.toString();
        }
      },
      onEnd: () => {
        finish(healthOf(protocol, status, body));
      },
      onPause: () => {},
      onFailure: () => {
        finish('unhealthy');
      },
    });
    const limit = setTimeout(() => {
      request.destroy();
      resolve('unhealthy');
    }, timeoutMs).unref();
    if (protocol === 'MCP') {
      request.write(PING);
    }
    request.end();
  });
}

function healthOf(protocol: RuntimeProtocol, status: number, body: string): Health {
  if (protocol === 'MCP') {
    if (status >= 300 && status < 400) {
      return 'redirects';
    }
    return status < 500 ? 'healthy' : 'unhealthy';
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
