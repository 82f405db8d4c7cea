import { Readable } from 'node:stream';
import { RequestBody } from '../../../local/src/http/request-body';
import { requestLimits } from '../../../local/src/platform/limits';
import { platformSettings } from '../../../local/src/platform/platform-settings';
import { Invocation } from '../../../local/src/request/invocation';
import { TimeLimits } from '../../../local/src/request/time-limits';
import { SessionIds, type SessionIdsParts } from '../../../local/src/session/session-ids';
import { ManualClock } from 'stateful-mcp-local';
import type { Exchange } from '../../../local/src/http/exchange';

const UUID = /^[0-9a-f-]{36}$/;

interface Told {
  readonly ids: SessionIds;
  /** What the table of sessions and the log were told, in turn. */
  readonly told: string[];
}

function idsOf(parts: Partial<SessionIdsParts> = {}): Told {
  const told: string[] = [];
  const ids = new SessionIds({
    kind: 'initialize',
    protocol: 'MCP',
    platformIssuesIds: false,
    issuedIds: 'answer',
    chosenBy: undefined,
    bind: id => {
      told.push(`bind ${id}`);
      return id === 'taken';
    },
    issue: id => told.push(`issue ${id}`),
    renamed: id => told.push(`renamed ${id}`),
    note: line => told.push(line),
    ...parts,
  });
  ids.bindFirst();
  return { ids, told };
}

function invocation(headers: Readonly<Record<string, string>> = {}, identity?: string): Invocation {
  const clock = new ManualClock();
  const exchange = { method: 'POST', url: '/mcp', headers, body: new RequestBody(Readable.from([]), 1) };
  const made = new Invocation(
    exchange as unknown as Exchange,
    'mcp',
    platformSettings(),
    new TimeLimits(clock, requestLimits()),
  );
  made.caller = { identity };
  return made;
}

test('the id of the server names the session, and its clients are told it', () => {
  const { ids, told } = idsOf();
  expect(ids.areKnown).toBe(false);
  expect(ids.responded(invocation(), 'of-the-server')).toEqual({
    mcpSessionId: 'of-the-server',
    runtimeSessionId: ids.runtimeSessionId,
  });
  expect([ids.sessionId, ids.areKnown]).toEqual(['of-the-server', true]);
  expect(told).toEqual(['bind of-the-server', 'renamed of-the-server']);
});

test('a server without sessions gets the id of the platform', () => {
  const { ids } = idsOf();
  const { mcpSessionId } = ids.responded(invocation(), undefined);
  expect(mcpSessionId).toBe(ids.runtimeSessionId);
  expect(mcpSessionId).toMatch(UUID);
});

test('an id that a second session gets is said in the log', () => {
  const { ids, told } = idsOf();
  ids.responded(invocation(), 'taken');
  expect(told.at(-1)).toContain('the server gave the session id taken to a second session');
});

test('the id of the platform stays where the platform issues it', () => {
  const { ids, told } = idsOf({ platformIssuesIds: true });
  const { runtimeSessionId } = ids;
  expect(ids.headersFor(invocation())).toEqual([
    'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id',
    runtimeSessionId,
    'Mcp-Session-Id',
    runtimeSessionId,
  ]);
  expect(ids.responded(invocation(), 'of-the-server').mcpSessionId).toBe(runtimeSessionId);
  expect(told.at(-1)).toContain('the server answered with the session id of-the-server although');
});

test('the id that chose a session is its own: of MCP besides that of the platform, of HTTP instead of it', () => {
  const mcp = idsOf({ kind: 'known-id', chosenBy: 'chosen' }).ids;
  expect([mcp.sessionId, mcp.hasRuntimeSessionId('chosen')]).toEqual(['chosen', false]);
  const http = idsOf({ kind: 'known-id', chosenBy: 'chosen', protocol: 'HTTP' }).ids;
  expect(http.runtimeSessionId).toBe('chosen');
  expect(http.of(invocation())).toEqual({ mcpSessionId: undefined, runtimeSessionId: 'chosen' });
});

test('each request without an id to a shared process is issued one, of protocol versions with sessions alone', () => {
  const { ids, told } = idsOf({ kind: 'shared' });
  const { mcpSessionId } = ids.responded(invocation({}, 'somebody'), undefined);
  expect(mcpSessionId).toMatch(UUID);
  expect(told).toEqual([`issue ${mcpSessionId}`]);
  expect(ids.callerOf(mcpSessionId ?? '')).toBe('somebody');
  expect(ids.responded(invocation({ 'mcp-session-id': 'issued-before' }), undefined).mcpSessionId).toBe(
    'issued-before',
  );
  expect(ids.responded(invocation({ 'mcp-protocol-version': '2026-07-28' }), undefined).mcpSessionId).toBeUndefined();
});

test('an id that is issued with the request reaches the server', () => {
  const { ids } = idsOf({ kind: 'shared', issuedIds: 'request-and-answer' });
  const request = invocation();
  expect(ids.headersFor(request).slice(2)).toEqual(['Mcp-Session-Id', request.issuedId]);
  expect(ids.responded(request, undefined).mcpSessionId).toBe(request.issuedId);
});

test('a session goes by the runtime session ids of its requests, and knows who sent them first', () => {
  const { ids } = idsOf();
  const header = { 'x-amzn-bedrock-agentcore-runtime-session-id': 'of-a-request' };
  ids.remember(invocation(header, 'first'));
  ids.remember(invocation(header, 'second'));
  expect(ids.hasRuntimeSessionId('of-a-request')).toBe(true);
  expect(ids.callerOf('of-a-request')).toBe('first');
  expect(ids.of(invocation(header)).runtimeSessionId).toBe('of-a-request');
});
