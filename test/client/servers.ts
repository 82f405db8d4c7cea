// Real MCP servers to connect to: one on the v2 SDK (both eras), one on the v1 SDK, and a plain HTTP server that says
// what it is told.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer as V1Server } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport as V1Transport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  createMcpHandler,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  isInitializeRequest,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';

const open: (() => Promise<void>)[] = [];

/** Ends every server of the test. */
export async function closeServers(): Promise<void> {
  for (const close of open.splice(0)) {
    await close();
  }
}

/** Listens on a free port of the loopback interface. */
export async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  open.push(
    () =>
      new Promise<void>(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/** What a session server lets a test see and do. */
export interface SessionServer {
  readonly url: string;
  /** Every HTTP request: verb, JSON-RPC method, session id. */
  readonly requests: { verb: string; method?: string; sessionId?: string }[];
  /** Ids of the sessions it knows. */
  sessionIds(): string[];
  /** Loses every session, as when the process was replaced. */
  loseSessions(): void;
  /** Answers 404 to everything that is not `initialize` from now on. */
  refuseSessions(): void;
  /** Breaks the connections of every response that is still open. */
  breakStreams(): void;
}

interface Session {
  handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>;
}

async function sessionServer(
  start: (started: (id: string, session: Session) => void) => Promise<Session>,
): Promise<SessionServer> {
  const sessions = new Map<string, Session>();
  const requests: SessionServer['requests'] = [];
  const responses = new Set<ServerResponse>();
  let refusing = false;
  const url = await listen(
    (request, response) =>
      void (async () => {
        responses.add(response);
        response.on('close', () => responses.delete(response));
        const chunks: Buffer[] = [];
        for await (const chunk of request) {
          chunks.push(chunk as Buffer);
        }
        const text = Buffer.concat(chunks).toString();
        const body = text === '' ? undefined : (JSON.parse(text) as { method?: string });
        const sessionId = request.headers['mcp-session-id'] as string | undefined;
        requests.push({ verb: request.method ?? '', method: body?.method, sessionId });
        if (isInitializeRequest(body)) {
          const session = await start((id, started) => sessions.set(id, started));
          return session.handle(request, response, body);
        }
        const session = sessionId === undefined || refusing ? undefined : sessions.get(sessionId);
        if (session === undefined) {
          response.writeHead(404, { 'content-type': 'application/json' });
          response.end(
            JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }),
          );
          return;
        }
        if (request.method === 'DELETE') {
          sessions.delete(sessionId ?? '');
        }
        await session.handle(request, response, body);
      })(),
  );
  return {
    url,
    requests,
    sessionIds: () => [...sessions.keys()],
    loseSessions: () => sessions.clear(),
    refuseSessions: () => {
      refusing = true;
    },
    breakStreams: () => {
      for (const response of responses) {
        response.destroy();
      }
    },
  };
}

const AMOUNT = {
  type: 'object' as const,
  properties: {
    amount: { type: 'number' as const, minimum: 1 },
    currency: { type: 'string' as const, default: 'EUR' },
  },
  required: ['amount', 'currency'],
};
const ASK = { message: 'How much?', requestedSchema: AMOUNT };
const SAMPLE = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Say it' } }],
  maxTokens: 10,
  systemPrompt: 'Be short',
};

/** A server on the v1 SDK with tools that ask, sample, report progress, log, count and wait. */
export function v1Server(): Promise<SessionServer> {
  return sessionServer(async started => {
    const server = new V1Server({ name: 'v1', version: '1.0.0' }, { capabilities: { logging: {} } });
    let count = 0;
    server.registerTool('ask', { description: 'Asks' }, async extra => {
      const answer = await server.server.elicitInput(ASK, { relatedRequestId: extra.requestId });
      return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
    });
    server.registerTool('sample', { description: 'Samples' }, async extra => {
      const { content } = await server.server.createMessage(SAMPLE, { relatedRequestId: extra.requestId });
      return { content: [{ type: 'text', text: JSON.stringify(content) }] };
    });
    server.registerTool('work', { description: 'Reports progress' }, async extra => {
      const progressToken = extra._meta?.progressToken;
      for (let progress = 1; progress <= 3 && progressToken !== undefined; progress += 1) {
        await extra.sendNotification({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 3, message: `step ${progress}` },
        });
      }
      await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'worked' } });
      return { content: [{ type: 'text', text: 'done' }] };
    });
    server.registerTool('count', { description: 'Counts the calls of its session' }, () => ({
      content: [{ type: 'text', text: String((count += 1)) }],
    }));
    server.registerTool('wait', { description: 'Never ends' }, () => new Promise(() => undefined));
    const transport = new V1Transport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: id => started(id, session),
    });
    const session: Session = { handle: (request, response, body) => transport.handleRequest(request, response, body) };
    open.push(() => server.close());
    await server.connect(transport);
    return session;
  });
}

