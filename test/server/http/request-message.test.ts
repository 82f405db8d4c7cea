import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { closeKits, INITIALIZE, initialize, messagesOf, modernCall, openKit, post, type Kit } from '../kit';

afterEach(closeKits);

function register(server: McpServer): void {
  server.registerTool(
    'hello',
    { description: 'Says what it got.', inputSchema: z.object({ a: z.string().nullish() }) },
    interactive(async (args, io) => {
      await io.progress(1);
      return { content: [{ type: 'text', text: JSON.stringify(args) }] };
    }),
  );
  server.registerTool(
    'ask',
    { description: 'Asks.', inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      const answer = await io.elicit('Who?', z.object({ name: z.string(), nick: z.string().optional() }));
      return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
    }),
  );
  server.registerTool(
    'think',
    { description: 'Asks the model.', inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      const { content } = await io.sample({
        messages: [{ role: 'user', content: { type: 'text', text: 'Hm?' } }],
        maxTokens: 5,
      });
      return { content: [content] };
    }),
  );
  server.registerPrompt('p', { description: 'A prompt.', argsSchema: z.object({ x: z.string().optional() }) }, () => ({
    messages: [],
  }));
  server.registerResource('r', new ResourceTemplate('mem://{x}', { list: undefined }), {}, uri => ({
    contents: [{ uri: uri.href, text: 'x' }],
  }));
}

async function request(kit: Kit, id: string, method: string, params: unknown): Promise<Record<string, unknown>> {
  const response = await post(kit, { jsonrpc: '2.0', id: 1, method, params }, { 'mcp-session-id': id });
  return (await messagesOf(response)).at(-1)!;
}

describe('null is absent', () => {
  test.each([
    ['tools/call', { name: 'hello', arguments: null }],
    ['tools/call', { name: 'hello', arguments: {}, _meta: null }],
    ['tools/call', { name: 'hello', arguments: {}, _meta: { progressToken: null, 'example.com/own': null } }],
    ['tools/call', { name: 'hello', arguments: {}, task: null }],
    ['tools/list', { cursor: null }],
    ['tools/list', null],
    ['resources/templates/list', { cursor: null, _meta: null }],
    ['resources/read', { uri: 'mem://r', _meta: null }],
    ['prompts/list', { cursor: null }],
    ['prompts/get', { name: 'p', arguments: null }],
    ['prompts/get', { name: 'p', arguments: { x: null } }],
    ['logging/setLevel', { level: 'info', _meta: null }],
  ])('in %s %j', async (method, params) => {
    const kit = openKit(register);
    expect(await request(kit, await initialize(kit), method, params)).toHaveProperty('result');
  });

  test.each([
    { _meta: null },
    { capabilities: { elicitation: null, sampling: null, roots: null, experimental: null, extensions: null } },
    { capabilities: { elicitation: { form: {}, url: null }, roots: { listChanged: null } } },
    { capabilities: { sampling: { tools: null, context: null }, experimental: { 'example.com/x': null } } },
    { clientInfo: { name: 'x', version: '1', title: null, icons: null, websiteUrl: null, description: null } },
  ])('in `initialize` with %j', async params => {
    const kit = openKit(register);
    const response = await post(kit, { ...INITIALIZE, params: { ...INITIALIZE.params, ...params } });
    expect(response.headers.get('mcp-session-id')).not.toBeNull();
    await response.text();
  });

  test.each([
    ['ask', { action: 'decline', content: null }, '{"action":"decline"}'],
    [
      'ask',
      { action: 'accept', content: { name: 'Ann', nick: null }, _meta: null },
      '{"action":"accept","content":{"name":"Ann"}}',
    ],
    [
      'think',
      {
        role: 'assistant',
        model: 'm',
        stopReason: null,
        _meta: null,
        content: { type: 'text', text: 'So.', annotations: null, _meta: null },
      },
      'So.',
    ],
  ])('in an answer to `%s`: %j, in the modern era', async (name, answer, text) => {
    const kit = openKit(register);
    const first = (await modernCall(kit, { name })).result!;
    const { result } = await modernCall(kit, {
      name,
      requestState: first.requestState,
      inputResponses: { [Object.keys(first.inputRequests!)[0]!]: answer },
    });
    expect(result?.content?.[0]?.text).toBe(text);
  });

  test('in a modern request', async () => {
    const kit = openKit(register);
    const { result } = await modernCall(kit, {
      name: 'hello',
      requestState: null,
      inputResponses: null as unknown as Record<string, unknown>,
      arguments: null as unknown as Record<string, unknown>,
      capabilities: { elicitation: null },
      meta: { progressToken: null },
    });
    expect(result?.content?.[0]?.text).toBe('{}');
  });

  test('but not inside what belongs to the author', async () => {
    const kit = openKit(register);
    const { result } = await request(kit, await initialize(kit), 'tools/call', {
      name: 'hello',
      arguments: { a: null },
    });
    expect(result).toMatchObject({ content: [{ text: '{"a":null}' }] });
  });

  test('and not where it is the answer itself: an error without a result, a request without an id', async () => {
    const kit = openKit(register);
    const headers = { 'mcp-session-id': await initialize(kit) };
    const answer = { jsonrpc: '2.0', id: 9, result: null, error: { code: -1, message: 'no' } };
    expect((await post(kit, answer, headers)).status).toBe(202);
    expect((await post(kit, { jsonrpc: '2.0', id: null, method: 'tools/list' }, headers)).status).toBe(400);
  });
});

