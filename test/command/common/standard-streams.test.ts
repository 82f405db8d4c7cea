import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { serve, type McpListener } from 'stateful-mcp-server';
import { McpServer } from '@modelcontextprotocol/server';
import { COMMAND } from '../run-command';

const SMALL_SERVER = path.resolve(__dirname, '../../local/fixtures/small-server.cjs');

let server: McpListener;

beforeAll(async () => {
  const factory = () => new McpServer({ name: 'empty', version: '1.0.0' });
  server = await serve(factory, { host: '127.0.0.1', port: 0, logLevel: 'silent', handleSignals: false });
});
afterAll(() => server.close());

/** Runs the command with one of its streams on a full disk. */
function withFull(stream: 'stdout' | 'stderr', args: readonly string[]) {
  const full = openSync('/dev/full', 'w');
  const stdio = stream === 'stdout' ? (['ignore', full, 'pipe'] as const) : (['ignore', 'pipe', full] as const);
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: [...stdio] });
  let output = '';
  (child.stdout ?? child.stderr)!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = new Promise<number | null>(resolve => {
    child.once('close', resolve);
  });
  return { child, code, output: () => output };
}

(existsSync('/dev/full') ? describe : describe.skip)('on a full disk', () => {
  test.each<[string, (url: string) => string[]]>([
    ['text', url => ['tools', '--url', url]],
    ['JSON', url => ['tools', '--json', '--url', url]],
    ['help', () => ['--help']],
  ])('a command whose %s is lost fails, and says why', async (_what, args) => {
    const { code, output } = withFull('stdout', args(server.url));
    expect(await code).toBe(1);
    expect(output()).toMatch(/^error: standard output cannot be written, and .* is lost: ENOSPC/m);
  });

  test('a command that cannot write its log does its work', async () => {
    const { code, output } = withFull('stderr', ['tools', '--json', '--url', server.url]);
    expect(await code).toBe(0);
    expect(JSON.parse(output())).toMatchObject({ tools: [] });
  });

  test.each(['stdout', 'stderr'] as const)('dev goes on without its %s', async stream => {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const { child, code } = withFull(stream, ['dev', '--port', String(port), '--', process.execPath, SMALL_SERVER]);
    try {
      const list = () =>
        fetch(`http://127.0.0.1:${port}/mcp`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
          body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        }).then(
          ({ status }) => status,
          () => undefined,
        );
      let status: number | undefined;
      while (child.exitCode === null && status === undefined) {
        status = await list();
        await new Promise(resolve => setTimeout(resolve, 200));
      }
      await new Promise(resolve => setTimeout(resolve, 500));
      expect([status, await list(), child.exitCode]).toEqual([200, 200, null]);
    } finally {
      child.kill('SIGTERM');
      await code;
    }
  });
});