function v2Build(): McpServer {
  const server = new McpServer({ name: 'v2', version: '2.0.0' }, { capabilities: { logging: {} } });
  let count = 0;
  server.registerTool('ask', { description: 'Asks' }, ({ mcpReq }) => {
    const first = inputResponse(mcpReq.inputResponses, 'amount');
    if (first.kind === 'missing') {
      return inputRequired({ inputRequests: { amount: inputRequired.elicit(ASK) } });
    }
    return { content: [{ type: 'text', text: JSON.stringify(first) }] };
  });
  server.registerTool('visit', { description: 'Sends the user to a page' }, ({ mcpReq }) => {
    const first = inputResponse(mcpReq.inputResponses, 'page');
    if (first.kind === 'missing') {
      return inputRequired({
        inputRequests: { page: inputRequired.elicitUrl({ message: 'Sign in', url: 'https://example.com/sign-in' }) },
      });
    }
    return { content: [{ type: 'text', text: JSON.stringify(first) }] };
  });
  server.registerTool('sample', { description: 'Samples' }, ({ mcpReq }) => {
    const first = mcpReq.inputResponses?.said;
    if (first === undefined) {
      return inputRequired({ inputRequests: { said: inputRequired.createMessage(SAMPLE) } });
    }
    return { content: [{ type: 'text', text: JSON.stringify(first) }] };
  });
  server.registerTool(
    'ask_working',
    { description: 'Asks, and reports progress before and after' },
    async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken ?? '';
      const asked = inputResponse(mcpReq.inputResponses, 'amount').kind !== 'missing';
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress: asked ? 75 : 25, total: 100 },
      });
      await mcpReq.log('info', asked ? 'answered' : 'asking');
      if (!asked) {
        return inputRequired({ inputRequests: { amount: inputRequired.elicit(ASK) } });
      }
      return { content: [{ type: 'text', text: 'done' }] };
    },
  );
  server.registerTool(
    'count',
    {
      description: 'Counts',
      inputSchema: fromJsonSchema<{ by?: number }>({ type: 'object', properties: { by: { type: 'number' } } }),
    },
    ({ by = 1 }) => ({ content: [{ type: 'text', text: String((count += by)) }] }),
  );
  server.registerResource('note', 'note://one', { description: 'A note' }, uri => ({
    contents: [{ uri: uri.href, text: 'hello' }],
  }));
  server.registerPrompt('greet', { description: 'Greets' }, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: 'Hello' } }],
  }));
  return server;
}

/** A server on the v2 SDK that serves sessions and the modern era at one URL. */
export async function v2Server(): Promise<SessionServer> {
  const modern = createMcpHandler(v2Build, { legacy: 'reject' });
  const legacy = await sessionServer(async started => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: id => started(id, session),
    });
    const session: Session = {
      handle: async (request, response, body) => {
        await toNodeHandler({
          fetch: (web, handlerOptions) => transport.handleRequest(web, { ...handlerOptions, parsedBody: body }),
        })(request, response);
      },
    };
    const server = v2Build();
    open.push(() => server.close());
    await server.connect(transport);
    return session;
  });
  open.push(() => modern.close());
  const handle = toNodeHandler({
    fetch: async request => {
      if (!(await isLegacyRequest(request))) {
        return modern.fetch(request);
      }
      const { method, headers, signal } = request;
      return fetch(legacy.url, { method, headers, signal, body: method === 'POST' ? await request.text() : undefined });
    },
  });
  const url = await listen((request, response) => void handle(request, response));
  return { ...legacy, url };
}

/** Answers every request as it is told; remembers what it was asked. */
export async function scriptedServer(
  answer: (
    message: { id?: number; method?: string },
    request: IncomingMessage,
  ) => { status?: number; headers?: Record<string, string>; body?: unknown } | 'hang',
): Promise<{ url: string; verbs: string[] }> {
  const verbs: string[] = [];
  const url = await listen(
    (request, response) =>
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) {
          chunks.push(chunk as Buffer);
        }
        const text = Buffer.concat(chunks).toString();
        verbs.push(request.method ?? '');
        const answered = answer(text === '' ? {} : (JSON.parse(text) as { id?: number; method?: string }), request);
        if (answered === 'hang') {
          return;
        }
        const { status = 200, headers = {}, body } = answered;
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
      })(),
  );
  return { url, verbs };
}

/** The response of a scripted server to `initialize`. */
export function initialized(id: number | undefined): { headers: Record<string, string>; body: unknown } {
  return {
    headers: { 'mcp-session-id': 'session-1' },
    body: {
      jsonrpc: '2.0',
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'scripted', version: '1.0.0' },
      },
    },
  };
}
