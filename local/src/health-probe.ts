import { request, type IncomingMessage } from 'node:http';
import type { RuntimeProtocol } from './runtime-definition';
import type { SessionProcess } from './session-process';

/** `busy`: it works on something although no request is open. */
export type Health = 'healthy' | 'busy' | 'unhealthy';

const PING = JSON.stringify({ jsonrpc: '2.0', id: 'health', method: 'ping' });
const PING_HEADERS = { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream', 'content-length': PING.length };
// A body of /ping is a few words.
const LONGEST_BODY = 4096;

/**
 * Asks a server how it is.
 *
 * MCP: a JSON-RPC ping without a session, and whatever is answered below 500 is healthy. AgentCore was seen to do this (one report, February 2026), so a server
 * that it breaks is better found here; it also makes a waiting server run its way in once, which shortens the start of the session that gets it.
 * HTTP: GET /ping (devguide, "HTTP protocol contract").
 */
export function probe({ port, connections }: SessionProcess, protocol: RuntimeProtocol, timeoutMs: number): Promise<Health> {
  return new Promise((resolve) => {
    const target = protocol === 'MCP' ? { method: 'POST', path: '/mcp', headers: PING_HEADERS } : { method: 'GET', path: '/ping' };
    const sent = request({ host: '127.0.0.1', port, agent: connections, ...target });
    let answered = false;
    const limit = setTimeout(() => { sent.destroy(); }, timeoutMs).unref();
    sent.on('response', (response) => {
      answered = true;
      void healthOf(response, protocol).then(resolve);
    });
    sent.on('error', () => {});
    sent.on('close', () => {
      clearTimeout(limit);
      if (!answered) resolve('unhealthy');
    });
    sent.end(protocol === 'MCP' ? PING : undefined);
  });
}

async function healthOf(response: IncomingMessage, protocol: RuntimeProtocol): Promise<Health> {
  const { statusCode = 500 } = response;
  const isHealthy = protocol === 'MCP' ? statusCode < 500 : statusCode === 200;
  if (protocol === 'MCP' || !isHealthy) {
    response.resume();
    return isHealthy ? 'healthy' : 'unhealthy';
  }
  let body = '';
  try {
    for await (const chunk of response) if (body.length < LONGEST_BODY) body += String(chunk);
    return (JSON.parse(body) as { status?: unknown }).status === 'HealthyBusy' ? 'busy' : 'healthy';
  } catch {
    return 'unhealthy';
  }
}
