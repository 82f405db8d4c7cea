// A server that does what a request tells it to: answers with a status, stays silent, breaks off, says more than it may,
// uses memory, fails its probes. It speaks just so much MCP as that needs, since a server kit would not do most of it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What one request may ask for; in this order it is done. */
interface Orders {
  /** From now on probes get this status, and `GET /ping` says this. */
  readonly probes?: { readonly status: number; readonly state: string };
  /** MiB of memory to fill, 64 at a time. */
  readonly fillMiB?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Messages for an event stream, each in an event. */
  readonly events?: readonly unknown[];
  /** Characters of one event more. */
  readonly eventCharacters?: number;
  /** Between the head of the answer and its end, in ms; without events, before its head. */
  readonly waitMs?: number;
  /** Ends the connection instead of the answer. */
  readonly breakOff?: boolean;
  /** Answers before the body was read. */
  readonly early?: boolean;
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Orders;
}

const MIB = 2 ** 20;
const FILLED_AT_ONCE_MIB = 64;
/** The names of others are told; their values may be secret. */
const TOLD =
  /^(mcp-|x-amzn-bedrock-agentcore-runtime-(session-id|custom-)|x-integ|last-event-id|accept|traceparent$|user-agent$)/;

const seen: Record<string, unknown>[] = [];
const filled: Buffer[] = [];
const process_ = crypto.randomUUID();
let probes = { status: 200, state: 'Healthy' };

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?')[0];
  const headers = Object.entries(request.headers).map(([name, value]) => [name, TOLD.test(name) ? value : '…']);
  const entry: Record<string, unknown> = {
    at: new Date().toISOString(),
    method: request.method,
    path,
    headers: Object.fromEntries(headers) as unknown,
  };
  seen.push(entry);
  seen.splice(0, seen.length - 200);
  if (path === '/ping') {
    answer(response, probes.status, { status: probes.state });
    return;
  }
  if (request.headers['x-integ-early'] !== undefined) {
    answer(response, 200, { jsonrpc: '2.0', id: 1, result: { early: true } });
    return;
  }
  const message = (await body(request)) as Message;
  entry.message = message.method;
  if (message.method === 'ping') {
    answer(response, probes.status, { jsonrpc: '2.0', id: message.id, result: {} });
  } else if (message.method === 'tell') {
    answer(response, 200, { jsonrpc: '2.0', id: message.id, result: { process: process_, seen } });
  } else if (message.id === undefined || message.method === undefined) {
    response.writeHead(202).end();
  } else {
    await obey(message, response);
  }
}

async function obey({ id, params: orders = {} }: Message, response: ServerResponse): Promise<void> {
  probes = orders.probes ?? probes;
  for (let rest = orders.fillMiB ?? 0; rest > 0; rest -= FILLED_AT_ONCE_MIB) {
    filled.push(Buffer.alloc(FILLED_AT_ONCE_MIB * MIB, 1));
    await pause(50);
  }
  const result = { jsonrpc: '2.0', id, result: { process: process_, obeyed: true } };
  if (orders.events === undefined) {
    await pause(orders.waitMs ?? 0);
    if (orders.breakOff === true) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"jsonrpc"');
      await pause(200);
      response.destroy();
      return;
    }
    answer(response, orders.status ?? 200, result, orders.headers);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...orders.headers });
  const events = [...orders.events];
  if (orders.eventCharacters !== undefined) {
    const data = 'x'.repeat(orders.eventCharacters);
    events.push({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data } });
  }
  for (const event of events) {
    response.write(`event: message\ndata: ${JSON.stringify(event)}\n\n`);
  }
  await pause(orders.waitMs ?? 0);
  if (orders.breakOff === true) {
    response.destroy();
    return;
  }
  response.end(`event: message\ndata: ${JSON.stringify(result)}\n\n`);
}

function answer(
  response: ServerResponse,
  status: number,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content));
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return {};
  }
}

// The end of a microVM, as far as its log can tell it.
process.on('SIGTERM', () => {
  const startedAt = Date.now();
  console.log(`integ ${process_} SIGTERM`);
  setInterval(() => console.log(`integ ${process_} lives ${Date.now() - startedAt} ms after SIGTERM`), 500);
});

const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});
server.listen(Number(process.env.PORT ?? 8000), process.env.HOST ?? '0.0.0.0', () =>
  console.log(`integ ${process_} up`),
);
// For protocol HTTP, whose port AgentCore does not tell.
if (process.env.PORT === undefined) {
  createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  }).listen(8080, '0.0.0.0');
}
