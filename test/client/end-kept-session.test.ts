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
