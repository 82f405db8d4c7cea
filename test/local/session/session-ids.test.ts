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

function invocation(headers: Readonly<Record<string, string>> = {}, identity?: string, method = 'POST'): Invocation {
  const clock = new ManualClock();
  const exchange = { method, url: '/mcp', headers, body: new RequestBody(Readable.from([]), 1) };
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

test('an id is bound once, and stays when a later response does not name it', () => {
  const { ids, told } = idsOf();
  for (const id of ['of-the-server', 'of-the-server', undefined]) {
    expect(ids.responded(invocation(), id).mcpSessionId).toBe('of-the-server');
  }
  expect(told).toEqual(['bind of-the-server', 'renamed of-the-server']);
});

test('a server may give its session another id', () => {
  const { ids, told } = idsOf();
  ids.responded(invocation(), 'first');
  expect(ids.responded(invocation(), 'second').mcpSessionId).toBe('second');
  expect(ids.sessionId).toBe('second');
  expect(told).toEqual(['bind first', 'renamed first', 'bind second', 'renamed second']);
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

const RUNTIME_HEADER = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';
const chosen = { kind: 'known-id', chosenBy: 'chosen' } as const;

test.each<[string, Partial<SessionIdsParts>, Readonly<Record<string, string>>, string[]]>([
  ['its own id alone', {}, {}, [RUNTIME_HEADER]],
  ['no id that the client gives', {}, { [RUNTIME_HEADER.toLowerCase()]: 'of-the-client' }, []],
  ['an id of the platform', { platformIssuesIds: true }, {}, [RUNTIME_HEADER, 'Mcp-Session-Id']],
  ['none where the client has one', { platformIssuesIds: true }, { 'mcp-session-id': 'own' }, [RUNTIME_HEADER]],
  ['none where an id has chosen it', { ...chosen, platformIssuesIds: true }, {}, [RUNTIME_HEADER]],
  ['none for a shared process', { kind: 'shared', platformIssuesIds: true }, {}, [RUNTIME_HEADER]],
  ['none with a session', { issuedIds: 'request-and-answer' }, {}, [RUNTIME_HEADER]],
])('a server gets, besides the headers of the client, %s', (_, parts, headers, names) => {
  const request = invocation(headers);
  expect(
    idsOf(parts)
      .ids.headersFor(request)
      .filter((_name, index) => index % 2 === 0),
  ).toEqual(names);
  expect(request.issuedId).toBeUndefined();
});

test('a session that no id names has one of the platform, and no client knows it', () => {
  const parts: Partial<SessionIdsParts>[] = [
    { kind: 'shared', platformIssuesIds: true },
    { kind: 'single-request', platformIssuesIds: true },
    { kind: 'initialize' },
    { kind: 'known-id', protocol: 'HTTP' },
  ];
  for (const { ids, told } of parts.map(idsOf)) {
    expect([ids.areKnown, told, ids.hasRuntimeSessionId(ids.sessionId)]).toEqual([false, [], true]);
    expect(ids.runtimeSessionId).toMatch(UUID);
  }
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

test.each<[string, Partial<SessionIdsParts>, string]>([
  ['a GET', { kind: 'shared' }, 'GET'],
  ['a DELETE', { kind: 'single-request' }, 'DELETE'],
  ['a server of the HTTP protocol', { ...chosen, protocol: 'HTTP' }, 'POST'],
])('%s is issued no id', (_, parts, method) => {
  const { ids, told } = idsOf(parts);
  const before = told.length;
  expect(ids.responded(invocation({}, 'somebody', method), undefined).mcpSessionId).toBeUndefined();
  expect(told).toHaveLength(before);
});

test('an id that is issued by a process for one request names no process', () => {
  const { ids, told } = idsOf({ kind: 'single-request' });
  expect(ids.responded(invocation(), undefined).mcpSessionId).toMatch(UUID);
  expect(told).toEqual([]);
});

test('the id that a server without sessions gives to a request is told to its client', () => {
  const { ids, told } = idsOf({ kind: 'shared' });
  expect(ids.responded(invocation(), 'of-the-server').mcpSessionId).toBe('of-the-server');
  expect(told).toEqual(['issue of-the-server']);
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
