import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { PROCESS_META_KEY, type CheckFinding } from 'stateful-mcp-contract';
import { toClientError } from '../conversation/error-translation';
import { isSessionGone, SessionConnection } from '../session/session-connection';
import { proposing, recording, type CheckedWay } from './checked-way';
import { bounded, type EraSession, SHORT_TIMEOUT_MS } from './era-session';
import { judge } from './judge';
import type { Transcript } from './transcript';

const PINGS = 3;

type Finding = Omit<CheckFinding, 'era'>;

/** The process that answers in a session, by its own word; `undefined` where a server says nothing of it. */
export async function processOf({ client: { mcp } }: EraSession): Promise<string | undefined> {
  const request = { method: 'ping' as const, params: { _meta: { [PROCESS_META_KEY]: true } } };
  const { _meta } = await mcp.request(request, { timeout: SHORT_TIMEOUT_MS });
  const mark = _meta?.[PROCESS_META_KEY];
  return typeof mark === 'string' ? mark : undefined;
}

/** Whether one process answers all requests of the session, and knows it until its end. */
export async function checkAffinity(session: EraSession, way: CheckedWay): Promise<Finding> {
  const check = 'session-affinity';
  const { sessionId } = session.client;
  if (sessionId === undefined) {
    return {
      check,
      verdict: 'fail',
      expected: 'a session: `Mcp-Session-Id` in the answer to `initialize`',
      got: 'an answer without one; a server that keeps no sessions has `sessions` set to false in its check',
    };
  }
  const expected = 'the server to know the session until its end, and one process to answer in it';
  try {
    const marks = new Set<string | undefined>();
    for (let ping = 0; ping < PINGS; ping += 1) {
      marks.add(await processOf(session));
    }
    if (session.wasLost) {
      return { check, verdict: 'fail', expected, got: 'HTTP 404: the server did not know the session any more' };
    }
    return marks.size > 1
      ? { check, verdict: 'fail', expected, got: `answers of ${marks.size} processes to ${PINGS} pings` }
      : { check, verdict: 'pass' };
  } catch (error) {
    return { check, expected, ...judge(toClientError(error, way.endpoint), way.endpoint) };
  }
}

/** Whether a second session is another one, and on AgentCore another process. */
export async function checkIsolation(first: EraSession, second: EraSession, way: CheckedWay): Promise<Finding> {
  const check = 'session-isolation';
  if (first.client.sessionId !== undefined && first.client.sessionId === second.client.sessionId) {
    return { check, verdict: 'fail', expected: 'a session id for each session', got: 'the same one for two' };
  }
  try {
    const marks = [await processOf(first), await processOf(second)];
    const isShared = way.endpoint.runtime !== undefined && marks[0] !== undefined && marks[0] === marks[1];
    return isShared
      ? { check, verdict: 'fail', expected: 'a process for each session', got: 'answers of one process in both' }
      : { check, verdict: 'pass' };
  } catch (error) {
    const expected = 'answers in two sessions at the same time';
    return { check, expected, ...judge(toClientError(error, way.endpoint), way.endpoint) };
  }
}

/** Whether a session that nobody began is answered with 404: then clients begin a new one. */
export async function checkUnknownSession(
  way: CheckedWay,
  { sessionId, protocolVersion, transcript }: { sessionId: string; protocolVersion: string; transcript: Transcript },
): Promise<Finding> {
  const check = 'unknown-session';
  const expected = 'HTTP 404 to a session id that the server does not know';
  const record = recording(transcript, () => undefined);
  const connection = new SessionConnection(
    {
      open: (fetch, session) =>
        new StreamableHTTPClientTransport(way.endpoint.url, {
          ...session,
          fetch: record(proposing(sessionId, way.endpoint)(fetch)),
        }),
      fetch: way.fetch,
      endpoint: way.endpoint,
      startTimeoutMs: way.connectTimeoutMs,
    },
    {
      url: way.endpoint.url.href,
      name: check,
      sessionId,
      initializeResult: { protocolVersion },
      startedAt: '',
      lastUsedAt: '',
    },
  );
  try {
    await connection.start();
    const request = { jsonrpc: '2.0', id: check, method: 'tools/list', params: {} } as const;
    const response = await bounded(connection.request(request), way.connectTimeoutMs);
    const got = 'error' in response ? `HTTP 200 with the error ${response.error.code}` : 'HTTP 200, and an answer';
    return { check, verdict: 'fail', expected, got };
  } catch (error) {
    return isSessionGone(error)
      ? { check, verdict: 'pass' }
      : { check, expected, ...judge(toClientError(error, way.endpoint), way.endpoint) };
  } finally {
    await connection.close().catch(() => undefined);
  }
}
