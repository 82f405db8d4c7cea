import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { connect, createTransport, StatefulMcpClientError, type StatefulMcpClient } from 'stateful-mcp-client';
import { serve } from 'stateful-mcp-server';
import { closeServers, initialized, listen, scriptedServer, v1Server, v2Server } from './servers';

let client: StatefulMcpClient | undefined;

afterEach(async () => {
  await client?.close();
  client = undefined;
  await closeServers();
});

/** A connected client whose `ping` is answered as given. */
async function answeredWith(
  answer: { status?: number; body?: unknown } | ((id?: number) => unknown),
): Promise<StatefulMcpClient> {
  const { url } = await scriptedServer(({ id, method }, { method: verb }) => {
    if (verb !== 'POST') {
      return { status: 405 };
    }
    if (method === 'initialize') {
      return initialized(id);
    }
    if (method !== 'ping') {
      return { status: 202 };
    }
    return typeof answer === 'function' ? { body: answer(id) } : answer;
  });
  // What never reached a server is sent again for so long.
  client = await connect(url, { connectTimeoutMs: 3000 });
  return client;
}

test.each([
  ['localhost:8000/mcp', 'its scheme is `localhost:`'],
  ['/mcp', 'pass an absolute URL'],
  ['http://me:secret@127.0.0.1/mcp', 'must not contain a user name or a password'],
])('refuses the URL %s', async (url, why) => {
  const refused = connect(url);
  await expect(refused).rejects.toMatchObject({
    code: 'ERR_INVALID_URL',
    message: expect.stringContaining(why) as string,
  });
  await expect(refused).rejects.not.toThrow('secret');
});

test.each([
  [{ requestTimeoutMs: 0 }, '`requestTimeoutMs` is 0: pass a number of milliseconds from 1 to 2147483647'],
  [{ requestTimeoutMs: Infinity }, '`requestTimeoutMs` is Infinity'],
  [{ era: 'new' as 'modern' }, "`era` is new: pass one of 'legacy', 'modern' and 'auto'"],
])('refuses the option %p', async (options, message) => {
  await expect(connect('http://127.0.0.1:1/mcp', options)).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: expect.stringContaining(message) as string,
  });
});

test.each(['legacy', 'modern', 'auto'] as const)('says when nothing listens there (%s)', async era => {
  const url = await listen(() => undefined);
  await closeServers();
  const { host } = new URL(url);
  await expect(connect(url, { era })).rejects.toMatchObject({
    code: 'ERR_CONNECTION_REFUSED',
    message: `nothing listens at ${host}: start the server, or check host and port of ${url}`,
  });
});

test.each(['EMFILE', 'ENFILE'])('says of %s what is left of nothing, not to check the network', async code => {
  const failed = new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });
  const transport = await createTransport({ target: 'http://127.0.0.1:8000/mcp' });
  expect(transport.explain(failed)).toMatchObject({
    code: 'ERR_CONNECTION_FAILED',
    message: expect.stringMatching(
      /^there was no connection to 127\.0\.0\.1:8000, since no file descriptors are left .*`ulimit -n`/,
    ) as string,
  });
});

test('says when the host does not exist', async () => {
  await expect(connect('http://no-such-host.invalid/mcp')).rejects.toMatchObject({ code: 'ERR_CONNECTION_FAILED' });
});

test.each([400, 422])(
  'a server that says with HTTP status %i what is wrong with the parameters was found',
  async status => {
    const error = { code: -32602, message: 'Invalid params' };
    const answered = await answeredWith({ status, body: { jsonrpc: '2.0', id: 1, error } });
    await expect(answered.ping()).rejects.toMatchObject({
      code: 'ERR_SERVER',
      httpStatus: status,
      jsonRpcCode: -32602,
      message: 'the server answered with an error: Invalid params (-32602)',
    });
  },
);

test.each(['legacy', 'modern'] as const)('of what a server does not offer, both eras say the same (%s)', async era => {
  const factory = () => new McpServer({ name: 'empty', version: '1.0.0' });
  await using server = await serve(factory, { host: '127.0.0.1', port: 0, logLevel: 'silent', handleSignals: false });
  client = await connect(server.url, { era });
  const failure = {
    code: 'ERR_SERVER',
    jsonRpcCode: -32601,
    message: 'the server answered with an error: Method not found (-32601)',
  };
  await expect(client.getPrompt('any')).rejects.toMatchObject(failure);
  await expect(client.readResource('doc://any')).rejects.toMatchObject(failure);
});

test('says what fetch itself refuses', async () => {
  await expect(connect('http://127.0.0.1:1/mcp')).rejects.toMatchObject({
    code: 'ERR_CONNECTION_FAILED',
    message: expect.stringContaining('(bad port)') as string,
  });
});

test.each([
  [404, 'check the path of the URL'],
  [401, 'send credentials'],
  [403, 'the caller is not allowed'],
  [413, 'the request is larger'],
  [429, 'there were too many requests'],
  [500, 'the server failed, read its log'],
])('explains HTTP status %d', async (status, advice) => {
  const { url } = await scriptedServer(() => ({ status, headers: { 'content-type': 'text/plain' }, body: 'sorry' }));
  await expect(connect(url)).rejects.toMatchObject({
    code: 'ERR_HTTP_STATUS',
    httpStatus: status,
    message: expect.stringContaining(`and said "sorry": ${advice}`) as string,
  });
});

test('takes 304 for no redirect', async () => {
  const { url } = await scriptedServer(() => ({ status: 304 }));
  await expect(connect(url)).rejects.toMatchObject({
    code: 'ERR_HTTP_STATUS',
    message: expect.not.stringContaining('redirect') as string,
  });
});