describe('parameters that do not fit', () => {
  const WRONG: [string, unknown][] = [
    ['logging/setLevel', { level: 'verbose' }],
    ['logging/setLevel', { level: null }],
    ['tools/list', { cursor: 5 }],
    ['prompts/get', {}],
    ['prompts/get', { name: 'p', arguments: 'x' }],
    ['resources/read', {}],
    ['resources/read', { uri: null }],
    ['resources/read', { uri: 7 }],
    ['tools/call', { arguments: {} }],
    ['tools/call', { name: 'hello', arguments: 'x' }],
    ['completion/complete', { ref: { type: 'ref/none' } }],
  ];
  test.each(WRONG)('are an error of the request: %s %j', async (method, params) => {
    const kit = openKit(register);
    const { error } = await request(kit, await initialize(kit), method, params);
    expect(error).toMatchObject({ code: -32602, message: expect.not.stringContaining('\n') as string });
  });

  test.each(WRONG)('without sessions: %s %j', async (method, params) => {
    const [message] = await messagesOf(
      await post(openKit(register, { stateless: true }), { jsonrpc: '2.0', id: 1, method, params }),
    );
    expect(message).toMatchObject({ id: 1, error: { code: -32602 } });
  });

  test.each<[string, Record<string, unknown>]>([
    ['tools/call', { name: 'hello', arguments: 'x' }],
    ['prompts/get', { name: 'p', arguments: 'x' }],
    ['resources/read', { name: 'mem://r', uri: 7 }],
  ])('in the modern era: %s %j', async (method, params) => {
    const { error } = await modernCall(openKit(register), { method, name: 'x', ...params });
    expect(error?.code).toBe(-32602);
  });

  test.each<[unknown, number]>([
    [{ ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: 3 } }, -32602],
    [{ ...INITIALIZE, params: { ...INITIALIZE.params, clientInfo: null } }, -32602],
    [{ ...INITIALIZE, params: undefined }, -32602],
    [{ ...INITIALIZE, id: null }, -32600],
    [{ ...INITIALIZE, jsonrpc: '1.0' }, -32600],
    [[INITIALIZE], -32600],
    [[{ jsonrpc: '2.0', id: 1, method: 'ping' }, INITIALIZE], -32600],
  ])('of `initialize` are named: %j', async (body, code) => {
    const [message] = await messagesOf(await post(openKit(register), body));
    const words = Array.isArray(body)
      ? (expect.stringContaining('must not be part of a batch') as string)
      : (expect.not.stringContaining('start a session') as string);
    expect(message).toMatchObject({ error: { code, message: words } });
  });

  test('are those of a message that is too deep, and not of a wide one', async () => {
    const kit = openKit(register);
    const id = await initialize(kit);
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
    expect(deep).toBeDefined();
    const sent = (head: string): Promise<Response> =>
      kit.fetch('http://kit.test/mcp', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': id,
        },
        body: `{"jsonrpc":"2.0",${head},"params":{"name":"hello","arguments":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`,
      });
    const response = await sent('"id":1,"method":"tools/call"');
    // AgentCore hides the body of a 400.
    expect(response.status).toBe(200);
    expect(await messagesOf(response)).toMatchObject([{ id: 1, error: { code: -32602 } }]);
    const unanswerable = await sent('"method":"notifications/message"');
    expect(unanswerable.status).toBe(400);
    expect(await messagesOf(unanswerable)).toMatchObject([{ id: null, error: { code: -32602 } }]);
    const wide = await request(kit, id, 'tools/call', {
      name: 'hello',
      arguments: { b: Array<number>(300_000).fill(1) },
    });
    expect(wide).toHaveProperty('result');
  });
});

describe('an answer that is none', () => {
  const refused = 'has neither a `result` that is an object nor an `error` with `code` and `message`';

  test.each([
    { result: 'accept' },
    { result: null },
    { result: [] },
    { error: 'no' },
    { error: { message: 'no' } },
    { error: { code: -1 } },
    {},
  ])('%j is refused, and ends its question at once', async answer => {
    const kit = openKit(register);
    const opened = await post(kit, {
      ...INITIALIZE,
      params: { ...INITIALIZE.params, capabilities: { elicitation: {} } },
    });
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id')! };
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'ask', arguments: {} } };
    const reader = (await post(kit, call, session)).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (part: string): Promise<void> => {
      while (!text.includes(part)) {
        const { value, done } = await reader.read();
        expect(done).toBe(false);
        text += value ?? '';
      }
    };
    await until('"elicitation/create"');
    const [, question] = /"id":(\d+)/.exec(text)!;
    const response = await post(kit, { jsonrpc: '2.0', id: Number(question), ...answer }, session);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: -32600, message: expect.stringContaining(refused) as string },
    });
    await until('"isError":true');
    expect(text).toContain(refused);
    await reader.cancel();
  });

  test('does not keep the requests of its batch from being answered', async () => {
    const kit = openKit(register);
    const headers = { 'mcp-session-id': await initialize(kit) };
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
    const response = await post(kit, [{ jsonrpc: '2.0', id: 1, result: 'x' }, list], headers);
    expect(response.status).toBe(200);
    expect(await messagesOf(response)).toMatchObject([{ id: 2, result: {} }]);
    const refused = await post(
      kit,
      [
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { jsonrpc: '2.0', id: 1 },
      ],
      headers,
    );
    expect(refused.status).toBe(400);
  });

  test('is refused without a session, too', async () => {
    const response = await post(openKit(register), { jsonrpc: '2.0', id: 1, result: 'x' });
    expect(response.status).toBe(400);
  });
});

test('the id of a notification may be null', async () => {
  const kit = openKit(register);
  const session = { 'mcp-session-id': await initialize(kit) };
  for (const method of ['notifications/initialized', 'notifications/roots/list_changed']) {
    expect((await post(kit, { jsonrpc: '2.0', id: null, method, params: null }, session)).status).toBe(202);
  }
  expect((await post(kit, { jsonrpc: '2.0', id: null, method: 'ping' }, session)).status).toBe(400);
});
