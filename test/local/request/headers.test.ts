import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { newRuntime, sessionServer, startRuntime, type Described } from '../running';

const RUNTIME_SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';

async function describeWith(url: string, headers: Record<string, string>): Promise<Described['headers']> {
  const sent = request(`${url}/mcp`, { method: 'POST', headers });
  sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'describe' } }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
  }
  return (JSON.parse(body) as { result: Described }).result.headers;
}

const TRACED = { traceparent: '00-1', tracestate: 'a=1', baggage: 'b=2', 'x-amzn-trace-id': 'Root=1' };

test("MCP's headers and those of tracing always reach the server, others do not", async () => {
  const { url, log } = await startRuntime();
  const always = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'describe',
    'last-event-id': '7',
    'mcp-param-region': 'eu',
    ...TRACED,
  };
  const others = {
    'x-custom': 'yes',
    cookie: 'a=1',
    authorization: 'Bearer abc',
    'x-amzn-bedrock-agentcore-runtime-user-id': 'ana',
    'x-amzn-bedrock-agentcore-runtime-custom-a': '1',
  };
  for (let attempt = 0; attempt < 2; attempt++) {
    const headers = await describeWith(url, { ...always, ...others });
    expect(headers).toMatchObject(always);
    for (const name of Object.keys(others)) {
      expect(headers).not.toHaveProperty(name);
    }
  }
  expect(log.filter(({ stream }) => stream === 'runtime').map(({ line }) => line)).toEqual([
    'the header x-custom is not in the request header allowlist of the runtime and does not reach the server',
  ]);
});

test('headers of the allowlist reach the server, unless they are longer than 4 KB', async () => {
  const allowlist = ['X-Custom', 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-A', 'x-long'];
  const { url } = await startRuntime({ runtimes: [sessionServer({ requestHeaderAllowlist: allowlist })] });
  const headers = await describeWith(url, {
    'x-custom': 'yes',
    'x-amzn-bedrock-agentcore-runtime-custom-a': '1',
    'x-long': 'x'.repeat(4097),
  });
  expect(headers).toMatchObject({ 'x-custom': 'yes', 'x-amzn-bedrock-agentcore-runtime-custom-a': '1' });
  expect(headers).not.toHaveProperty('x-long');
});

test.each(['with a length', 'in chunks'])(
  'headers as long as AgentCore allows reach a server that takes them: %s',
  async how => {
    const allowlist = Array.from({ length: 20 }, (_, index) => `x-allowed-${index}`);
    const definition = sessionServer({ requestHeaderAllowlist: allowlist });
    const [node = '', ...script] = definition.command ?? [];
    const { url } = await startRuntime({
      runtimes: [{ ...definition, command: [node, '--max-http-header-size=131072', ...script] }],
    });
    const headers = {
      ...Object.fromEntries(allowlist.map(name => [name, 'x'.repeat(4096)])),
      baggage: 'b'.repeat(8192),
      tracestate: 't'.repeat(512),
      'mcp-name': 'n'.repeat(1024),
      'mcp-method': 'tools/call',
      'mcp-protocol-version': '2025-11-25',
    };
    expect(
      await describeWith(url, { ...headers, ...(how === 'in chunks' && { 'transfer-encoding': 'chunked' }) }),
    ).toMatchObject(headers);
  },
);

test.each([
  [['Cookie'], 'Cookie is restricted'],
  [['X-Amz-Date'], 'X-Amz-Date is restricted'],
  [['X-Amzn-Other'], 'X-Amzn-Other is restricted'],
  [['x-a', 'X-A'], 'X-A is named twice'],
  [['Authorization'], 'Authorization needs a custom JWT authorizer'],
  [['1st'], 'is no name of a header'],
  [[], 'must name 1 to 20 headers, got 0'],
])('an allowlist that AgentCore refuses is refused: %j', (requestHeaderAllowlist, problem) => {
  expect(() => newRuntime({ runtimes: [sessionServer({ requestHeaderAllowlist })] })).toThrow(problem);
});

test("all of the client's headers reach the server when the setting says so", async () => {
  const { url } = await startRuntime({ settings: { requestHeaders: 'all' } });
  const headers = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'describe',
    'last-event-id': '7',
    'mcp-param-region': 'eu',
    traceparent: '00-1',
    'x-custom': 'yes',
  };
  expect(await describeWith(url, headers)).toMatchObject(headers);
});

test("the host is the server's, and the origin stays at the door", async () => {
  const { url, endpoint } = await startRuntime();
  const headers = await describeWith(url, { origin: 'http://localhost:6274' });
  expect(headers.host).toBe(`127.0.0.1:${(await endpoint.describe()).environment.PORT}`);
  expect(headers).not.toHaveProperty('origin');
});

