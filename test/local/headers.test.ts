import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { startRuntime, type Described } from './running';

const RUNTIME_SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';

async function describeWith(url: string, headers: Record<string, string>): Promise<Described['headers']> {
  const sent = request(`${url}/mcp`, { method: 'POST', headers });
  sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'describe' } }));
  const [response] = await once(sent, 'response') as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return (JSON.parse(body) as { result: Described }).result.headers;
}

test('all of the client\'s headers reach the server, as they are', async () => {
  const { url } = await startRuntime();
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'describe', 'last-event-id': '7', 'mcp-param-region': 'eu', 'traceparent': '00-1', 'x-custom': 'yes' };
  expect(await describeWith(url, headers)).toMatchObject(headers);
});

test('the host is the server\'s, and the origin stays at the door', async () => {
  const { url, endpoint } = await startRuntime();
  const headers = await describeWith(url, { origin: 'http://localhost:6274' });
  expect(headers.host).toBe(`127.0.0.1:${(await endpoint.describe()).environment.PORT}`);
  expect(headers).not.toHaveProperty('origin');
});

test('what concerns the client\'s connection alone is left out, also what `Connection` names', async () => {
  const { url } = await startRuntime();
  const headers = await describeWith(url, { 'connection': 'close, X-Hop', 'x-hop': '1', 'te': 'trailers', 'keep-alive': 'timeout=1', 'proxy-authorization': 'secret', 'expect': '100-continue' });
  for (const name of ['x-hop', 'te', 'keep-alive', 'proxy-authorization', 'expect']) expect(headers).not.toHaveProperty(name);
  // The connection to the server is another one, which stays open.
  expect(headers.connection).toBe('keep-alive');
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

test('a session id of the platform that the client sends is handed on', async () => {
  const { url } = await startRuntime();
  const chosen = 'chosen-by-the-client-with-more-than-33-characters';
  expect((await describeWith(url, { [RUNTIME_SESSION_ID]: chosen }))[RUNTIME_SESSION_ID]).toBe(chosen);
});

test('the client gets its session id with every answer that is no error', async () => {
  const { endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const answer = await endpoint.call('describe', {}, sessionId);
  expect(answer.headers.get('mcp-session-id')).toBe(sessionId);
  await answer.text();
  expect((await endpoint.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, sessionId)).headers.get('mcp-session-id')).toBe(sessionId);
  expect((await endpoint.call('describe', {}, 'unknown')).headers.get('mcp-session-id')).toBeNull();
  expect((await endpoint.call('describe')).headers.get('mcp-session-id')).toBeNull();
});
