import { McpServer } from '@modelcontextprotocol/server';
import { RUNTIME_USER_ID } from 'stateful-mcp-contract';
import * as z from 'zod';
import { createMcpFetchHandler, type FetchHandlerOptions } from 'stateful-mcp-server';
import { closeClients, connectClient, LEGACY_KINDS, textOf } from '../clients';
import { closeKits, INITIALIZE, initialize, JSON_HEADERS, messagesOf, openKit, post, URL_OF_KIT } from '../kit';
import { counting, LIST } from './counting-kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

test.each(LEGACY_KINDS)('%s: two sessions do not see each other', async kind => {
  const kit = counting();
  const [one, two] = [await connectClient(kind, URL_OF_KIT, kit), await connectClient(kind, URL_OF_KIT, kit)];
  expect(one.sessionId).not.toBe(two.sessionId);
  expect(textOf(await one.call('count')) + textOf(await one.call('count')) + textOf(await two.call('count'))).toBe(
    '121',
  );
});

test('answers 404 with -32001 for an id that it does not know, to every verb', async () => {
  const kit = counting();
  for (const init of [{ method: 'POST', body: JSON.stringify(LIST) }, { method: 'GET' }, { method: 'DELETE' }]) {
    const response = await kit.fetch(URL_OF_KIT, {
      ...init,
      headers: { ...JSON_HEADERS, 'mcp-session-id': 'unknown' },
    });
    expect({ status: response.status, body: (await response.json()) as unknown }).toMatchObject({
      status: 404,
      body: { error: { code: -32001, message: 'Session not found' } },
    });
  }
});

test('answers 400 without an id', async () => {
  const response = await post(counting(), LIST);
  expect({ status: response.status, body: (await response.json()) as unknown }).toMatchObject({
    status: 400,
    body: { id: 1, error: { code: -32000 } },
  });
});

test('adopts an id that the platform supplies on initialize', async () => {
  const kit = counting();
  const supplied = '0f5b3c8e-9a51-4b0f-8a43-5f0f6a0e7c11';
  expect(
    await initialize(kit, {
      'mcp-session-id': supplied,
      'x-amzn-bedrock-agentcore-runtime-session-id': 'x'.repeat(40),
    }),
  ).toBe(supplied);
  const response = await post(kit, LIST, { 'mcp-session-id': supplied });
  expect(response.status).toBe(200);
  expect(await messagesOf(response)).toMatchObject([{ result: { tools: [{ name: 'count' }, { name: 'ask' }] } }]);
});

test.each(['has space', '-dash-first', 'x'.repeat(101), 'semi;colon'])(
  'gives an id of its own for one that could not be given back: %s',
  async supplied => {
    expect(await initialize(counting(), { 'mcp-session-id': supplied })).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  },
);

test('refuses to initialize a session again', async () => {
  const kit = counting();
  const id = await initialize(kit);
  expect((await post(kit, INITIALIZE, { 'mcp-session-id': id })).status).toBe(400);
});

test('opens one session when the same id is initialized twice at once', async () => {
  const kit = counting();
  const responses = await Promise.all([1, 2].map(() => post(kit, INITIALIZE, { 'mcp-session-id': 'twice' })));
  expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(kit.handler.sessionCount).toBe(1);
});

test('opens none when initialize is refused', async () => {
  const closed = jest.fn();
  const kit = openKit(server => {
    server.server.onclose = closed;
  });
  const response = await kit.fetch(URL_OF_KIT, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/html' },
    body: JSON.stringify(INITIALIZE),
  });
  expect({ status: response.status, sessions: kit.handler.sessionCount }).toEqual({ status: 406, sessions: 0 });
  // The request was refused before there was a server instance that could stay behind.
  expect(closed).not.toHaveBeenCalled();
});

test('ends a session by DELETE', async () => {
  const kit = counting();
  const id = await initialize(kit);
  expect((await kit.fetch(URL_OF_KIT, { method: 'DELETE', headers: { 'mcp-session-id': id } })).status).toBe(200);
  expect((await post(kit, LIST, { 'mcp-session-id': id })).status).toBe(404);
  expect(kit.handler.sessionCount).toBe(0);
});

test('answers 503 beyond the cap', async () => {
  const kit = counting({ maxSessions: 1 });
  const id = await initialize(kit);
  const refused = await post(kit, INITIALIZE);
  expect({ status: refused.status, body: (await refused.json()) as unknown }).toMatchObject({
    status: 503,
    body: { error: { message: expect.stringContaining('1 sessions are open already') as string } },
  });
  await kit.fetch(URL_OF_KIT, { method: 'DELETE', headers: { 'mcp-session-id': id } });
  expect((await post(kit, INITIALIZE)).status).toBe(200);
});

test('an id that it does not know is not known either when it is full', async () => {
  const kit = counting({ maxSessions: 1 });
  await initialize(kit);
  expect((await post(kit, LIST, { 'mcp-session-id': 'unknown' })).status).toBe(404);
});

test('opens none by a notification, which could not be told its id', async () => {
  const kit = counting();
  const response = await post(kit, { ...INITIALIZE, id: undefined });
  expect({ status: response.status, messages: await messagesOf(response) }).toMatchObject({
    status: 400,
    messages: [{ error: { code: -32600, message: 'Invalid Request: `initialize` needs an `id`, text or number' } }],
  });
  expect(kit.handler.sessionCount).toBe(0);
});

