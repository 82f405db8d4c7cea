import { acceptsMcp, checkAccept, checkMembers, checkPayload } from '../../../local/src/request/request-members';
import { checked, mcpRequest } from '../checked';

const refused = (message: string): object => ({ name: 'ValidationException', message });

test.each<[string, string, number, number]>([
  ['content-type', 'contentType', 1, 256],
  ['accept', 'accept', 1, 256],
  ['mcp-session-id', 'mcpSessionId', 1, 1024],
  ['mcp-protocol-version', 'mcpProtocolVersion', 1, 1024],
  ['mcp-method', 'mcpMethod', 1, 1024],
  ['mcp-name', 'mcpName', 1, 1024],
  ['x-amzn-bedrock-agentcore-runtime-session-id', 'runtimeSessionId', 33, 256],
  ['x-amzn-bedrock-agentcore-runtime-user-id', 'runtimeUserId', 1, 1024],
  ['x-amzn-trace-id', 'traceId', 0, 128],
  ['traceparent', 'traceParent', 0, 128],
  ['tracestate', 'traceState', 0, 512],
  ['baggage', 'baggage', 0, 8192],
])('%s has the length that the service model allows', async (header, member, shortest, longest) => {
  const outcome = (length: number): Promise<unknown> =>
    checked(checkMembers, mcpRequest({ headers: { [header]: 'x'.repeat(length) } }));
  expect(await Promise.all([0, Math.max(1, shortest), longest].map(outcome))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(await outcome(longest + 1)).toMatchObject(
    refused(`${member}: must be at most ${longest} characters, got ${longest + 1}`),
  );
  expect(shortest > 1 ? await outcome(shortest - 1) : 'no shorter one').toEqual(
    shortest > 1
      ? expect.objectContaining(refused(`${member}: must be at least ${shortest} characters, got ${shortest - 1}`))
      : 'no shorter one',
  );
});

test.each<[string[], string | undefined]>([
  [['Mcp-Session-Id', 'one', 'mcp-session-id', 'two'], 'mcpSessionId: must be given once'],
  [['mcp-session-id', 'same', 'MCP-SESSION-ID', 'same'], 'mcpSessionId: must be given once'],
  [['mcp-session-id', '', 'mcp-session-id', 'one'], 'mcpSessionId: must be given once'],
  [['Mcp-Protocol-Version', 'a', 'mcp-protocol-version', 'b'], 'mcpProtocolVersion: must be given once'],
  [['Mcp-Method', 'a', 'mcp-method', 'b'], 'mcpMethod: must be given once'],
  [['Mcp-Name', 'a', 'mcp-name', 'b'], 'mcpName: must be given once'],
  [['traceparent', 'a', 'traceparent', 'b'], 'traceParent: must be given once'],
  // A value that is called like the header is no second header.
  [['mcp-name', 'mcp-name', 'x-other', 'mcp-name'], undefined],
  [['baggage', 'a=1', 'baggage', 'b=2', 'accept', 'a/b', 'accept', 'c/d'], undefined],
])('what is no list is given once: %j', async (rawHeaders, message) => {
  const headers = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []));
  const outcome = await checked(
    exchange => {
      checkMembers({ ...exchange, rawHeaders });
    },
    mcpRequest({ headers: headers as [string, string][] }),
  );
  expect((outcome as Error | undefined)?.message).toBe(message);
});

test.each([
  [undefined, undefined],
  ['0', undefined],
  ['1000', undefined],
  ['1001', 'payload: must be at most 1000 bytes'],
])('a payload that says its length is refused by it: %s', async (length, message) => {
  const outcome = await checked(
    exchange => {
      checkPayload({ ...exchange, headers: { 'content-length': length } });
    },
    mcpRequest(),
    1000,
  );
  expect((outcome as Error | undefined)?.message).toBe(message);
});

test.each<[string, string | undefined, 'allow' | 'refuse', boolean]>([
  ['POST', 'application/json, text/event-stream', 'refuse', true],
  ['POST', 'application/json', 'allow', false],
  ['POST', undefined, 'allow', true],
  ['POST', undefined, 'refuse', false],
  ['GET', 'text/event-stream', 'refuse', true],
  ['DELETE', undefined, 'refuse', true],
])('%s with `Accept: %s` where a missing one is to %s: %s', async (method, accept, missing, passes) => {
  const outcome = await checked(
    exchange => {
      checkAccept(exchange, missing);
    },
    mcpRequest({ method, ...(accept !== undefined && { headers: { accept } }) }),
  );
  expect(outcome).toEqual(passes ? undefined : expect.objectContaining({ name: 'McpRequestUnacceptableException' }));
});

test.each([
  ['application/json, text/event-stream', true],
  ['APPLICATION/JSON ,\ttext/event-stream', true],
  ['application/json;charset=utf-8, text/event-stream; q=0.5', true],
  ['*/*', true],
  ['application/*, text/*', true],
  ['application/json, text/*', true],
  ['application/json, */*;q=0.1', true],
  ['application/*, text/html', false],
  ['application/json', false],
  ['text/event-stream', false],
  ['', false],
  ['application/json, text/event-stream;q=0', false],
  ['application/json; q=0.000, text/event-stream', false],
  ['application/json, text/event-stream;level=1; q=0', false],
  ['application/json, text/event-stream;level=0', true],
  ['application/json, text/event-stream; Q = 0', false],
  // The most specific range decides, wherever it stands.
  ['*/*, text/event-stream;q=0', false],
  ['text/event-stream;q=0, text/*, */*', false],
  ['*/*;q=0, application/json, text/event-stream', true],
  ['text/*;q=0, */*', false],
  ['text/event-stream, text/*;q=0, application/*', true],
])('`Accept: %s` takes both kinds of answers of MCP: %s', (accept, takes) => {
  // The second time, it is remembered.
  expect([acceptsMcp(accept), acceptsMcp(accept), acceptsMcp('*/*'), acceptsMcp(accept)]).toEqual([
    takes,
    takes,
    true,
    takes,
  ]);
});
