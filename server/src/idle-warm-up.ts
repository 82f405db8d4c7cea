import { McpServer } from '@modelcontextprotocol/server';
import { DEFAULT_MCP_PATH } from 'stateful-mcp-contract';
import { createMcpFetchHandler } from './fetch-handler';
import type { HttpHandler } from './http/http-face';
import { OwnConversation } from './warm-up/own-conversation';

/** A process that was started for a session gets its first request earlier, and then needs no warm-up. */
const IDLE_MS = 50;
const TIME_LIMIT_MS = 10_000;

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
  const conversation = new OwnConversation(handler, DEFAULT_MCP_PATH, AbortSignal.timeout(TIME_LIMIT_MS));
  try {
    await conversation.initialize();
    await conversation.request('tools/list');
    await conversation.request('tools/call', { name: 'nothing', arguments: {} });
  } finally {
    await handler.close();
  }
}

function createServer(): McpServer {
  const server = new McpServer({ name: 'warm-up', version: '1.0.0' });
  server.registerTool('nothing', { description: 'Does nothing.' }, () => ({ content: [] }));
  return server;
}
