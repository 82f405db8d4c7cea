// A session with a peer of the test, without a server and without a handler around it.
import type { AuthInfo, MessageExtraInfo } from '@modelcontextprotocol/server';
import { OpenCalls } from '../../../../server/src/http/open-calls';
import { KeptSession } from '../../../../server/src/session/kept-session';
import { Session, type SessionStopReason } from '../../../../server/src/session/session';
import type { SessionPeer } from '../../../../server/src/session/session-peer';
import type { SessionTransport } from '../../../../server/src/session/session-transport';
import { INITIALIZE, JSON_HEADERS, messagesOf, URL_OF_KIT } from '../../kit';
import { LIST } from '../counting-kit';

const IDLE_MS = 54_321;
const LIFETIME_MS = 65_432;
export const SESSION = { 'mcp-session-id': 'one' };

export interface Opened {
  readonly session: Session;
  readonly transport: SessionTransport;
  readonly kept: KeptSession;
  readonly openCalls: OpenCalls;
  readonly stops: SessionStopReason[];
  readonly received: [unknown, MessageExtraInfo | undefined][];
  readonly idle: Timer;
  readonly lifetime: Timer;
}

/** A timer that ends when the test says so. */
export interface Timer {
  readonly refreshed: jest.SpyInstance;
  readonly cleared: () => boolean;
  readonly end: () => void;
}

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map(session => session.close()));
  jest.restoreAllMocks();
});

/**
 * A session whose handshake is over, with a peer that answers nothing by itself.
 * @param generation - in how many processes it was before
 */
export async function openSession(peer: Partial<SessionPeer> = {}, generation = 0): Promise<Opened> {
  const timers = jest.spyOn(globalThis, 'setTimeout');
  const clear = jest.spyOn(globalThis, 'clearTimeout');
  const [stops, received, openCalls, kept] = [
    [] as SessionStopReason[],
    [] as Opened['received'],
    new OpenCalls(),
    KeptSession.unkept(),
  ];
  kept.generation = generation;
  let transport!: SessionTransport;
  const session = await Session.open({
    id: 'one',
    principal: '',
    peer: {
      connect: async connected => {
        transport = connected;
        const { onmessage } = transport;
        transport.onmessage = (message, extra) => {
          received.push([message, extra]);
          onmessage?.(message, extra);
        };
        await transport.start();
      },
      clientCapabilities: () => undefined,
      protocolVersion: () => undefined,
      hasOutputSchema: () => false,
      invalidParams: () => undefined,
      ...peer,
    },
    openCalls,
    settings: { keepAliveMs: 15_000, idleTimeoutMs: IDLE_MS, maxLifetimeMs: LIFETIME_MS, maxSessions: 9 },
    kept,
    onInitialized: () => undefined,
    onClosed: (_session, reason) => stops.push(reason),
  });
  sessions.push(session);
  const timer = (ms: number): Timer => {
    const at = timers.mock.calls.findIndex(call => call[1] === ms);
    const made = timers.mock.results[at]!.value as NodeJS.Timeout;
    return {
      refreshed: jest.spyOn(made, 'refresh'),
      cleared: () => clear.mock.calls.some(([cleared]) => cleared === made),
      end: timers.mock.calls[at]![0],
    };
  };
  const opened = {
    session,
    transport,
    kept,
    openCalls,
    stops,
    received,
    idle: timer(IDLE_MS),
    lifetime: timer(LIFETIME_MS),
  };
  timers.mockRestore();
  expect(session.initialized).toBe(false);
  const response = await post(opened, INITIALIZE, {});
  await transport.send({ jsonrpc: '2.0', id: 0, result: {} });
  expect(await messagesOf(response)).toHaveLength(1);
  expect(session.initialized).toBe(true);
  received.splice(0);
  opened.idle.refreshed.mockClear();
  return opened;
}

export function post(
  { session }: Pick<Opened, 'session'>,
  body: unknown,
  headers: Record<string, string> = SESSION,
  authInfo?: AuthInfo,
): Promise<Response> {
  return session.handle(
    new Request(URL_OF_KIT, { method: 'POST', headers: { ...JSON_HEADERS, ...headers } }),
    body,
    authInfo,
  );
}

export const listen = ({ session }: Opened): Promise<Response> =>
  session.handle(
    new Request(URL_OF_KIT, { headers: { accept: 'text/event-stream', ...SESSION } }),
    undefined,
    undefined,
  );

export const call = (id: number | string): object => ({ ...LIST, id });
export const result = (id: number | string) => ({ jsonrpc: '2.0' as const, id, result: {} });