test("what concerns the client's connection alone is left out, also what `Connection` names", async () => {
  const { url } = await startRuntime();
  const headers = await describeWith(url, {
    connection: 'close, X-Hop',
    'x-hop': '1',
    te: 'trailers',
    'keep-alive': 'timeout=1',
    'proxy-authorization': 'secret',
    expect: '100-continue',
  });
  for (const name of ['x-hop', 'te', 'keep-alive', 'proxy-authorization', 'expect']) {
    expect(headers).not.toHaveProperty(name);
  }
  // The connection to the server is another one, which stays open.
  expect(headers.connection).toBe('keep-alive');
});

test.each<Record<string, string>>([
  { 'content-length': '3' },
  { 'content-length': 'three' },
  { 'transfer-encoding': 'gzip' },
])('a body that has come whole has its own length, whatever the headers of a `fetch` say: %j', async framing => {
  const { runtime } = await startRuntime();
  const response = await runtime.fetch(
    new Request('http://localhost/mcp', {
      method: 'POST',
      headers: { accept: 'application/json, text/event-stream', ...framing },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'describe' } }),
    }),
  );
  expect(await response.json()).toMatchObject({ id: 1, result: { url: '/mcp' } });
});

test('the session id of the platform comes with every request, the same for all of a session', async () => {
  const { endpoint } = await startRuntime();
  const [one, other] = [await endpoint.initialize(), await endpoint.initialize()];
  const descriptions = [await endpoint.describe(one), await endpoint.describe(one), await endpoint.describe(other)];
  const [first, again, another] = descriptions.map(({ headers }) => headers[RUNTIME_SESSION_ID]);
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(again).toBe(first);
  expect(another).not.toBe(first);
});

test('each request has an id of the platform of its own', async () => {
  const { endpoint } = await startRuntime();
  const ids = [await endpoint.describe(), await endpoint.describe()].map(
    ({ headers }) => headers['x-amzn-bedrock-agentcore-runtime-request-id'],
  );
  expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(ids[1]).not.toBe(ids[0]);
});

test('a session id of the platform that the client sends is handed on', async () => {
  const { url } = await startRuntime();
  const chosen = 'chosen-by-the-client-with-more-than-33-characters';
  expect((await describeWith(url, { [RUNTIME_SESSION_ID]: chosen }))[RUNTIME_SESSION_ID]).toBe(chosen);
});

test('the client gets both of its session ids with every answer, errors of the server and of the platform too', async () => {
  const { endpoint, url, runtime } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const answer = await endpoint.call('describe', {}, sessionId);
  expect(answer.headers.get('mcp-session-id')).toBe(sessionId);
  await answer.text();
  expect(
    (await endpoint.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, sessionId)).headers.get(
      'mcp-session-id',
    ),
  ).toBe(sessionId);
  const chosen = 'chosen-by-the-client-with-more-than-33-characters';
  const idsOf = async (response: Response): Promise<unknown[]> => [
    await response.text().then(text => (JSON.parse(text) as { error?: unknown }).error !== undefined),
    response.headers.get('mcp-session-id'),
    response.headers.get(RUNTIME_SESSION_ID),
  ];
  const init = { headers: { [RUNTIME_SESSION_ID]: chosen } };
  expect(await idsOf(await endpoint.call('fail', { status: 400 }, sessionId, init))).toEqual([true, sessionId, chosen]);
  expect(await idsOf(await endpoint.call('fail', { status: 500 }, sessionId, init))).toEqual([true, sessionId, chosen]);
  expect(
    await idsOf(
      await endpoint.call('describe', {}, sessionId, { headers: { ...init.headers, baggage: 'x'.repeat(8193) } }),
    ),
  ).toEqual([true, sessionId, chosen]);
  expect(
    await idsOf(await endpoint.call('describe', {}, sessionId, { headers: { ...init.headers, accept: 'text/html' } })),
  ).toEqual([true, sessionId, chosen]);
  expect(await idsOf(await endpoint.call('dropConnection', {}, sessionId, init))).toEqual([true, sessionId, chosen]);
  expect(await idsOf(await endpoint.call('crash', { exitCode: 1 }, sessionId, init))).toEqual([
    true,
    sessionId,
    chosen,
  ]);
  expect(await idsOf(await endpoint.call('describe', {}, 'unknown', init))).toEqual([true, 'unknown', chosen]);
  expect(
    await idsOf(
      await fetch(`${url}/runtimes/${encodeURIComponent(runtime.runtimes[0]?.arn ?? '')}/invocations?qualifier=other`, {
        method: 'POST',
        body: '{"jsonrpc":"2.0"}',
      }),
    ),
  ).toEqual([true, null, null]);
});
