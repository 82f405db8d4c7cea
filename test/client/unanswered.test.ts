import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type ConnectOptions } from 'stateful-mcp-client';
import { closeServers, initialized, listen } from './servers';

afterEach(closeServers);

interface Message {
  readonly id?: number;
  readonly method?: string;
}

type Answer = (response: ServerResponse, message: Message) => void;

const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM = { 'content-type': 'text/event-stream' };
const FORM = { type: 'object', properties: { a: { type: 'string' } } };

async function messageOf(request: IncomingMessage): Promise<Message> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Message);
}

const done = ({ id }: Message, text: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });

/** A server that answers by its rules, and where there is none as the protocol has it. */
async function serverThatAnswers(rules: Readonly<Record<string, Answer>>): Promise<string> {
  let waiting: ((answer: Message) => void) | undefined;
  return await listen((request, response) => {
    void messageOf(request).then(async message => {
      const { method, id } = message;
      const rule = rules[method ?? (id === undefined ? (request.method ?? '') : 'answer')];
      if (method === undefined && id !== undefined) {
        waiting?.(message);
      }
      if (rule) {
        rule(response, message);
      } else if (method === 'initialize') {
        const { headers, body } = initialized(id);
        response.writeHead(200, { ...JSON_TYPE, ...headers }).end(JSON.stringify(body));
      } else if (method === 'tools/call') {
        response.writeHead(200, STREAM);
        const answered = new Promise<Message>(resolve => (waiting = resolve));
        const question = { jsonrpc: '2.0', id: 7, method: 'elicitation/create' };
        const params = { message: 'q', requestedSchema: FORM };
        response.write(`data: ${JSON.stringify({ ...question, params })}\n\n`);
        await answered;
        response.end(`data: ${done(message, 'asked')}\n\n`);
      } else {
        response.writeHead(request.method === 'POST' ? 202 : 405).end();
      }
    });
  });
}

async function talk(url: string, options: ConnectOptions = {}): Promise<unknown> {
  const client = await connect(url, { elicitation: () => ({ action: 'decline' }), ...options });
  try {
    return (await client.callTool('any')).content[0];
  } finally {
    await client.close();
  }
}

test.each<[string, Answer]>([
  ['without a body', response => response.writeHead(202).end()],
  ['with the answer in its body', (response, message) => response.writeHead(202, JSON_TYPE).end(done(message, 'x'))],
  ['that stays open', response => response.writeHead(202).flushHeaders()],
])('a request that gets 202 %s fails at once', async (_what, accept) => {
  const failure = { code: 'ERR_INVALID_RESPONSE', message: expect.stringContaining('202') as string };
  for (const method of ['initialize', 'tools/call']) {
    await expect(talk(await serverThatAnswers({ [method]: accept }))).rejects.toMatchObject(failure);
  }
  for (const era of ['modern', 'auto'] as const) {
    await expect(talk(await serverThatAnswers({ 'server/discover': accept }), { era })).rejects.toMatchObject(failure);
  }
});

test.each<[string, Answer]>([
  ['an event stream', response => response.writeHead(200, STREAM).flushHeaders()],
  ['a body that does not end', response => response.writeHead(200, JSON_TYPE).write('{')],
  ['202 and a body that does not end', response => response.writeHead(202).flushHeaders()],
  ['an error of no request', response => response.writeHead(200, JSON_TYPE).end('{"jsonrpc":"2.0","id":null}')],
])('nobody waits for the end of %s that a notification or an answer gets', async (_what, respond) => {
  const url = await serverThatAnswers({ 'notifications/initialized': respond, answer: respond });
  expect(await talk(url)).toMatchObject({ text: 'asked' });
});

test.each<[string, Answer]>([
  ['at once', response => response.destroy()],
  ['in an orderly way', response => response.socket!.end()],
  ['by a reset', response => response.socket!.resetAndDestroy()],
])('a call whose connection ends %s before its answer may have done its work', async (_how, end) => {
  await expect(talk(await serverThatAnswers({ 'tools/call': end }))).rejects.toMatchObject({
    code: 'ERR_CONNECTION_FAILED',
    message: expect.stringMatching(/ broke before an answer came \(\w+\): .* look at its log.* is unknown/) as string,
  });
});

test('a handshake whose end the server does not take is over with its time', async () => {
  const url = await serverThatAnswers({ 'notifications/initialized': () => undefined });
  await expect(talk(url, { connectTimeoutMs: 200 })).rejects.toMatchObject({
    code: 'ERR_CONNECT_TIMEOUT',
    message: expect.stringContaining('`notifications/initialized`') as string,
  });
});

test.each<[string, string, Answer]>([
  [
    'a web page',
    'ERR_INVALID_RESPONSE',
    response => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  ],
  ['nothing', 'ERR_INVALID_RESPONSE', response => response.writeHead(204).end()],
  ['what is no message', 'ERR_INVALID_RESPONSE', response => response.writeHead(200, JSON_TYPE).end('{}')],
  ['an empty stream', 'ERR_CALL_INTERRUPTED', response => response.writeHead(200, STREAM).end()],
])('a server that answers the question for its versions by %s is no server of another version', async (...row) => {
  const [, code, respond] = row;
  for (const era of ['modern', 'auto'] as const) {
    const url = await serverThatAnswers({ 'server/discover': respond });
    await expect(talk(url, { era })).rejects.toMatchObject({ code });
  }
});

test.each([['\r'], ['\n'], ['\r\n']])('reads a stream whose lines end in %j while it stays open', async end => {
  const url = await serverThatAnswers({
    'tools/call': (response, message) => {
      response.writeHead(200, STREAM).write(`event: message${end}data: ${done(message, 'read')}${end}${end}`);
    },
  });
  expect(await talk(url)).toMatchObject({ text: 'read' });
});

test('a line end that comes in two pieces is one', async () => {
  const url = await serverThatAnswers({
    'tools/call': (response, message) => {
      response.writeHead(200, STREAM).flushHeaders();
      const pieces = ['event: message\r', '\ndata: ', `${done(message, 'read')}\r`, '\n\r', '\n'];
      const send = (): void => {
        const piece = pieces.shift();
        if (piece === undefined) {
          response.end();
        } else {
          response.write(piece, () => setImmediate(send));
        }
      };
      send();
    },
  });
  expect(await talk(url)).toMatchObject({ text: 'read' });
});

const circle: Record<string, unknown> = {};
circle.circle = circle;

test.each([[1n], [circle]])('says of arguments that JSON cannot hold what is wrong with them', async value => {
  const client = await connect(await serverThatAnswers({}));
  try {
    await expect(client.callTool('any', { value })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringMatching(/^the arguments of `tools\/call` cannot be sent as JSON: .+$/) as string,
    });
  } finally {
    await client.close();
  }
});
