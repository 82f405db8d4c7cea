import { connect, type SessionRestart, type StatefulMcpClient } from 'stateful-mcp-client';
import { closeServers, initialized, scriptedServer, v1Server, v2Server } from './servers';

let client: StatefulMcpClient | undefined;

afterEach(async () => {
  await client?.close();
  client = undefined;
  await closeServers();
});

const text = ({ content }: { content: unknown[] }): string => (content[0] as { text: string }).text;

describe.each([
  ['v1', v1Server],
  ['v2', v2Server],
])('with a %s server', (_name, start) => {
  test('starts a new session once when the old one is gone, repeats the call, and says so', async () => {
    const server = await start();
    const restarts: SessionRestart[] = [];
    client = await connect(server.url, { onSessionRestarted: restart => restarts.push(restart) });
    expect(text(await client.callTool('count'))).toBe('1');
    expect(text(await client.callTool('count'))).toBe('2');
    const oldSessionId = client.sessionId;

    server.loseSessions();

    expect(text(await client.callTool('count'))).toBe('1');
    expect(client.sessionId).toBe(server.sessionIds()[0]);
    expect(client.sessionId).not.toBe(oldSessionId);
    expect(restarts).toEqual([
      { oldSessionId, newSessionId: client.sessionId, lost: { calls: 0, questions: 0, subscriptions: [] } },
    ]);
  });

  test('starts one session for concurrent calls that all meet the 404', async () => {
    const server = await start();
    const restarts: SessionRestart[] = [];
    const connected = await connect(server.url, { onSessionRestarted: restart => restarts.push(restart) });
    client = connected;
    server.loseSessions();
    server.requests.length = 0;

    const results = await Promise.all([1, 2, 3, 4, 5].map(() => connected.callTool('count')));

    expect(results.map(text).sort()).toEqual(['1', '2', '3', '4', '5']);
    expect(restarts).toHaveLength(1);
    expect(server.requests.filter(({ method }) => method === 'initialize')).toHaveLength(1);
  });

  test('answers questions in the new session', async () => {
    const server = await start();
    client = await connect(server.url, { elicitation: () => ({ action: 'accept', content: { amount: 3 } }) });
    server.loseSessions();
    expect(text(await client.callTool('ask'))).toContain('"amount":3');
  });
});

test('can lose its session again later', async () => {
  const server = await v1Server();
  const restarts: SessionRestart[] = [];
  client = await connect(server.url, { onSessionRestarted: restart => restarts.push(restart) });
  for (let round = 0; round < 3; round += 1) {
    server.loseSessions();
    expect(text(await client.callTool('count'))).toBe('1');
  }
  expect(restarts).toHaveLength(3);
  expect(restarts[1]?.oldSessionId).toBe(restarts[0]?.newSessionId);
});

test('makes a second 404 right after an error, not a loop', async () => {
  const server = await v1Server();
  client = await connect(server.url);
  server.refuseSessions();
  server.requests.length = 0;

  await expect(client.callTool('count')).rejects.toMatchObject({ code: 'ERR_SESSION_LOST' });

  expect(server.requests.filter(({ method }) => method === 'initialize')).toHaveLength(1);
  expect(server.requests.filter(({ method }) => method === 'tools/call').length).toBeLessThanOrEqual(2);
});

test('says so when no new session can be started', async () => {
  let sessions = 0;
  const { url } = await scriptedServer(({ id, method }, { method: verb }) => {
    if (verb !== 'POST') {
      return { status: 405 };
    }
    if (method === 'initialize') {
      return ++sessions === 1 ? initialized(id) : { status: 503, body: 'no capacity' };
    }
    return { status: method === 'tools/call' ? 404 : 202 };
  });
  client = await connect(url);
  await expect(client.callTool('any')).rejects.toMatchObject({
    code: 'ERR_SESSION_LOST',
    message: expect.stringContaining('no capacity') as string,
  });
});

test("takes AgentCore's report of a 404 of the server for a lost session", async () => {
  let sessions = 0;
  const { url } = await scriptedServer(({ id, method }, { method: verb, headers }) => {
    if (verb !== 'POST') {
      return { status: 405 };
    }
    if (method === 'initialize') {
      return { ...initialized(id), headers: { 'mcp-session-id': `session-${++sessions}` } };
    }
    if (method !== 'tools/call') {
      return { status: 202 };
    }
    const lost = headers['mcp-session-id'] === 'session-1';
    const error = {
      code: -32010,
      message: 'Received error (404) from runtime. Please check your CloudWatch logs for more information.',
    };
    return {
      body: { jsonrpc: '2.0', ...(lost ? { error } : { id, result: { content: [{ type: 'text', text: 'healed' }] } }) },
    };
  });
  client = await connect(url);
  expect(text(await client.callTool('any'))).toBe('healed');
  expect(client.sessionId).toBe('session-2');
});

test('does not repeat a call whose response stream broke, and does not wait for its timeout', async () => {
  const server = await v1Server();
  client = await connect(server.url);
  const call = client.callTool('wait');
  const outcome = expect(call).rejects.toMatchObject({ code: 'ERR_CALL_INTERRUPTED' });
  while (!server.requests.some(({ method }) => method === 'tools/call')) {
    await new Promise(setImmediate);
  }
  server.breakStreams();
  await outcome;
  expect(server.requests.filter(({ method }) => method === 'tools/call')).toHaveLength(1);
});

test('does not carry the answer to a question of the lost session into the new one', async () => {
  const server = await v1Server();
  let asked: () => void = () => undefined;
  const question = new Promise<void>(resolve => {
    asked = resolve;
  });
  let aborted = false;
  client = await connect(server.url, {
    elicitation: (_request, { signal }) =>
      new Promise(resolve => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve({ action: 'cancel' });
        });
        asked();
      }),
  });
  const call = client.callTool('ask').catch(() => undefined);
  await question;
  server.loseSessions();

  expect(text(await client.callTool('count'))).toBe('1');

  expect(aborted).toBe(true);
  server.breakStreams();
  await call;
  const posts = server.requests.filter(({ verb, method }) => verb === 'POST' && method === undefined);
  expect(posts).toEqual([]);
});

test('has nothing to restart in the modern era', async () => {
  const server = await v2Server();
  const restarts: SessionRestart[] = [];
  client = await connect(server.url, { era: 'modern', onSessionRestarted: restart => restarts.push(restart) });
  server.loseSessions();
  expect(text(await client.callTool('count', { by: 4 }))).toBe('4');
  expect(restarts).toEqual([]);
});
