// `proxy` at a host that hangs, or that has gone.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { COMMAND } from '../run-command';

let server: Server;
let answered = 0;
let size = 50_000;
let host: ChildProcess | undefined;

/** Its answers fill a pipe of the operating system many times. */
beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then(body => {
      const { id } = JSON.parse(body || '{}') as { id?: number };
      answered += 1;
      response
        .writeHead(id === undefined ? 202 : 200, { 'content-type': 'application/json' })
        .end(id === undefined ? undefined : JSON.stringify({ jsonrpc: '2.0', id, result: { text: 'x'.repeat(size) } }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => host?.kill('SIGKILL'));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const REQUESTS = 40;

/** What a host that reads nothing asks, for answers of this size. */
function ask(requests: number, bytes: number): { proxy: ChildProcess; said: Promise<string> } {
  answered = 0;
  size = bytes;
  const { port } = server.address() as AddressInfo;
  const proxy = spawn(process.execPath, [COMMAND, 'proxy', `http://127.0.0.1:${port}/mcp`], { stdio: 'pipe' });
  host = proxy;
  proxy.stdin.on('error', () => undefined);
  const said = text(proxy.stderr);
  for (let id = 0; id < requests; id += 1) {
    proxy.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list', params: {} })}\n`);
  }
  return { proxy, said };
}

test.each<[string, (proxy: ChildProcess) => void]>([
  ['closes standard input', proxy => proxy.stdin?.end()],
  ['sends SIGTERM', proxy => proxy.kill('SIGTERM')],
  ['closes both', proxy => [proxy.stdout?.destroy(), proxy.stdin?.end()]],
])('a host that reads nothing and %s is not waited for', async (_way, end) => {
  const { proxy, said } = ask(REQUESTS, 50_000);
  while (answered < REQUESTS) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  const exited = once(proxy, 'exit');
  end(proxy);
  expect(await exited).toEqual([0, null]);
  proxy.stdout?.destroy();
  const lines = (await said).split('\n').filter(line => line !== '');
  // At most one, of a host that has gone; nothing of listeners that leak.
  expect(lines.filter(line => line !== 'stateful-mcp proxy: write EPIPE')).toEqual([]);
  expect(lines.length).toBeLessThanOrEqual(1);
});

test('what a host does not read is bounded', async () => {
  const { proxy, said } = ask(20, 10_000_000);
  expect(await once(proxy, 'exit')).toEqual([1, null]);
  proxy.stdout?.destroy();
  expect(await said).toMatch(
    /^stateful-mcp proxy: the host does not read what the server sends, and has left 1[34]\d{7} bytes: this is the end\n$/,
  );
});
