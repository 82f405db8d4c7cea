import {
  connect,
  type ElicitRequestFormParams,
  type LoggingMessageNotificationParams,
  type CreateMessageRequestParams,
  type StatefulMcpClient,
  type ToolProgress,
} from 'stateful-mcp-client';
import { closeServers, v1Server, v2Server } from './servers';

const clients: StatefulMcpClient[] = [];

async function connected(...args: Parameters<typeof connect>): Promise<StatefulMcpClient> {
  const client = await connect(...args);
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const client of clients.splice(0)) {
    await client.close();
  }
  await closeServers();
});

const ANSWERED = { role: 'assistant' as const, model: 'test', content: { type: 'text' as const, text: 'said' } };

describe.each([
  ['a v1 server', v1Server, 'legacy' as const],
  ['a v2 server, legacy', v2Server, 'legacy' as const],
  ['a v2 server, modern', v2Server, 'modern' as const],
  ['a v2 server, auto', v2Server, 'auto' as const],
  ['a v1 server, auto', v1Server, 'auto' as const],
])('with %s', (_name, start, era) => {
  test('answers an elicitation, and fills in what the schema has a default for', async () => {
    const asked: ElicitRequestFormParams[] = [];
    const client = await connected((await start()).url, {
      era,
      elicitation: request => {
        asked.push(request);
        return { action: 'accept', content: { amount: 5 } };
      },
    });

    const result = await client.callTool('ask');

    expect(asked[0]).toMatchObject({
      message: 'How much?',
      requestedSchema: { properties: { amount: { type: 'number', minimum: 1 } } },
    });
    expect(JSON.parse((result.content[0] as { text: string }).text)).toMatchObject({
      action: 'accept',
      content: { amount: 5, currency: 'EUR' },
    });
  });

  test.each(['decline', 'cancel'] as const)('answers an elicitation by %s', async action => {
    const client = await connected((await start()).url, { era, elicitation: () => Promise.resolve({ action }) });
    const result = await client.callTool('ask');
    expect(JSON.parse((result.content[0] as { text: string }).text)).toMatchObject({ action });
  });

  test('answers a sampling request', async () => {
    const asked: CreateMessageRequestParams[] = [];
    const client = await connected((await start()).url, {
      era,
      sampling: request => {
        asked.push(request);
        return ANSWERED;
      },
    });

    const result = await client.callTool('sample');

    expect(asked[0]).toMatchObject({
      systemPrompt: 'Be short',
      maxTokens: 10,
      messages: [{ role: 'user', content: { text: 'Say it' } }],
    });
    expect((result.content[0] as { text: string }).text).toContain('said');
  });

  test('answers a ping and lists the tools', async () => {
    const client = await connected((await start()).url, { era });
    await client.ping();
    expect((await client.listTools()).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ask', 'sample', 'count']),
    );
  });
});

test('reports progress and logs of a legacy server', async () => {
  const all: ToolProgress[] = [];
  const logs: LoggingMessageNotificationParams[] = [];
  const client = await connected((await v1Server()).url, {
    progress: progress => all.push(progress),
    log: entry => logs.push(entry),
  });
  const own: unknown[] = [];

  await client.callTool('work', {}, { onProgress: progress => own.push(progress) });

  expect(own).toEqual([1, 2, 3].map(progress => ({ progress, total: 3, message: `step ${progress}` })));
  expect(all).toEqual([1, 2, 3].map(progress => ({ tool: 'work', progress, total: 3, message: `step ${progress}` })));
  expect(logs).toEqual([{ level: 'info', data: 'worked' }]);
});

test("reports the progress of a modern server without the rounds of the SDK's own", async () => {
  const progress: ToolProgress[] = [];
  const logs: unknown[] = [];
  const client = await connected((await v2Server()).url, {
    era: 'modern',
    progress: update => progress.push(update),
    log: ({ data }) => logs.push(data),
    elicitation: () => ({ action: 'accept', content: { amount: 2 } }),
  });

  await client.callTool('ask_working');

  expect(progress).toEqual([
    { tool: 'ask_working', progress: 25, total: 100 },
    { tool: 'ask_working', progress: 75, total: 100 },
  ]);
  expect(logs).toEqual(['asking', 'answered']);
});