test('is logged from its start to its end, once each, with how many there are', async () => {
  const kit = counting();
  const ids = [await initialize(kit), await initialize(kit)];
  await kit.fetch(URL_OF_KIT, { method: 'DELETE', headers: { 'mcp-session-id': ids[0]! } });
  await kit.handler.close();
  expect(kit.log.filter(({ event }) => event.startsWith('session-'))).toEqual([
    { level: 'info', event: 'session-started', sessionId: ids[0], sessions: 1 },
    { level: 'info', event: 'session-started', sessionId: ids[1], sessions: 2 },
    { level: 'info', event: 'session-stopped', sessionId: ids[0], reason: 'deleted', sessions: 1 },
    { level: 'info', event: 'session-stopped', sessionId: ids[1], reason: 'closed', sessions: 0 },
  ]);
});

test('takes several notifications at a time, which have no ids that could be the same', async () => {
  const kit = counting();
  const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } };
  const response = await post(kit, [progress, progress], { 'mcp-session-id': await initialize(kit) });
  expect(response.status).toBe(202);
});

test('hands on who calls, with each call what its token says', async () => {
  const seen: unknown[] = [];
  const kit = openKit(server => {
    server.registerTool('who', { description: 'Looks.', inputSchema: z.object({}) }, (_args, { http }) => {
      seen.push(http?.authInfo?.scopes);
      return { content: [] };
    });
  });
  const send = (body: unknown, scopes: string[], headers = {}): Promise<Response> =>
    kit.handler.fetch(
      new Request(URL_OF_KIT, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) }),
      { authInfo: { token: 't', clientId: 'app', scopes } },
    );
  const session = { 'mcp-session-id': (await send(INITIALIZE, [])).headers.get('mcp-session-id')! };
  const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'who', arguments: {} } };
  for (const scopes of [['read'], ['write']]) {
    await (await send(call, scopes, session)).text();
  }
  expect(seen).toEqual([['read'], ['write']]);
});

test('counts the sessions that are being opened', async () => {
  let open!: () => void;
  const opening = new Promise<void>(resolve => {
    open = resolve;
  });
  await using handler = createMcpFetchHandler(
    async () => {
      await opening;
      return new McpServer({ name: 'slow', version: '1.0.0' });
    },
    { maxSessions: 2, log: () => undefined },
  );
  const start = async () => {
    const init = { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) };
    return (await handler.fetch(new Request(URL_OF_KIT, init))).status;
  };
  const statuses = Promise.all([start(), start(), start()]);
  await new Promise(resolve => setTimeout(resolve, 20));
  open();
  expect(await statuses).toEqual([200, 200, 503]);
  expect(handler.sessionCount).toBe(2);
});

test.each<[string, FetchHandlerOptions['principal']]>([
  ['the platform', 'platform-user'],
  ['a function', request => request.headers.get(RUNTIME_USER_ID)?.trim()],
])('belongs to the user whom %s names', async (_who, principal) => {
  const kit = counting({ principal });
  const as = (user?: string): Record<string, string> => (user === undefined ? {} : { [RUNTIME_USER_ID]: user });
  const ofAda = { 'mcp-session-id': await initialize(kit, as('ada')) };
  const ofNobody = { 'mcp-session-id': await initialize(kit) };
  const status = async (session: Record<string, string>, user?: string) =>
    (await post(kit, LIST, { ...session, ...as(user) })).status;
  expect([await status(ofAda, 'ada'), await status(ofAda, 'eve'), await status(ofAda)]).toEqual([200, 404, 404]);
  expect([await status(ofNobody), await status(ofNobody, 'eve')]).toEqual([200, 404]);
  const remove = { method: 'DELETE', headers: { ...ofAda, ...as('eve') } };
  expect((await kit.fetch(URL_OF_KIT, remove)).status).toBe(404);
});

test('takes no principal from a header unless told to', async () => {
  const kit = counting();
  const session = { 'mcp-session-id': await initialize(kit, { [RUNTIME_USER_ID]: 'ada' }) };
  expect((await post(kit, LIST, { ...session, [RUNTIME_USER_ID]: 'eve' })).status).toBe(200);
});

test.each<[string, () => unknown]>([
  [
    'throws',
    () => {
      throw new Error('no user');
    },
  ],
  ['gives a promise', () => Promise.resolve('ada')],
  ['gives a number', () => 1],
])('a principal function that %s fails the request', async (_what, principal) => {
  const kit = counting({ principal: principal as () => string });
  expect((await post(kit, INITIALIZE)).status).toBe(500);
  expect(kit.log).toContainEqual(expect.objectContaining({ level: 'error', event: 'request-failed' }));
});

test('belongs to the principal who opened it; to others it does not exist', async () => {
  const kit = counting();
  const as = (clientId: string, sub: string) => ({ authInfo: { token: 't', clientId, scopes: [], extra: { sub } } });
  const request = (message: unknown, headers = {}) =>
    new Request(URL_OF_KIT, {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...headers },
      body: JSON.stringify(message),
    });
  const response = await kit.handler.fetch(request(INITIALIZE), as('app', 'ada'));
  const session = { 'mcp-session-id': response.headers.get('mcp-session-id')! };
  const statuses = await Promise.all(
    [as('app', 'ada'), as('app', 'eve'), as('other', 'ada'), {}].map(
      async who => (await kit.handler.fetch(request(LIST, session), who)).status,
    ),
  );
  expect(statuses).toEqual([200, 404, 404, 404]);
});
