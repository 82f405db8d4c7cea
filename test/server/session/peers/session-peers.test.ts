import type { AuthInfo } from '@modelcontextprotocol/server';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { OpenCalls } from '../../../../server/src/http/open-calls';
import { SessionDirectory } from '../../../../server/src/session/session-directory';
import type { SessionPeer } from '../../../../server/src/session/session-peer';
import { Sessions } from '../../../../server/src/session/sessions';
import { INITIALIZE, JSON_HEADERS, messagesOf, URL_OF_KIT } from '../../kit';
import { LIST } from '../counting-kit';

const open: Sessions[] = [];
const folder = mkdtempSync(path.join(os.tmpdir(), 'session-peers-'));
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(open.splice(0).map(sessions => sessions.close()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const principalOf = (request: Request, authInfo?: AuthInfo): string =>
  authInfo?.clientId ?? request.headers.get('user') ?? '';

/** Sessions with a peer that answers nothing by itself. */
function newSessions(peer: Partial<SessionPeer> = {}, directory?: SessionDirectory): Sessions {
  const sessions = new Sessions({
    createPeer: () =>
      Promise.resolve({
        connect: transport => transport.start(),
        clientCapabilities: () => undefined,
        protocolVersion: () => undefined,
        hasOutputSchema: () => false,
        invalidParams: () => undefined,
        ...peer,
      }),
    principalOf,
    openCalls: new OpenCalls(),
    settings: { keepAliveMs: 15_000, idleTimeoutMs: 60_000, maxLifetimeMs: 60_000, maxSessions: 9 },
    directory,
    log: () => undefined,
  });
  open.push(sessions);
  return sessions;
}

const request = (headers: Record<string, string> = {}): Request =>
  new Request(URL_OF_KIT, { method: 'POST', headers: { ...JSON_HEADERS, ...headers } });

async function openedBy(sessions: Sessions, user: string): Promise<string> {
  const response = await sessions.handle(request({ user }), INITIALIZE, undefined);
  await response.body?.cancel();
  return response.headers.get('mcp-session-id')!;
}

describe('a message that a peer takes at its own speed', () => {
  const leave = (): void => undefined;
  const admit = jest.fn(() => Promise.resolve(leave));
  beforeEach(() => admit.mockClear());

  test('waits for the peer of its session', async () => {
    const sessions = newSessions({ admit });
    const message = request({ 'mcp-session-id': await openedBy(sessions, 'ann'), user: 'ann' });
    expect(await sessions.admit(message, 70, undefined)).toBe(leave);
    expect(admit.mock.calls).toEqual([[70, message.signal]]);
  });

  // By waiting it would be told that there is a session.
  test.each<[string, Record<string, string>, Partial<AuthInfo> | undefined]>([
    ['another user', { user: 'bob' }, undefined],
    ['no user', {}, undefined],
    ['another client', { user: 'ann' }, { clientId: 'other' }],
  ])('waits for nobody where it is of %s', async (_, headers, authInfo) => {
    const sessions = newSessions({ admit });
    const message = request({ 'mcp-session-id': await openedBy(sessions, 'ann'), ...headers });
    expect(await sessions.admit(message, 70, authInfo as AuthInfo | undefined)).toBeUndefined();
    expect(admit).not.toHaveBeenCalled();
  });

  test.each<[string, Record<string, string>]>([
    ['no session', {}],
    ['a session that is none', { 'mcp-session-id': 'unknown' }],
  ])('waits for nobody where it names %s', async (_, headers) => {
    const sessions = newSessions({ admit });
    await openedBy(sessions, '');
    expect(await sessions.admit(request(headers), 70, undefined)).toBeUndefined();
    expect(admit).not.toHaveBeenCalled();
  });

  test('waits for nobody where the peer takes what comes', async () => {
    const sessions = newSessions();
    const message = request({ 'mcp-session-id': await openedBy(sessions, 'ann'), user: 'ann' });
    expect(await sessions.admit(message, 70, undefined)).toBeUndefined();
  });
});

test('a session whose `initialize` is refused is closed, and nothing of it is kept', async () => {
  process.env.STATEFUL_MCP_REQUEST_STATE_KEY = Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString(
    'base64',
  );
  const settings = { maxLifetimeMs: 60_000, maxSessions: 9, log: () => undefined };
  const directory = SessionDirectory.of({ sessionDirectory: folder }, settings)!;
  delete process.env.STATEFUL_MCP_REQUEST_STATE_KEY;
  const closed = jest.fn();
  const connect: SessionPeer['connect'] = async transport => {
    const { onclose } = transport;
    transport.onclose = () => {
      closed();
      onclose?.();
    };
    await transport.start();
  };
  const sessions = newSessions({ connect }, directory);
  const refused = await sessions.handle(request({ accept: 'text/html' }), INITIALIZE, undefined);
  expect(refused.status).toBe(406);
  expect(closed).toHaveBeenCalledTimes(1);
  expect([sessions.count, readdirSync(folder)]).toEqual([0, []]);
  await openedBy(sessions, 'ann');
  expect(closed).toHaveBeenCalledTimes(1);
  expect([sessions.count, readdirSync(folder).length]).toEqual([1, 1]);
});

test.each<[string, unknown, number, object]>([
  [
    'alone in a batch',
    [INITIALIZE],
    400,
    { code: -32600, message: 'Invalid Request: `initialize` must not be part of a batch' },
  ],
  [
    'at the end of a batch',
    [LIST, INITIALIZE],
    400,
    { code: -32600, message: 'Invalid Request: `initialize` must not be part of a batch' },
  ],
  [
    'without an id',
    { ...INITIALIZE, id: null },
    400,
    { code: -32600, message: 'Invalid Request: `initialize` needs an `id`, text or number' },
  ],
  [
    'without a version',
    { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion: undefined } },
    200,
    { code: -32602, message: expect.stringContaining('`params.protocolVersion`') as string },
  ],
  [
    'without parameters',
    { ...INITIALIZE, params: undefined },
    200,
    { code: -32602, message: expect.stringContaining('`params`') as string },
  ],
])('an `initialize` %s is refused, and the advice is not to send one', async (_, body, status, error) => {
  const sessions = newSessions();
  for (const headers of [undefined, { 'mcp-session-id': 'given' }]) {
    const response = await sessions.handle(request(headers), body, undefined);
    expect([response.status, await messagesOf(response)]).toMatchObject([status, [{ error }]]);
  }
  expect(sessions.count).toBe(0);
});