test('says which era, protocol, server and session it talks to', async () => {
  const server = await v2Server();
  const legacy = await connected(server.url, { era: 'legacy' });
  expect(legacy).toMatchObject({
    era: 'legacy',
    protocolVersion: '2025-11-25',
    serverInfo: { name: 'v2' },
    sessionId: server.sessionIds()[0],
  });
  const modern = await connected(server.url, { era: 'auto' });
  expect(modern).toMatchObject({
    era: 'modern',
    protocolVersion: '2026-07-28',
    serverInfo: { name: 'v2' },
    sessionId: undefined,
  });
  const fallen = await connected((await v1Server()).url, { era: 'auto' });
  expect(fallen).toMatchObject({ era: 'legacy', serverInfo: { name: 'v1' } });
});

test('reads resources and prompts', async () => {
  const client = await connected((await v2Server()).url);
  expect(await client.listResources()).toMatchObject([{ uri: 'note://one' }]);
  expect(await client.readResource('note://one')).toMatchObject({ contents: [{ text: 'hello' }] });
  expect(await client.listPrompts()).toMatchObject([{ name: 'greet' }]);
  expect(await client.getPrompt('greet')).toMatchObject({ messages: [{ content: { text: 'Hello' } }] });
});

test('lists nothing where the server has nothing', async () => {
  const client = await connected((await v1Server()).url);
  expect(await client.listResources()).toEqual([]);
  expect(await client.listPrompts()).toEqual([]);
});

test.each(['legacy', 'modern'] as const)('shows the user a page to visit (%s)', async era => {
  const urls: string[] = [];
  const client = await connected((await v2Server()).url, {
    era,
    urlElicitation: ({ url }) => {
      urls.push(url);
      return { action: 'accept' };
    },
  });
  const result = await client.callTool('visit');
  expect(urls).toEqual(['https://example.com/sign-in']);
  expect((result.content[0] as { text: string }).text).toContain('"action":"accept"');
});

test('declares only the capabilities that have a handler', async () => {
  const { url } = await v1Server();
  const bodies: { method?: string; params?: { capabilities?: unknown } }[] = [];
  const spy: typeof fetch = (input, init) => {
    if (typeof init?.body === 'string') {
      bodies.push(JSON.parse(init.body) as (typeof bodies)[number]);
    }
    return fetch(input, init);
  };
  const declared = async (handlers: Parameters<typeof connect>[1]): Promise<unknown> => {
    bodies.length = 0;
    await connected(url, { ...handlers, fetch: spy });
    return bodies.find(({ method }) => method === 'initialize')?.params?.capabilities;
  };

  expect(await declared({})).toEqual({});
  expect(await declared({ elicitation: () => ({ action: 'decline' }) })).toEqual({ elicitation: { form: {} } });
  expect(await declared({ sampling: () => ANSWERED })).toEqual({ sampling: {} });
  expect(await declared({ urlElicitation: () => ({ action: 'accept' }) })).toEqual({ elicitation: { url: {} } });
  expect(
    await declared({ elicitation: () => ({ action: 'decline' }), urlElicitation: () => ({ action: 'accept' }) }),
  ).toEqual({ elicitation: { form: {}, url: {} } });
});

test('lets the server say so when a capability is missing', async () => {
  const legacy = await connected((await v1Server()).url);
  expect(await legacy.callTool('ask')).toMatchObject({ isError: true });
  const modern = await connected((await v2Server()).url, { era: 'modern' });
  await expect(modern.callTool('ask')).rejects.toMatchObject({ code: 'ERR_CAPABILITY_NOT_DECLARED' });
});
