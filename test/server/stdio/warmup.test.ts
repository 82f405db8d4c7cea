import path from 'node:path';
import { serveStdio, type LogEntry, type SelfTest } from 'stateful-mcp-server';

const SERVER = path.join(__dirname, '../fixtures', 'stdio-server.mjs');

async function warmUp(
  args: readonly string[],
  selfTest?: SelfTest,
): Promise<{ status: number; text: string; log: LogEntry[] }> {
  const log: LogEntry[] = [];
  const options = { host: '127.0.0.1', port: 0, drainTimeoutMs: 0, log: (entry: LogEntry) => log.push(entry) };

  await using listener = await serveStdio(process.execPath, args, { ...options, ...(selfTest && { selfTest }) });
  const response = await fetch(new URL('/warmup', listener.url), { method: 'POST' });
  return { status: response.status, text: await response.text(), log };
}

test('a stdio server is warmed up in a process of its own, which ends with it', async () => {
  const { status, text, log } = await warmUp([SERVER]);
  expect([status, text]).toEqual([200, '{"status":"WarmedUp"}']);
  expect(log.map(({ event }) => event)).toContain('warmed-up');
});

test('one that ends at its start fails the warm-up with its exit code', async () => {
  const { status, text } = await warmUp(['-e', 'console.error("no database"); process.exit(3)']);
  expect(status).toBe(500);
  expect(text).toMatch(/^the warm-up failed in its step "initialize": .*exit code 3/);
});

test("the author's own test has a session with it", async () => {
  const { status, text } = await warmUp([SERVER], async session => {
    const { content } = await session.callTool('pid');
    throw new Error(`process ${JSON.stringify(content)}`);
  });
  expect(status).toBe(500);
  expect(text).toMatch(/^the warm-up failed in its step "selfTest": process .*"\d+"/);
});
