import type { FetchLike } from '@modelcontextprotocol/client';
import {
  connect,
  endKeptSession,
  fileSessionStore,
  sigV4,
  type ConnectRequest,
  type StoredSession,
} from 'stateful-mcp-client';
import { closeRuntimes, deploy, KEYS } from './deployed';
import { restoreEnvironment, temporaryDirectory } from './environment';
import { closeServers, initialized, scriptedServer, v1Server } from './servers';

afterEach(closeServers);
afterEach(closeRuntimes);
afterEach(restoreEnvironment);

async function kept(request: ConnectRequest): Promise<StoredSession> {
  const sessions = fileSessionStore(temporaryDirectory());
  const client = await connect({ ...request, sessions });
  await client.close();
  const [session] = await sessions.list();
  return session as StoredSession;
}

test('ends it by DELETE and asks nothing else, also when it is gone already', async () => {
  const server = await v1Server();
  const session = await kept({ target: server.url });
  const before = server.requests.length;
  expect(await endKeptSession(session)).toBe(true);
  expect(server.sessionIds()).toEqual([]);
  expect(await endKeptSession(session)).toBe(true);
  expect(server.requests.slice(before).map(({ verb }) => verb)).toEqual(['DELETE', 'DELETE']);
});

test('ends it by StopRuntimeSession on AgentCore, and starts none that is gone', async () => {
  const { runtime, url } = await deploy();
  const auth = sigV4({ credentials: { ...KEYS }, region: 'us-east-1' });
  const session = await kept({ target: url, auth });
  expect(await endKeptSession(session, { auth })).toBe(true);
  const stopped = (): unknown[] =>
    runtime.eventLog.flatMap(event => (event.type === 'session-stopped' ? [event.reason] : []));
  // The answer does not wait for the process.
  while (stopped().length === 0) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(stopped()).toEqual(['stopped']);
  expect(await endKeptSession(session, { auth })).toBe(true);
  expect(runtime.eventLog.filter(({ type }) => type === 'session-started')).toHaveLength(1);
  await expect(
    endKeptSession(session, { auth: sigV4({ credentials: { ...KEYS, secretAccessKey: 'x' }, region: 'us-east-1' }) }),
  ).rejects.toMatchObject({ code: 'ERR_HTTP_STATUS', httpStatus: 403 });
});

test('says when a server keeps its sessions to itself', async () => {
  const { url } = await scriptedServer(({ id }, { method }) =>
    method === 'DELETE' ? { status: 405 } : initialized(id),
  );
  const session = { url, sessionId: 's', initializeResult: { protocolVersion: '2025-11-25' } };
  expect(await endKeptSession(session)).toBe(false);
  await closeServers();
  await expect(endKeptSession(session)).rejects.toMatchObject({ code: 'ERR_CONNECTION_REFUSED' });
});

describe('on AgentCore', () => {
  const url =
    'https://bedrock-agentcore.eu-central-1.amazonaws.com/runtimes/expenses-abc/invocations?qualifier=DEFAULT&accountId=123456789012';
  const session = { url, sessionId: 'session-of-the-server', runtimeSessionId: 'a'.repeat(33), initializeResult: {} };

  /** Answers with one status after another, the last of them for ever, and remembers what it was asked. */
  function answering(...statuses: number[]): { fetch: FetchLike; seen: { url: string; init: RequestInit }[] } {
    const seen: { url: string; init: RequestInit }[] = [];
    return {
      seen,
      fetch: (asked, init = {}) => {
        seen.push({ url: String(asked), init });
        init.signal?.throwIfAborted();
        const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
        return Promise.resolve(new Response(null, { status }));
      },
    };
  }

  test('a given `fetch` is not signed for, as with connect()', async () => {
    const { fetch, seen } = answering(200);
    expect(await endKeptSession(session, { fetch })).toBe(true);
    expect(seen.map(({ init }) => new Headers(init.headers).get('authorization'))).toEqual([null]);
  });

  test('a session that is just being started or stopped is asked for again, as one request', async () => {
    const { fetch, seen } = answering(409, 409, 200);
    expect(await endKeptSession(session, { fetch })).toBe(true);
    expect(seen.map(({ url: asked }) => new URL(asked).pathname)).toEqual(
      Array.from({ length: 3 }, () => '/runtimes/expenses-abc/stopruntimesession'),
    );
    expect(new URL(seen[0]?.url ?? '').search).toBe(new URL(url).search);
    expect(new Set(seen.map(({ init }) => init.body)).size).toBe(1);
    expect(new Headers(seen[0]?.init.headers).get('x-amzn-bedrock-agentcore-runtime-session-id')).toBe('a'.repeat(33));
  });

  test('one that is never ready is given up after `timeoutMs`', async () => {
    const { fetch } = answering(409);
    await expect(endKeptSession(session, { fetch, timeoutMs: 400 })).rejects.toMatchObject({
      name: 'StatefulMcpClientError',
    });
  });

  test('one whose id AgentCore would not take is ended by its server', async () => {
    for (const [protocolVersion, told] of [
      ['2025-11-25', '2025-11-25'],
      [7, null],
    ] as const) {
      const { fetch, seen } = answering(200);
      const short = { ...session, runtimeSessionId: 'a'.repeat(32), initializeResult: { protocolVersion } };
      expect(await endKeptSession(short, { fetch })).toBe(true);
      const [{ url: asked, init } = { url: '', init: {} }] = seen;
      const headers = new Headers(init.headers);
      expect([init.method, asked, headers.get('mcp-session-id'), headers.get('mcp-protocol-version')]).toEqual([
        'DELETE',
        url,
        'session-of-the-server',
        told,
      ]);
    }
  });

  test.each([
    [200, true],
    [299, true],
    [404, true],
    [405, false],
  ])('HTTP %d means %s', async (status, over) => {
    expect(await endKeptSession(session, { fetch: answering(status).fetch })).toBe(over);
  });

  test.each([300, 403, 500])('HTTP %d is an error', async httpStatus => {
    await expect(endKeptSession(session, { fetch: answering(httpStatus).fetch })).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      httpStatus,
    });
  });
});
