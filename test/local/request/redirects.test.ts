import { newRuntime, startRuntime, until } from '../running';
import type { LocalRuntimeDefinition } from 'stateful-mcp-local';

const serverOf = (handler: string, definition: Partial<LocalRuntimeDefinition> = {}): LocalRuntimeDefinition => ({
  name: 'redirecting',
  command: [
    process.execPath,
    '-e',
    `require('node:http').createServer((request, response) => {
      request.resume();
      const here = 'http://' + request.headers.host;
      ${handler}
    }).listen(process.env.PORT, process.env.HOST);`,
  ],
  ...definition,
});

test.each([301, 302, 303, 307, 308])(
  'a redirect of a server (%i) is an error that says what is wrong',
  async status => {
    const { endpoint, log } = await startRuntime({
      runtimes: [serverOf(`response.writeHead(${status}, { location: here + '/mcp/' }).end();`)],
    });
    const response = await endpoint.call('any', {}, undefined, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([200, null]);
    expect(await response.json()).toMatchObject({
      error: { code: -32010, message: expect.stringContaining(`a redirect (${status})`) as string },
    });
    await until(() => log.some(({ line }) => line.includes('an app mounted at `/mcp` redirects it to `/mcp/`')));
  },
);

test('a redirect of an HTTP server is an error, too', async () => {
  const runtime = newRuntime({
    runtimes: [serverOf("response.writeHead(302, { location: here + '/x' }).end();", { protocol: 'HTTP' })],
  });
  await runtime.ready;
  const url = `http://localhost${runtime.runtimes[0]?.invocationPath}`;
  const response = await runtime.fetch(new Request(url, { method: 'POST', body: '{}' }));
  expect([response.status, response.headers.get('location')]).toEqual([424, null]);
});

test('no header of an answer names the process of the session', async () => {
  const { endpoint } = await startRuntime({
    runtimes: [
      serverOf(
        "response.writeHead(200, { 'content-location': here + '/mcp', link: '<' + here + '/docs>; rel=help', 'x-at': request.headers.host, 'content-type': 'application/json' }).end('{}');",
      ),
    ],
  });
  const { headers } = await endpoint.call('any');
  expect([headers.get('content-location'), headers.get('link'), headers.get('x-at')]).toEqual([
    '/mcp',
    '</docs>; rel=help',
    null,
  ]);
});
