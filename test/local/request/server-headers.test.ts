import { ServerHeaders } from '../../../local/src/request/server-headers';

const IDS = { mcpSessionId: 'of-the-client', runtimeSessionId: 'runtime-session' };
const ENDPOINT = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Endpoint-Url';
const RUNTIME_SESSION = ['X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', 'runtime-session'];

test.each<[string, string[], string[]]>([
  [
    'its own, without those of its connection',
    ['X-One', '1', 'Connection', 'close', 'Keep-Alive', 'a'],
    ['X-One', '1'],
  ],
  ['a length, as it was read', ['content-LENGTH', '007'], ['Content-Length', '7']],
  ['a length of nothing', ['Content-Length', '0'], ['Content-Length', '0']],
  ['no frame of chunks', ['Transfer-Encoding', 'chunked'], []],
  ['nothing that `Connection` names', ['Connection', 'X-Hop', 'X-Hop', '1', 'X-Kept', '2'], ['X-Kept', '2']],
  ['the session id of the client in place of its own', ['MCP-Session-Id', 'of-the-server'], []],
])('a client gets of the headers of a server: %s', (_, raw, expected) => {
  expect(new ServerHeaders(raw).forClient(IDS)).toEqual([
    ...expected,
    'Mcp-Session-Id',
    'of-the-client',
    ...RUNTIME_SESSION,
  ]);
});

test.each<[string, string[], object, string[]]>([
  ['none', [], { mcpSessionId: undefined }, RUNTIME_SESSION],
  [
    "the server's",
    ['mcp-session-id', 'of-the-server'],
    { mcpSessionId: undefined },
    ['mcp-session-id', 'of-the-server', ...RUNTIME_SESSION],
  ],
  [
    'a runtime session id that the server says itself',
    ['x-amzn-bedrock-agentcore-runtime-session-id', 'its own'],
    { mcpSessionId: undefined },
    ['x-amzn-bedrock-agentcore-runtime-session-id', 'its own'],
  ],
  [
    'the URL of its ports',
    [],
    { mcpSessionId: undefined, sessionEndpointUrl: 'http://localhost/ports' },
    [...RUNTIME_SESSION, ENDPOINT, 'http://localhost/ports'],
  ],
])('a client is told of its session: %s', (_, raw, ids, expected) => {
  expect(new ServerHeaders(raw).forClient({ ...IDS, ...ids })).toEqual(expected);
});

test('the session id of the server is the one it says', () => {
  expect(new ServerHeaders(['Mcp-Session-Id', 'one']).mcpSessionId).toBe('one');
  expect(new ServerHeaders(['X-Mcp-Session-Id', 'one']).mcpSessionId).toBeUndefined();
});

test.each<[string[], boolean]>([
  [['Content-Type', 'text/event-stream'], true],
  [['content-type', 'text/event-stream; charset=utf-8'], true],
  [['Content-Type', 'Text/Event-Stream'], true],
  [['Content-Type', 'text/event-stream', 'Content-Encoding', 'gzip'], false],
  [['Content-Type', 'application/json'], false],
  [['Content-Type', 'x-text/event-stream'], false],
  [['Accept', 'text/event-stream'], false],
  [[], false],
])('an event stream can be looked into where nothing encodes it: %j: %s', (raw, expected) => {
  expect(new ServerHeaders(raw).isEventStream).toBe(expected);
});

test.each([
  [['Content-Length', 'five']],
  [['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
  [['Transfer-Encoding', 'gzip']],
])('a frame that is not known is refused: %j', raw => {
  expect(() => new ServerHeaders(raw)).toThrow(/length that is no number|transfer coding/);
});
