import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { sessionServer, startRuntime } from '../running';

/** A request with headers that `fetch` does not let a caller set. */
async function statusWith(url: string, headers: Record<string, string>): Promise<[number | undefined, string]> {
  const sent = request(`${url}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
  sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize' }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) {
    body += String(chunk);
  }
  return [response.statusCode, body];
}

test.each(['localhost:3000', '127.0.0.1', '[::1]:3000', 'LOCALHOST'])(
  'on loopback the host %s is served',
  async host => {
    const { url } = await startRuntime();
    expect((await statusWith(url, { host }))[0]).toBe(200);
  },
);

test.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '10.0.0.1'])(
  'on loopback the host %s is refused',
  async host => {
    const { url, runtime } = await startRuntime();
    const [status, body] = await statusWith(url, { host });
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32000, message: `Invalid Host: ${host}` },
    });
    expect(runtime.sessions()).toEqual([]);
  },
);

test.each(['http://localhost:6274', 'https://127.0.0.1', 'http://[::1]:1'])(
  'on loopback the origin %s is served',
  async origin => {
    const { url } = await startRuntime();
    expect((await statusWith(url, { origin }))[0]).toBe(200);
  },
);

test.each(['https://evil.example', 'http://localhost.evil.example', 'null', 'http://localhost:1/path'])(
  'on loopback the origin %s is refused',
  async origin => {
    const { url } = await startRuntime();
    const [status, body] = await statusWith(url, { origin });
    expect(status).toBe(403);
    expect(body).toContain(`Invalid Origin: ${origin}`);
  },
);

test('on every other address the host is not looked at, the origin is', async () => {
  const { runtime } = await startRuntime();
  const { port } = await runtime.listen({ host: '0.0.0.0', allowedOrigins: ['https://Tools.example'] });
  const headers = { host: 'build-machine' };
  const status = async (origin?: string): Promise<unknown> =>
    (await statusWith(`http://127.0.0.1:${port}`, { ...headers, ...(origin !== undefined && { origin }) }))[0];
  expect(await status()).toBe(200);
  expect(await status('https://tools.example')).toBe(200);
  expect(await status('http://localhost:6274')).toBe(200);
  for (const origin of ['https://elsewhere.example', 'http://tools.example', 'https://tools.example:8443', 'null']) {
    expect(await status(origin)).toBe(403);
  }
});

test.each(['tools.example', 'https://tools.example/path', '*', ''])('%j is no origin', async origin => {
  const { runtime } = await startRuntime();
  await expect(runtime.listen({ allowedOrigins: [origin] })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
});

test('a port in use is an error that names it', async () => {
  const { runtime } = await startRuntime();
  const { port } = await runtime.listen();
  await expect(runtime.listen({ port })).rejects.toMatchObject({
    code: 'ERR_PORT_IN_USE',
    message: `\`port\` ${port} is in use on 127.0.0.1; choose another one, or 0 for a free one`,
  });
});

test.each([-1, 65_536, 1.5, Number.NaN])('the port %d is refused', async port => {
  const { runtime } = await startRuntime({ pooledProcesses: 0 });
  await expect(runtime.listen({ port })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
});

test('an address that is not one of this machine is an error that names it', async () => {
  const { runtime } = await startRuntime({ pooledProcesses: 0 });
  await expect(runtime.listen({ host: '203.0.113.1' })).rejects.toMatchObject({
    code: 'ERR_LISTEN_FAILED',
    message: expect.stringContaining('cannot listen on `host` 203.0.113.1') as string,
  });
});

test.each([
  ['not HTTP', 'hello\r\n\r\n'],
  ['two lengths', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  [
    'length and chunks',
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
])('what is not proper HTTP gets 400: %s', async (_, bytes) => {
  const { url, runtime } = await startRuntime();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(bytes);
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
  }
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(runtime.sessions()).toEqual([]);
});

describe('paths', () => {
  const initialize = (url: string): Promise<Response> =>
    fetch(url, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'initialize' }) });

  test.each(['/mcp', '/mcp/', '/sessions/mcp'])('a single runtime is served at %s', async path => {
    const { url } = await startRuntime();
    expect((await initialize(url + path)).status).toBe(200);
  });

  test('the path of AgentCore is served, also without a qualifier, and the server sees /mcp', async () => {
    const arn = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/my_mcp-abcdefghij';
    const { runtime, url, endpoint } = await startRuntime({ runtimes: [sessionServer({ arn })] });
    const [{ invocationPath } = { invocationPath: '' }] = runtime.runtimes;
    expect(invocationPath).toBe(
      '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-west-2%3A123456789012%3Aruntime%2Fmy_mcp-abcdefghij/invocations?qualifier=DEFAULT',
    );
    const response = await initialize(url + invocationPath);
    expect(response.status).toBe(200);
    const withoutQualifier = url + invocationPath.split('?')[0];
    expect((await initialize(withoutQualifier)).status).toBe(200);
    expect((await endpoint.describe(response.headers.get('mcp-session-id') as string)).url).toBe('/mcp');
  });

  test.each([
    '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A000000000000%3Aruntime%2Fother-0000000000/invocations',
    '/runtimes/%E0%A4%A/invocations',
  ])('an unknown runtime gets the error of the platform: %s', async path => {
    const { url } = await startRuntime();
    const response = await initialize(url + path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32004, message: 'Resource not found - Requested resource does not exist' },
    });
  });

  test('an endpoint that does not exist gets the error of the platform', async () => {
    const { runtime, url } = await startRuntime();
    const path = runtime.runtimes[0]?.invocationPath.replace('DEFAULT', 'production') as string;
    expect(await (await initialize(url + path)).json()).toMatchObject({ error: { code: -32004 } });
  });

  test.each(['/', '/other/mcp', '/mcp/more', '/.well-known/oauth-protected-resource'])(
    '%s gets 404 with the paths that are served',
    async path => {
      const { url } = await startRuntime();
      const response = await initialize(url + path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        message: expect.stringContaining('served are: /mcp, /sessions/mcp, /runtimes/arn%3Aaws') as string,
      });
    },
  );

  test('with two runtimes /mcp is not served', async () => {
    const { url } = await startRuntime({
      runtimes: [sessionServer({ name: 'one' }), sessionServer({ name: 'other' })],
    });
    expect((await initialize(`${url}/mcp`)).status).toBe(404);
    expect((await initialize(`${url}/other/mcp`)).status).toBe(200);
  });
});

describe('a page that may call', () => {
  const ORIGIN = 'http://localhost:6274';

  test.each(['POST', 'GET', 'DELETE'])('is told so before it sends a %s', async method => {
    const { endpoint } = await startRuntime();
    const preflight = await fetch(endpoint.url, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type,mcp-session-id,mcp-protocol-version',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(preflight.headers.get('access-control-allow-methods')).toContain(method);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('mcp-session-id');
  });

  test('may read the session id of a response, and a refusal; others may not', async () => {
    const { endpoint } = await startRuntime();
    const send = (origin: string, body: string): Promise<Response> =>
      fetch(endpoint.url, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body });
    for (const body of [JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize' }), 'no JSON']) {
      const { headers } = await send(ORIGIN, body);
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id');
      expect(headers.get('vary')).toContain('Origin');
    }
    const foreign = await send('https://elsewhere.example', '{}');
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});
