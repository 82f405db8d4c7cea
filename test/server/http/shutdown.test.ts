import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { bundle, closeChildren, removeBundles, startChild } from '../child-server';
import { closeClients, connectClient, LEGACY_KINDS, textOf, type Answer } from '../clients';

let server: string;

beforeAll(() => {
  server = bundle(path.join(__dirname, '../fixtures', 'asking-server.ts'));
});

afterEach(async () => {
  await closeClients();
  await closeChildren();
});
afterAll(removeBundles);

function events(lines: readonly string[]): string[] {
  return lines.map(line => (JSON.parse(line) as { event: string }).event);
}

test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
  '%s ends an idle server with exit code 0, and says so',
  async signal => {
    const { process, exited, lines } = await startChild(server);
    process.kill(signal);
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(events(lines)).toEqual(['listening', 'stopping', 'stopped']);
    expect(JSON.parse(lines[1]!)).toMatchObject({ signal, openCalls: 0, pid: process.pid });
  },
);

test.each(LEGACY_KINDS)('SIGTERM lets an open call finish: %s', async kind => {
  const { url, process, exited } = await startChild(server);
  let answer!: (value: Answer) => void;
  const answered = new Promise<Answer>(resolve => {
    answer = resolve;
  });
  let ask!: () => void;
  const asked = new Promise<void>(resolve => {
    ask = resolve;
  });
  const client = await connectClient(kind, url, {
    elicit: async ({ message }) => {
      if (message === 'second') {
        return { action: 'accept', content: { word: 'world' } };
      }
      ask();
      return await answered;
    },
  });
  const call = client.call('ask');
  await asked;
  process.kill('SIGTERM');
  answer({ action: 'accept', content: { word: 'hello' } });
  expect(textOf(await call)).toBe('hello world');
  expect(await exited).toEqual({ code: 0, signal: null });
});

test('SIGTERM ends a call that hangs when the drain timeout is over', async () => {
  const { url, process, exited, lines } = await startChild(server, { DRAIN_MS: '50' });
  const client = await connectClient('SDK v2 modern', url);
  const call = expect(client.call('hang')).rejects.toThrow();
  await connectClient('SDK v2 modern', url).then(other => other.call('pid'));
  process.kill('SIGTERM');
  expect(await exited).toEqual({ code: 0, signal: null });
  await call;
  expect(lines.map(line => JSON.parse(line) as unknown)).toContainEqual(
    expect.objectContaining({ event: 'stopping', openCalls: 1 }),
  );
});

test('a second signal ends the server at once', async () => {
  const { url, process, exited } = await startChild(server);
  const client = await connectClient('SDK v2 modern', url);
  const call = expect(client.call('hang')).rejects.toThrow();
  await connectClient('SDK v2 modern', url).then(other => other.call('pid'));
  process.kill('SIGTERM');
  await new Promise<void>(resolve => {
    process.stderr!.on('data', (chunk: Buffer) => {
      if (chunk.includes('"stopping"')) {
        resolve();
      }
    });
  });
  process.kill('SIGTERM');
  expect(await exited).toEqual({ code: 143, signal: null });
  await call;
});

test.each([
  ['reject-later', 'unhandledRejection'],
  ['throw-later', 'uncaughtException'],
])('an error that nobody catches is one line before the end: %s', async (tool, origin) => {
  const { url, process, exited, lines } = await startChild(server);
  await connectClient('SDK v2 modern', url).then(client => client.call(tool));
  expect(await exited).toEqual({ code: 1, signal: null });
  expect(lines.map(line => JSON.parse(line) as unknown).at(-1)).toMatchObject({
    level: 'error',
    event: 'crashed',
    origin,
    message: expect.stringMatching(/^Error: two\nlines\n +at /) as string,
    pid: process.pid,
  });
});

test('without a log, an error that nobody catches is told by Node.js', () => {
  const script = `require(${JSON.stringify(server)}); setTimeout(() => void Promise.reject(new Error('told')), 50)`;
  const environment = { HOST: '127.0.0.1', PORT: '0', STATEFUL_MCP_LOG_LEVEL: 'silent' };
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { env: environment, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('Error: told\n');
  expect(stderr).not.toContain('"event"');
});

test('ends when its port is taken, with a message that says what to do', async () => {
  const first = await startChild(server);
  await expect(startChild(server, { PORT: new URL(first.url).port })).rejects.toThrow(
    /ended with code 1:[^]*ERR_PORT_IN_USE/,
  );
});
