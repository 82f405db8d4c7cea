import { connect, type ElicitRequestFormParams, type StatefulMcpClient } from 'stateful-mcp-client';
import { closeServers, listen } from './servers';

let client: StatefulMcpClient | undefined;

afterEach(async () => {
  await client?.close();
  client = undefined;
  await closeServers();
});

interface Step {
  /** Sent on the stream of the call. */
  readonly send: string | Record<string, unknown>;
  /** Whether the stream waits for an answer of the client. */
  readonly waits?: boolean;
}

/** A server whose only tool sends what it is told, waits for the answers, and gives them back as its result. */
async function serverThatSends(
  steps: readonly Step[],
  { refuse = 0 }: { refuse?: number } = {},
): Promise<{ url: string; posted: Record<string, unknown>[] }> {
  const posted: Record<string, unknown>[] = [];
  let answered: (answer: Record<string, unknown>) => void = () => undefined;
  const url = await listen((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
      }
      if (request.method !== 'POST') {
        response.writeHead(405).end();
        return;
      }
      const message = JSON.parse(Buffer.concat(chunks).toString()) as { id?: unknown; method?: string };
      posted.push(message);
      if (message.method === undefined) {
        response.writeHead(refuse || 202).end();
        answered(message);
        return;
      }
      if (message.id === undefined) {
        response.writeHead(202).end();
        return;
      }
      const json = { 'content-type': 'application/json' };
      if (message.method === 'initialize') {
        const result = {
          protocolVersion: '2025-11-25',
          capabilities: { tools: null },
          serverInfo: { name: 's', version: '1', title: null },
          instructions: null,
        };
        response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result, error: null }));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const answers: unknown[] = [];
      for (const { send, waits } of steps) {
        const answer = new Promise<Record<string, unknown>>(resolve => (answered = resolve));
        response.write(`data: ${typeof send === 'string' ? send : JSON.stringify({ jsonrpc: '2.0', ...send })}\n\n`);
        if (waits) {
          const { result, error } = await answer;
          answers.push(result ?? error);
        }
      }
      const content = [{ type: 'text', text: JSON.stringify(answers), annotations: null }];
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content, _meta: null } })}\n\n`);
    })();
  });
  return { url, posted };
}

/** Settles when the server was told that nobody waits for the call any more. */
async function cancelled(posted: readonly Record<string, unknown>[]): Promise<void> {
  while (!posted.some(({ method }) => method === 'notifications/cancelled')) {
    await new Promise(setImmediate);
  }
}

async function call(url: string, handlers: Parameters<typeof connect>[1] = {}): Promise<unknown[]> {
  client = await connect(url, {
    elicitation: () => ({ action: 'accept', content: {} }),
    sampling: () => ({ role: 'assistant', model: 'm', content: { type: 'text', text: 's' } }),
    ...handlers,
  });
  const { content } = await client.callTool('any');
  return JSON.parse((content[0] as { text: string }).text) as unknown[];
}

const MESSAGES = [{ role: 'user', content: { type: 'text', text: 'a', annotations: null } }];
const FORM = { type: 'object', properties: { a: { type: 'string' } } };

test.each([
  {
    method: 'sampling/createMessage',
    params: { messages: MESSAGES, maxTokens: 5, systemPrompt: null, temperature: null },
  },
  { method: 'sampling/createMessage', params: { messages: MESSAGES, maxTokens: 5, _meta: null, tools: null } },
  { method: 'elicitation/create', params: { message: 'q', requestedSchema: FORM, _meta: null, mode: null } },
  { method: 'elicitation/create', params: { message: 'q', requestedSchema: { ...FORM, required: null } } },
  { method: 'ping', params: null },
])('answers %j, whose nulls are absent', async question => {
  const { url } = await serverThatSends([{ send: { id: 7, ...question }, waits: true }]);
  expect(await call(url)).toEqual([expect.not.objectContaining({ code: expect.anything() as unknown })]);
});

test.each([
  [{ method: 'sampling/createMessage', params: { messages: 5 } }, -32602, '`params.messages`: expected array'],
  [{ method: 'sampling/createMessage' }, -32602, '`params`'],
  [{ method: 'sampling/createMessage', params: 5 }, -32600, '`params`: expected object'],
  [{ method: 'elicitation/create', params: { message: 'q' } }, -32602, '`params.requestedSchema` is not a JSON Schema'],
  [
    { method: 'elicitation/create', params: { message: null, requestedSchema: FORM } },
    -32602,
    '`message`: expected string',
  ],
  [{ method: 'elicitation/create', params: { mode: 'url', message: 'q' } }, -32602, '`params.url` is not a text'],
  [{ method: 'no/such', params: {} }, -32601, 'Method not found'],
])('refuses %j on one line', async (question, code, message) => {
  const { url } = await serverThatSends([{ send: { id: 'q-1', ...question }, waits: true }]);
  const [error] = (await call(url)) as { code: number; message: string }[];
  expect(error?.code).toBe(code);
  expect(error?.message).toContain(message);
  expect(error?.message).not.toContain('\n');
});

test.each([
  ['not JSON', '{"jsonrpc":', 'is not JSON'],
  ['no message', '{"jsonrpc":"2.0"}', 'neither a request nor a response'],
  ['a request without a usable id', '{"jsonrpc":"2.0","id":null,"method":"ping"}', 'the `id` of `ping` is null'],
  [
    'a notification that breaks its schema',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":5}',
    '`params`',
  ],
  ['a response to another request', '{"jsonrpc":"2.0","id":999,"result":{}}', 'answered request 999 instead'],
])('fails the call on whose stream there is %s', async (_what, sent, message) => {
  const { url, posted } = await serverThatSends([{ send: sent }, { send: { id: 1, method: 'roots/x' }, waits: true }]);
  await expect(call(url)).rejects.toMatchObject({
    code: 'ERR_INVALID_RESPONSE',
    message: expect.stringContaining(message) as string,
  });
  await cancelled(posted);
});

test.each([
  '[DONE]',
  '{}',
  '{"jsonrpc":"2.0","id":999,"result":{}}',
  '{"jsonrpc":"2.0","method":"notifications/progress","params":5}',
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"late"}}',
])('a call that has its response is not failed by what comes behind it: %s', async behind => {
  const response = { id: 1, result: { content: [{ type: 'text', text: '[]' }] } };
  const { url } = await serverThatSends([{ send: response }, { send: behind }]);
  expect(await call(url)).toEqual([]);
});

test('fails the call when its answer to a question is refused', async () => {
  const { url } = await serverThatSends(
    [
      { send: { id: 7, method: 'elicitation/create', params: { message: 'q', requestedSchema: FORM } }, waits: true },
      { send: { id: 8, method: 'no/such' }, waits: true },
      { send: { id: 9, method: 'no/such' }, waits: true },
    ],
    { refuse: 413 },
  );
  await expect(call(url)).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS', httpStatus: 413 });
});

test('reads the messages of a batch on a stream one by one', async () => {
  const asked: string[] = [];
  const question = (id: number, message: string): object => ({
    jsonrpc: '2.0',
    id,
    method: 'elicitation/create',
    params: { message, requestedSchema: FORM, _meta: null },
  });
  const progress = {
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: 'never', progress: 1 },
  };
  const { url, posted } = await serverThatSends([
    { send: JSON.stringify([progress, question(7, 'first')]), waits: true },
    { send: '[]' },
    { send: JSON.stringify([question(8, 'second'), progress]), waits: true },
  ]);
  const elicitation = ({ message }: { message: string }): { action: 'decline' } => {
    asked.push(message);
    return { action: 'decline' };
  };
  await call(url, { elicitation });
  expect(asked).toEqual(['first', 'second']);
  expect(posted.filter(({ result }) => result !== undefined)).toMatchObject([{ id: 7 }, { id: 8 }]);
});

test('takes a notification whose id is null for one', async () => {
  const params = { progressToken: 'never', progress: 1 };
  const { url } = await serverThatSends([
    { send: { id: null, method: 'notifications/progress', params } },
    { send: { id: null, method: 'notifications/tools/list_changed', params: null } },
  ]);
  expect(await call(url)).toEqual([]);
});

test('fails the call when a progress handler throws', async () => {
  const { url, posted } = await serverThatSends([
    { send: { method: 'notifications/progress', params: { progressToken: 1, progress: 1, total: null } } },
    { send: { id: 7, method: 'elicitation/create', params: { message: 'q', requestedSchema: FORM } }, waits: true },
  ]);
  const progress = (): never => {
    throw new Error('no screen');
  };
  const failed = call(url, { progress, elicitation: () => new Promise(() => undefined) });
  await expect(failed).rejects.toMatchObject({ code: 'ERR_PROGRESS_HANDLER' });
  await cancelled(posted);
});

test('counts a response that comes twice once', async () => {
  const twice = '{"jsonrpc":"2.0","id":"1","result":{"content":[{"type":"text","text":"[1]"}]}}';
  const { url } = await serverThatSends([{ send: twice }, { send: twice }]);
  expect(await call(url)).toEqual([1]);
});

test.each([
  [
    { anyOf: [{ type: 'string' }, { type: 'null' }], default: null, title: 'N' },
    { type: 'string', title: 'N' },
  ],
  [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, { type: 'integer' }],
  [{ type: ['string', 'null'] }, { type: 'string' }],
  [{ enum: ['x', 'y'] }, { type: 'string', enum: ['x', 'y'] }],
  [{ enum: ['x', null] }, { type: 'string', enum: ['x'] }],
  [{ const: 'x' }, { type: 'string', enum: ['x'] }],
  [
    { type: 'array', items: { enum: ['a'] } },
    { type: 'array', items: { type: 'string', enum: ['a'] } },
  ],
  [
    { type: 'array', items: { type: 'string' }, title: 'T' },
    { type: 'array', items: { type: 'string' }, title: 'T' },
  ],
  [
    { $ref: '#/$defs/C', title: 'T' },
    { type: 'string', enum: ['r', 'g'], title: 'T' },
  ],
  [
    { allOf: [{ $ref: '#/$defs/C' }], default: 'r' },
    { type: 'string', enum: ['r', 'g'], default: 'r' },
  ],
  [
    { type: 'number', exclusiveMinimum: 0 },
    { type: 'number', exclusiveMinimum: 0 },
  ],
])('hands the field %j on as %j', async (field, standard) => {
  const requestedSchema = { type: 'object', properties: { f: field }, $defs: { C: { enum: ['r', 'g'] } } };
  const { url } = await serverThatSends([
    { send: { id: 7, method: 'elicitation/create', params: { message: 'q', requestedSchema } }, waits: true },
  ]);
  const asked: ElicitRequestFormParams[] = [];
  const elicitation = (request: ElicitRequestFormParams): { action: 'decline' } => {
    asked.push(request);
    return { action: 'decline' };
  };
  expect(await call(url, { elicitation })).toEqual([{ action: 'decline' }]);
  expect(asked[0]?.requestedSchema.properties.f).toEqual(standard);
  expect(asked[0]).not.toHaveProperty('_meta');
});

test.each([
  [
    {
      elicitations: [{ mode: 'url', elicitationId: 'e', url: 'https://example.com/a', message: 'Log in', _meta: null }],
    },
    ['https://example.com/a'],
  ],
  [{ elicitations: null }, []],
  [undefined, []],
])('shows the pages of error -32042 with %j', async (data, pages) => {
  const { url } = await serverThatSends([{ send: { id: 1, error: { code: -32042, message: 'Authorize', data } } }]);
  const visited: string[] = [];
  const failed = call(url, { urlElicitation: page => (visited.push(page.url), { action: 'accept' }) });
  await expect(failed).rejects.toMatchObject({
    code: 'ERR_URL_ELICITATION_REQUIRED',
    message: expect.stringContaining(pages[0] ?? 'Authorize') as string,
  });
  expect(visited).toEqual(pages);
});
