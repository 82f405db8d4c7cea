import { request } from 'node:http';
import type { SessionProcess } from './session-process';

const PING = JSON.stringify({ jsonrpc: '2.0', id: 'health', method: 'ping' });

/**
 * Sends a waiting server a JSON-RPC ping without a session, whatever it answers.
 *
 * AgentCore was seen to do this (one report, February 2026), so a server that it breaks is better found here. It also makes the server run its way in once,
 * which shortens the start of the session that gets it.
 */
export function sendHealthProbe({ port, connections }: SessionProcess): void {
  const probe = request({
    host: '127.0.0.1',
    port,
    agent: connections,
    method: 'POST',
    path: '/mcp',
    headers: { 'content-type': 'application/json', 'accept': 'application/json, text/event-stream', 'content-length': PING.length },
  });
  probe.on('response', response => response.resume());
  probe.on('error', () => {});
  probe.end(PING);
}
