import { SessionUsage, servesMany, type SessionKind } from '../../../local/src/session/session-usage';

/** A session whose requests were answered so, one after the other. */
function used(kind: SessionKind, ...requests: readonly (readonly [method: string, status: number])[]): SessionUsage {
  const usage = new SessionUsage(kind, 'MCP');
  for (const [method, status] of requests) {
    usage.begin(method, 0);
    usage.responded(method, status);
    usage.end(method, 0);
  }
  return usage;
}

test.each([
  ['initialize', [['POST', 200]], undefined],
  ['initialize', [['POST', 400]], 'refused'],
  ['known-id', [['POST', 404]], 'refused'],
  [
    'known-id',
    [
      ['POST', 404],
      ['POST', 200],
    ],
    undefined,
  ],
  [
    'known-id',
    [
      ['POST', 200],
      ['POST', 500],
    ],
    undefined,
  ],
  ['known-id', [['DELETE', 200]], 'deleted'],
  [
    'known-id',
    [
      ['POST', 200],
      ['DELETE', 405],
    ],
    undefined,
  ],
  ['shared', [['POST', 400]], undefined],
  ['shared', [['DELETE', 200]], undefined],
  ['single-request', [['POST', 200]], 'request-ended'],
] as const)('a session of the kind %s with the responses %j ends with the reason %s', (kind, requests, reason) => {
  expect(used(kind, ...requests).endReason(true)).toBe(reason);
});

test('a session of the HTTP protocol is not refused by its errors', () => {
  const usage = new SessionUsage('known-id', 'HTTP');
  usage.responded('POST', 500);
  expect(usage.endReason(true)).toBeUndefined();
});

test('a session that was never answered ends when no client knows its id', () => {
  expect(new SessionUsage('initialize', 'MCP').endReason(false)).toBe('refused');
  expect(new SessionUsage('known-id', 'MCP').endReason(true)).toBeUndefined();
});

test('a session with an open request goes on, unless it was deleted', () => {
  const usage = used('single-request');
  usage.begin('POST', 0);
  usage.begin('POST', 0);
  usage.end('POST', 0);
  expect(usage.endReason(true)).toBeUndefined();
  usage.responded('DELETE', 200);
  expect(usage.endReason(true)).toBe('deleted');
});

test('an open POST makes it active, an open GET does not, and both move the time of the last use', () => {
  const usage = new SessionUsage('known-id', 'MCP');
  usage.begin('GET', 1);
  expect([usage.active, usage.hasOpenRequests, usage.lastActiveAt]).toEqual([false, true, 1]);
  usage.begin('POST', 2);
  expect([usage.active, usage.lastActiveAt]).toEqual([true, 2]);
  usage.end('POST', 3);
  usage.end('GET', 4);
  expect([usage.active, usage.hasOpenRequests, usage.lastActiveAt]).toEqual([false, false, 4]);
});

test.each(['GET', 'DELETE'])('a %s that ends does not end a POST, nor is it one that is still open', method => {
  const usage = new SessionUsage('known-id', 'MCP');
  usage.begin(method, 1);
  usage.begin('POST', 2);
  usage.end(method, 3);
  expect([usage.active, usage.hasOpenRequests]).toEqual([true, true]);
  usage.begin(method, 4);
  usage.end('POST', 5);
  expect([usage.active, usage.hasOpenRequests]).toEqual([false, true]);
});

test('the first response is told apart from those that follow', () => {
  const usage = new SessionUsage('known-id', 'MCP');
  expect([usage.responded('POST', 500), usage.responded('POST', 200)]).toEqual([true, false]);
});

test('sessions for whoever sends requests without an id serve many', () => {
  const kinds = ['initialize', 'known-id', 'shared', 'single-request'] as const;
  expect(kinds.filter(servesMany)).toEqual(['shared', 'single-request']);
});
