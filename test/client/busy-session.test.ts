import { connect, type StatefulMcpClient } from 'stateful-mcp-client';
import { closeServers, initialized, scriptedServer } from './servers';

const BUSY = { code: -32005, message: 'Session operation in progress, please retry' };

let client: StatefulMcpClient | undefined;

afterEach(async () => {
  await client?.close();
  client = undefined;
  await closeServers();
});

/** A server that refuses each method so many times, and the session ids that each came with. */
async function busyServer(
  refusals: Record<string, number>,
  error = BUSY,
): Promise<{ url: string; sessions: (method: string) => unknown[] }> {
  const seen: [string, unknown][] = [];
  const { url } = await scriptedServer(({ id, method = 'answer' }, { method: verb, headers }) => {
    if (verb !== 'POST') {
      return { status: 405 };
    }
    seen.push([method, headers['mcp-session-id']]);
    if ((refusals[method] ?? 0) > 0) {
      refusals[method] = (refusals[method] ?? 0) - 1;
      return { body: { jsonrpc: '2.0', id, error } };
    }
    if (method === 'initialize') {
      return initialized(id);
    }
    return id === undefined
      ? { status: 202 }
      : { body: { jsonrpc: '2.0', id, result: method === 'ping' ? {} : { content: [] } } };
  });
  return { url, sessions: wanted => seen.filter(([method]) => method === wanted).map(([, session]) => session) };
}

test.each(['initialize', 'notifications/initialized', 'tools/call', 'ping'])(
  'sends `%s` again on the same session when that was just being started',
  async method => {
    const { url, sessions } = await busyServer({ [method]: 2 });
    client = await connect(url);
    await client.callTool('any');
    await client.ping();
    expect(sessions(method)).toHaveLength(3);
    expect(new Set(sessions(method)).size).toBe(1);
  },
);

test.each([
  { code: -32005, message: 'Resource conflict - Resource already exists' },
  { code: -32005, message: 'the order is closed' },
  { code: -32003, message: 'Rate limit exceeded' },
  { code: -32010, message: 'Tool execution error - Please check your CloudWatch logs for more information' },
  { code: -32603, message: 'Session operation in progress, please retry' },
])('does not send a tool call again after %j', async error => {
  const { url, sessions } = await busyServer({ 'tools/call': 1 }, error);
  client = await connect(url);
  await expect(client.callTool('any')).rejects.toMatchObject({ jsonRpcCode: error.code });
  expect(sessions('tools/call')).toHaveLength(1);
});

test('sends nothing again that nobody waits for any more', async () => {
  const { url, sessions } = await busyServer({ 'tools/call': 1000 });
  client = await connect(url, { requestTimeoutMs: 400 });
  // The last refusal, unless the time ends while a further one is waited for.
  await expect(client.callTool('any')).rejects.toMatchObject({
    code: expect.stringMatching(/^ERR_(PLATFORM|REQUEST_TIMEOUT)$/) as string,
  });
  // One may be on its way when the time ends.
  await new Promise(resolve => setTimeout(resolve, 100));
  const sent = sessions('tools/call').length;
  expect(sent).toBeGreaterThan(1);
  await new Promise(resolve => setTimeout(resolve, 900));
  expect(sessions('tools/call').length).toBe(sent);
});

test('ends a wait when it is closed', async () => {
  const { url } = await busyServer({ 'tools/call': 1000 });
  client = await connect(url);
  const call = expect(client.callTool('any')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  await client.close();
  await call;
});

test.each([
  'Runtime initialization time exceeded. Please make sure that initialization completes in 120s.',
  'Runtime health check failed or timed out',
  'Runtime health check failed',
])('starts a session again that did not come up: %s', async message => {
  const { url, sessions } = await busyServer({ initialize: 2 }, { code: -32010, message });
  client = await connect(url);
  await client.callTool('any');
  expect(sessions('initialize')).toHaveLength(3);
});

test('sends a tool call again that never reached a server, since that did not start in time', async () => {
  const message = 'Runtime initialization time exceeded. Please make sure that initialization completes in 30s.';
  const { url, sessions } = await busyServer({ 'tools/call': 1 }, { code: -32010, message });
  client = await connect(url);
  await client.callTool('any');
  expect(sessions('tools/call')).toHaveLength(2);
});

test.each(['Runtime health check failed or timed out', 'Received error (502) from runtime. Please check your logs'])(
  'does not send a tool call again that a server may have begun: %s',
  async message => {
    const { url, sessions } = await busyServer({ 'tools/call': 1 }, { code: -32010, message });
    client = await connect(url);
    await expect(client.callTool('any')).rejects.toMatchObject({ jsonRpcCode: -32010 });
    expect(sessions('tools/call')).toHaveLength(1);
  },
);

test('gives up a session that does not come up within `connectTimeoutMs`', async () => {
  const { url } = await busyServer({ initialize: 1000 });
  await expect(connect(url, { connectTimeoutMs: 500, callTimeoutMs: 60_000 })).rejects.toMatchObject({
    code: expect.stringMatching(/^ERR_(CONNECT_TIMEOUT|PLATFORM)$/) as string,
  });
});
