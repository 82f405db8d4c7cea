import { createServer } from 'node:net';
import { type LocalRuntime, type LocalRuntimeDefinition } from 'stateful-mcp-local';
import { newRuntime, McpEndpoint, sessionServer, type Started } from '../running';
import { freeServerPort } from '../../free-port';

const HEADER = 'x-amzn-bedrock-agentcore-runtime-session-endpoint-url';

/** Serves MCP at PORT, and says at another port what it was asked. */
const SERVER = `
const { createServer } = require('node:http');
const initialized = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'session-' + process.pid });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: {} }));
};
createServer((request, response) => {
  request.resume().on('end', () => request.method === 'POST' ? initialized(request, response) : response.writeHead(200).end('server ' + request.method + ' ' + request.url));
}).listen(process.env.PORT, process.env.HOST);
createServer((request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\\n\\n');
    return setTimeout(() => response.end('data: 2\\n\\n'), 50);
  }
  let body = '';
  request.on('data', chunk => body += chunk).on('end', () => {
    response.writeHead(201, { 'x-answer': 'yes', 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
  });
}).listen(Number(process.env.OTHER_PORT), process.env.HOST);
`;

const definition = (port: number, more: Partial<LocalRuntimeDefinition> = {}): LocalRuntimeDefinition => ({
  name: 'preview',
  command: [process.execPath, '-e', SERVER],
  environment: { OTHER_PORT: String(port) },
  allowedPorts: [port, { from: 8000, to: 8001 }],
  ...more,
});

interface Reached extends Started {
  readonly port: number;
  readonly endpointUrl: string;
}

async function start(options: ConstructorParameters<typeof LocalRuntime>[0] = {}): Promise<Reached> {
  const port = await freeServerPort();
  const runtime = newRuntime({ runtimes: [definition(port)], pooledProcesses: 0, ...options });
  await runtime.ready;
  const { url } = await runtime.listen();
  const endpoint = new McpEndpoint(`${url}/mcp`);
  const response = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
  await response.text();
  return { runtime, url, endpoint, log: [], port, endpointUrl: response.headers.get(HEADER) as string };
}

test('an answer names the URL of its session, the same each time, in 128 characters at most', async () => {
  const { endpoint, endpointUrl, url } = await start();
  expect(endpointUrl).toMatch(new RegExp(`^${url}/session-endpoints/`));
  expect(endpointUrl.length).toBeLessThanOrEqual(128);
  const { headers } = await endpoint.send({ jsonrpc: '2.0', id: 2, method: 'initialize', params: {} });
  expect(headers.get(HEADER)).not.toBe(endpointUrl);
});

test('a runtime without allowed ports has none', async () => {
  const runtime = newRuntime({ runtimes: [sessionServer()] });
  await runtime.ready;
  const { url } = await runtime.listen();
  const { headers } = await new McpEndpoint(`${url}/mcp`).send({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {},
  });
  expect(headers.get(HEADER)).toBeNull();
});

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s reaches an allowed port, with path, query and body',
  async method => {
    const { endpointUrl, port } = await start();
    const response = await fetch(`${endpointUrl}/${port}/a/b%20c?d=e`, {
      method,
      headers: { 'x-own': 'own', authorization: 'Bearer secret' },
      ...(method !== 'GET' && { body: 'the body' }),
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-answer')).toBe('yes');
    const seen = (await response.json()) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method, url: '/a/b%20c?d=e', body: method === 'GET' ? '' : 'the body' });
    expect(seen.headers).toMatchObject({ 'x-own': 'own' });
    expect(seen.headers).not.toHaveProperty('authorization');
  },
);

test('streams come as they are sent', async () => {
  const { endpointUrl, port } = await start();
  const response = await fetch(`${endpointUrl}/${port}/events`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('data: 1\n\n');
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('data: 2\n\n');
  expect((await reader.read()).done).toBe(true);
});

test('the port of the server is the one it listens on here', async () => {
  const { endpointUrl } = await start();
  expect(await (await fetch(`${endpointUrl}/8000/mcp`)).text()).toBe('server GET /mcp');
});

test.each([
  ['a port that is not allowed', (port: number) => port + 1, 403, 'AccessDenied'],
  ['no port', () => '', 403, 'AccessDenied'],
  ['an allowed port on which nothing listens', () => 8001, 502, 'BadGateway'],
])('%s is refused, with the reason in a header', async (_case, portFor, status, code) => {
  const { endpointUrl, port, runtime } = await start();
  const response = await fetch(`${endpointUrl}/${portFor(port)}/`);
  expect([response.status, response.headers.get('x-amzn-errortype'), await response.text()]).toEqual([
    status,
    code,
    '',
  ]);
  expect(runtime.eventLog.at(-1)).toMatchObject({ type: 'operation', operation: 'session endpoint', status });
});

test('a port of the machine that is of no process of the session is not reached', async () => {
  const stranger = createServer();
  const port = await freeServerPort();
  await new Promise<void>(resolve => stranger.listen(port, '127.0.0.1', resolve));
  const runtime = newRuntime({ runtimes: [sessionServer({ allowedPorts: [port] })], pooledProcesses: 0 });
  await runtime.ready;
  const { url } = await runtime.listen();
  const { headers } = await new McpEndpoint(`${url}/mcp`).send({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {},
  });
  expect((await fetch(`${headers.get(HEADER)}/${port}/`)).status).toBe(502);
  stranger.close();
});

test('a session that has ended, or never was, has no endpoint', async () => {
  const { endpointUrl, port, runtime, url } = await start();
  expect((await fetch(`${url}/session-endpoints/unknown/${port}/`)).status).toBe(404);
  await runtime.faults.expireSession(runtime.sessions()[0]?.sessionId as string);
  const response = await fetch(`${endpointUrl}/${port}/`);
  expect([response.status, await response.text()]).toEqual([404, '']);
});

describe('without credentials', () => {
  test('a runtime whose callers sign refuses with 403', async () => {
    const { endpointUrl, port } = await start({ auth: 'platform-urls' });
    const response = await fetch(`${endpointUrl}/${port}/`);
    expect([response.status, response.headers.get('x-amzn-errortype'), await response.text()]).toEqual([
      403,
      'AccessDenied',
      '',
    ]);
  });

  test('a runtime whose callers bring tokens refuses with 401, and says where to get one', async () => {
    const port = await freeServerPort();
    const customJWTAuthorizer = {
      discoveryUrl: 'https://idp.example/.well-known/oauth-authorization-server/tenant',
      allowedClients: ['a'],
    };
    const { endpointUrl } = await start({
      auth: 'platform-urls',
      runtimes: [definition(port, { customJWTAuthorizer })],
    });
    const response = await fetch(`${endpointUrl}/${port}/`);
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([401, 'AuthenticationRequired']);
    const metadata = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(await (await fetch(metadata)).json()).toMatchObject({
      authorization_servers: ['https://idp.example/tenant'],
    });
  });
});
