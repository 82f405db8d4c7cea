import { McpServer } from '@modelcontextprotocol/server';
import { DEFAULT_MCP_PATH } from 'stateful-mcp-contract';
import { createMcpFetchHandler } from './fetch-handler';
import type { HttpHandler } from './http/http-face';

/** A process that was started for a session gets its first request earlier, and then needs no warm-up. */
const IDLE_MS = 50;
const PROTOCOL_VERSION = '2025-11-25';

/**
 * Runs one throw-away session while the process is idle. The first real session then does not pay for compilation and
 * the lazy schemas of the SDK.
 *
 * It has a server of its own: the author's factory is not called, nothing is logged, and nothing is kept.
 * @returns a function that cancels it
 */
export function warmUpWhenIdle(handler: HttpHandler): () => void {
  const timer = setTimeout(() => {
    if (handler.sessionCount === 0 && handler.openCallCount === 0) {
      void holdSession().catch(() => {});
    }
  }, IDLE_MS).unref();
  return () => clearTimeout(timer);
}

async function holdSession(): Promise<void> {
  const handler = createMcpFetchHandler(createServer, { logLevel: 'silent', path: DEFAULT_MCP_PATH });
  const send = async (message: object, sessionId?: string): Promise<Response> => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': PROTOCOL_VERSION,
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    };
    const response = await handler.fetch(
      new Request(`http://127.0.0.1${DEFAULT_MCP_PATH}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      }),
    );
    await response.text();
    return response;
  };
  try {
    const clientInfo = { name: 'warm-up', version: '1.0.0' };
    const { headers } = await send({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo },
    });
    const sessionId = headers.get('mcp-session-id') ?? '';
    await send({ method: 'notifications/initialized' }, sessionId);
    await send({ id: 2, method: 'tools/list' }, sessionId);
    await send({ id: 3, method: 'tools/call', params: { name: 'nothing', arguments: {} } }, sessionId);
  } finally {
    await handler.close();
  }
}

function createServer(): McpServer {
  const server = new McpServer({ name: 'warm-up', version: '1.0.0' });
  server.registerTool('nothing', { description: 'Does nothing.' }, () => ({ content: [] }));
  return server;
}
