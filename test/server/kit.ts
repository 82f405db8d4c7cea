// A server of the kit without a port, for tests that speak HTTP to it in this process.
import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import {
  createMcpFetchHandler,
  type FetchHandlerOptions,
  type McpFetchHandler,
  type LogEntry,
} from 'stateful-mcp-server';

export const URL_OF_KIT = 'http://kit.test/mcp';

export interface Kit {
  readonly handler: McpFetchHandler;
  readonly log: LogEntry[];
  /** For clients and for requests written by hand. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
}

const opened: McpFetchHandler[] = [];

export async function closeKits(): Promise<void> {
  await Promise.all(opened.splice(0).map(handler => handler.close()));
}

/** @param register - adds tools and the like to each new server instance */
export function openKit(register: (server: McpServer) => void, options: FetchHandlerOptions = {}): Kit {
  const log: LogEntry[] = [];
  const handler = createMcpFetchHandler(
    () => {
      const server = new McpServer({ name: 'kit', version: '1.0.0' }, { capabilities: { logging: {}, tools: {} } });
      register(server);
      return server;
    },
    { log: entry => log.push(entry), ...options },
  );
  opened.push(handler);
  return { handler, log, fetch: (url, init) => handler.fetch(new Request(url, init)) };
}

export const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1.0.0' } },
};

export function post(kit: Kit, message: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return kit.fetch(URL_OF_KIT, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: JSON.stringify(message),
  });
}

/** Starts a session by hand and gives its id back. */
export async function initialize(kit: Kit, headers: Record<string, string> = {}): Promise<string> {
  const response = await post(kit, INITIALIZE, headers);
  await response.text();
  return response.headers.get('mcp-session-id')!;
}

/** The JSON-RPC messages of a response, be it JSON or an event stream. */
export async function messagesOf(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return text ? [JSON.parse(text) as Record<string, unknown>] : [];
  }
  return text
    .split('\n')
    .filter(line => line.startsWith('data: ') && line.length > 6)
    .map(line => JSON.parse(line.slice(6)) as Record<string, unknown>);
}

export interface ModernCall {
  readonly method?: string;
  readonly name: string;
  readonly uri?: string;
  readonly arguments?: Record<string, unknown>;
  readonly capabilities?: Record<string, unknown>;
  readonly inputResponses?: Record<string, unknown>;
  readonly requestState?: unknown;
  readonly meta?: Record<string, unknown>;
}

/** A request of the modern era, written by hand. */
export function modernRequest(
  { method = 'tools/call', name, capabilities = { elicitation: {}, sampling: {} }, meta, ...params }: ModernCall,
  signal?: AbortSignal,
): RequestInit {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  return {
    method: 'POST',
    headers: { ...JSON_HEADERS, 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, 'mcp-name': name },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: { name, arguments: {}, ...params, _meta: { ...envelope, ...meta } },
    }),
    ...(signal && { signal }),
  };
}

export interface ModernAnswer {
  readonly status: number;
  readonly messages: Record<string, unknown>[];
  readonly error?: { code: number; message: string; data?: Record<string, unknown> };
  readonly result?: {
    resultType: string;
    isError?: boolean;
    content?: { type: string; text: string }[];
    inputRequests?: Record<string, { method: string; params: Record<string, unknown> }>;
    requestState?: string;
  };
}

export async function modernCall(kit: Kit, call: ModernCall): Promise<ModernAnswer> {
  const response = await kit.fetch(URL_OF_KIT, modernRequest(call));
  const messages = await messagesOf(response);
  return { ...(messages.at(-1) as Omit<ModernAnswer, 'status' | 'messages'>), status: response.status, messages };
}

/** A tool that answers at once. */
export function echo(server: McpServer): void {
  server.registerTool('echo', { description: 'Answers.', inputSchema: z.object({}) }, () => ({
    content: [{ type: 'text', text: 'ok' }],
  }));
}
