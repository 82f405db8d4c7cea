import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { connect, fileSessionStore, sigV4, type ConnectRequest, type SessionRestart } from 'stateful-mcp-client';
import { closeRuntimes, deploy, KEYS, said } from '../deployed';
import { restoreEnvironment, temporaryDirectory } from '../environment';
import { closeServers, initialized, scriptedServer, v1Server } from '../servers';

afterEach(async () => {
  restoreEnvironment();
  await closeRuntimes();
  await closeServers();
});

const text = ({ content }: { content: unknown[] }): string => (content[0] as { text: string }).text;

test('another client goes on with a kept session, without a handshake', async () => {
  const server = await v1Server();
  const directory = temporaryDirectory();
  const request: ConnectRequest = { target: server.url, sessions: fileSessionStore(directory) };
  const first = await connect(request);
  expect(text(await first.callTool('count'))).toBe('1');
  await first.close();
  const [file = ''] = readdirSync(directory);
  expect(statSync(path.join(directory, file)).mode & 0o777).toBe(0o600);
  server.requests.length = 0;

  const second = await connect(request);
  expect([second.sessionId, second.protocolVersion, second.serverInfo?.name]).toEqual([
    first.sessionId,
    '2025-11-25',
    'v1',
  ]);
  expect(text(await second.callTool('count'))).toBe('2');
  expect(server.requests.map(({ method }) => method)).not.toContain('initialize');
  expect(await fileSessionStore(directory).list()).toMatchObject([{ sessionId: first.sessionId, name: 'default' }]);

  await second.endSession();
  expect(server.sessionIds()).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});

test('two clients use one kept session at once, and get their own answers, questions and progress', async () => {
  const server = await v1Server();
  const sessions = fileSessionStore(temporaryDirectory());
  const asked: string[] = [];
  const join = (name: string, amount: number): ReturnType<typeof connect> =>
    connect({
      target: server.url,
      sessions,
      handlers: {
        elicitation: () => {
          asked.push(name);
          return { action: 'accept', content: { amount } };
        },
      },
    });
  const first = await join('first', 1);
  await first.ping();
  const second = await join('second', 2);
  expect(second.sessionId).toBe(first.sessionId);
  const steps: Record<string, number[]> = { first: [], second: [] };
  const results = await Promise.all(
    [first, second].flatMap((client, index) => {
      const name = index === 0 ? 'first' : 'second';
      return [
        client.callTool('ask'),
        client.callTool('work', {}, { onProgress: ({ progress }) => steps[name]?.push(progress) }),
      ];
    }),
  );
  expect(results.map(text)).toEqual([
    expect.stringContaining('"amount":1'),
    'done',
    expect.stringContaining('"amount":2'),
    'done',
  ]);
  expect(asked.sort()).toEqual(['first', 'second']);
  expect(steps).toEqual({ first: [1, 2, 3], second: [1, 2, 3] });
  await first.close();
  await second.endSession();
});

test('a kept session that is gone is replaced, and the new one is kept', async () => {
  const server = await v1Server();
  const sessions = fileSessionStore(temporaryDirectory());
  await (await connect({ target: server.url, sessions })).close();
  server.loseSessions();
  const restarts: SessionRestart[] = [];
  await using client = await connect({
    target: server.url,
    sessions,
    onSessionRestarted: restart => restarts.push(restart),
  });
  expect(text(await client.callTool('count'))).toBe('1');
  expect(restarts).toHaveLength(1);
  await client.close();
  expect(await sessions.list()).toMatchObject([{ sessionId: restarts[0]?.newSessionId }]);
});

test('clients with other capabilities, or another name, get sessions of their own', async () => {
  const server = await v1Server();
  const sessions = fileSessionStore(temporaryDirectory());
  const requests: Partial<ConnectRequest>[] = [
    {},
    { handlers: { elicitation: () => ({ action: 'decline' }) } },
    { sessionName: 'other' },
  ];
  for (const request of requests) {
    await (await connect({ target: server.url, sessions, ...request })).close();
  }
  expect(new Set((await sessions.list()).map(({ sessionId }) => sessionId)).size).toBe(3);
});

test('a store that cannot be used is an error that says so', async () => {
  const { url } = await v1Server();
  await expect(connect({ target: url, sessions: fileSessionStore('/dev/null/sessions') })).rejects.toMatchObject({
    code: 'ERR_SESSION_STORE',
  });
});

test('closing stops the session on AgentCore, signed', async () => {
  const { url, runtime } = await deploy();
  const stopped = once(runtime.events, 'session-stopped');
  const client = await connect({ target: url, auth: sigV4({ credentials: KEYS }) });
  expect(said(await client.callTool('count'))).toBe(1);
  await client.close();
  expect(await stopped).toMatchObject([{ reason: 'stopped' }]);
});

test('a session that was kept can be ended by the process that goes on with it', async () => {
  const { url, runtime } = await deploy();
  const stopped = once(runtime.events, 'session-stopped');
  const request = {
    target: url,
    auth: sigV4({ credentials: KEYS }),
    sessions: fileSessionStore(temporaryDirectory()),
  };
  const first = await connect(request);
  expect(said(await first.callTool('count'))).toBe(1);
  await first.close();
  const second = await connect(request);
  expect(said(await second.callTool('count'))).toBe(2);
  await second.endSession();
  expect(await stopped).toMatchObject([{ reason: 'stopped' }]);
});

test('the first calls of a kept session that has to start again go one after the other, and none is lost', async () => {
  let [started, busy, calls] = [true, false, 0];
  const { url } = await scriptedServer(({ id, method }, { method: verb }) => {
    if (verb !== 'POST') {
      return { status: 405 };
    }
    if (method === 'initialize') {
      return initialized(id);
    }
    if (method !== 'tools/call') {
      return { status: 202 };
    }
    if (!started) {
      // What comes while a microVM starts is refused: the first by its health check.
      [started, busy] = [busy, true];
      return { body: { jsonrpc: '2.0', id, error: { code: -32010, message: 'Runtime health check failed' } } };
    }
    calls += 1;
    return { body: { jsonrpc: '2.0', id, result: { content: [] } } };
  });
  const sessions = fileSessionStore(temporaryDirectory());
  await (await connect({ target: url, sessions })).close();
  started = false;
  await using client = await connect({ target: url, sessions });
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map(() => client.callTool('any')));
  expect(calls).toBe(7);
});