test('says when something else than an MCP server answers', async () => {
  const { url } = await scriptedServer(() => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }));
  await expect(connect(url)).rejects.toMatchObject({ code: 'ERR_INVALID_RESPONSE' });
});

test('says when the server does not speak the era', async () => {
  await expect(connect((await v1Server()).url, { era: 'modern' })).rejects.toMatchObject({
    code: 'ERR_PROTOCOL_VERSION',
  });
});

test.each([200, 400])('says which versions a server speaks that refuses those of the era (%i)', async status => {
  const error = { code: -32022, message: 'Unsupported protocol version', data: { supported: ['2026-07-28'] } };
  const { url } = await scriptedServer(({ id }) => ({ status, body: { jsonrpc: '2.0', id, error } }));
  await expect(connect(url)).rejects.toMatchObject({
    code: 'ERR_PROTOCOL_VERSION',
    jsonRpcCode: -32022,
    message: expect.stringMatching(/`era: 'auto'`.* \(the server speaks 2026-07-28\)$/) as string,
  });
});

test('takes what a server of the modern era alone speaks', async () => {
  const handler = createMcpHandler(() => new McpServer({ name: 'modern', version: '1.0.0' }), { legacy: 'reject' });
  const answer = toNodeHandler(handler);
  const url = await listen((request, response) => void answer(request, response));
  await expect(connect(url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL_VERSION' });
  client = await connect(url, { era: 'auto' });
  expect(client.era).toBe('modern');
});

test.each([
  [-32003, 200, 'Rate limit exceeded - Too many requests', 'wait and try again'],
  [-32004, 200, 'Resource not found - Requested resource does not exist', '`qualifier` in the URL'],
  [-32005, 200, 'Resource conflict - Resource already exists', 'try again after a short pause'],
  [-32006, 200, 'Validation error - Invalid request data', 'could not read the request'],
  [-32010, 200, 'Tool execution error - Please check your CloudWatch logs for more information', 'in CloudWatch'],
  [-32603, 200, 'Internal error - Server error', 'the platform failed'],
  [-32603, 200, 'An internal error occurred while processing the request.', 'the platform failed'],
  [-32001, 401, 'Authentication error - Invalid credentials', 'the credentials were not accepted'],
  [-32002, 403, 'Authorization error - Insufficient permissions', '`bedrock-agentcore:InvokeAgentRuntime`'],
  [
    -32011,
    406,
    'Accept Header Error - MCP protocol requires Accept header: application/json, text/event-stream',
    '`Accept` header',
  ],
])("explains AgentCore's %d (HTTP %d, %s)", async (code, status, message, explanation) => {
  const connected = await answeredWith({ status, body: { jsonrpc: '2.0', id: 1, error: { code, message } } });
  await expect(connected.ping()).rejects.toMatchObject({
    code: 'ERR_PLATFORM',
    jsonRpcCode: code,
    message: expect.stringMatching(new RegExp(`${message.slice(0, 20)}.*${explanation}`)) as string,
  });
});

test('hears an error of AgentCore that has no id', async () => {
  const message = 'Runtime initialization time exceeded. Please make sure that initialization completes in 120s.';
  const connected = await answeredWith(() => ({ jsonrpc: '2.0', error: { code: -32010, message } }));
  await expect(connected.ping()).rejects.toMatchObject({
    code: 'ERR_PLATFORM',
    message: expect.stringContaining(message) as string,
  });
});

test.each([
  [-32002, 'Resource note://two not found'],
  [-32603, 'division by zero'],
  [-32602, 'Unknown tool'],
])("does not take a server's own %d for the platform's", async (code, message) => {
  const connected = await answeredWith(id => ({ jsonrpc: '2.0', id, error: { code, message, data: { more: true } } }));
  await expect(connected.ping()).rejects.toMatchObject({
    code: 'ERR_SERVER',
    jsonRpcCode: code,
    data: { more: true },
    message: expect.stringContaining(message) as string,
  });
});

test('says which time-out it was', async () => {
  client = await connect((await v1Server()).url, { requestTimeoutMs: 1500 });
  await expect(client.callTool('wait')).rejects.toMatchObject({
    code: 'ERR_REQUEST_TIMEOUT',
    message: expect.stringContaining('for 1500 ms') as string,
  });
});

test('says that the call was cancelled', async () => {
  client = await connect((await v1Server()).url);
  const controller = new AbortController();
  const call = client.callTool('wait', {}, { signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  await expect(client.callTool('wait', {}, { signal: controller.signal })).rejects.toMatchObject({
    code: 'ERR_CANCELLED',
  });
});

test('has the name of its class, and a code', async () => {
  const error = await connect('nowhere').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StatefulMcpClientError);
  expect(error).toMatchObject({ name: 'StatefulMcpClientError', code: 'ERR_INVALID_URL' });
});

test('refuses a modern server that never stops asking', async () => {
  let rounds = 0;
  client = await connect((await v2Server()).url, {
    era: 'modern',
    elicitation: () => ({ action: 'decline' }),
    fetch: async (url, init) => {
      const body =
        typeof init?.body === 'string' ? (JSON.parse(init.body) as { id: number; method: string }) : undefined;
      if (body?.method !== 'tools/call') {
        return fetch(url, init);
      }
      rounds += 1;
      const input = {
        method: 'elicitation/create',
        params: { message: 'Again?', requestedSchema: { type: 'object', properties: {} } },
      };
      return Response.json({
        jsonrpc: '2.0',
        id: body.id,
        result: { resultType: 'input_required', inputRequests: { again: input } },
      });
    },
  });
  await expect(client.callTool('ask')).rejects.toMatchObject({ code: 'ERR_TOO_MANY_ROUNDS' });
  expect(rounds).toBe(101);
});
