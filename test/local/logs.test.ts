import { nextStop, startRuntime, until, type Started } from './running';

const linesOf = ({ log }: Started, sessionId: string | undefined): string[] =>
  log.filter(entry => entry.sessionId === sessionId).map(({ stream, line }) => `${stream}: ${line}`);

test('each line carries the id of its session, also lines from before the id was known', async () => {
  const started = await startRuntime();
  const { endpoint } = started;
  const [one, other] = [await endpoint.initialize(), await endpoint.initialize()];
  await (await endpoint.call('print', { text: 'from one' }, one)).text();
  await (await endpoint.call('print', { text: 'from the other' }, other)).text();
  await until(() => linesOf(started, one).length === 4 && linesOf(started, other).length === 4);
  expect(linesOf(started, one)).toEqual([
    'stdout: starting',
    'stdout: listening',
    'stdout: from one',
    'stderr: from one (error)',
  ]);
  expect(linesOf(started, other)).toEqual([
    'stdout: starting',
    'stdout: listening',
    'stdout: from the other',
    'stderr: from the other (error)',
  ]);
  expect(new Set(started.log.map(({ runtimeName }) => runtimeName))).toEqual(new Set(['sessions']));
});

test('the process of a line is the one that wrote it', async () => {
  const started = await startRuntime();
  const sessionId = await started.endpoint.initialize();
  const { pid } = await started.endpoint.describe(sessionId);
  expect(new Set(started.log.map(entry => entry.pid))).toEqual(new Set([pid]));
});

test('a process that never gets a session logs without an id when everything ends', async () => {
  const started = await startRuntime();
  expect(started.log).toEqual([]);
  await started.runtime.close();
  expect(linesOf(started, undefined)[0]).toBe('stdout: starting');
});

test('a line of many bytes comes in pieces, characters whole', async () => {
  const started = await startRuntime();
  const sessionId = await started.endpoint.initialize();
  const text = 'ä'.repeat(100_000);
  await (await started.endpoint.call('print', { text }, sessionId)).text();
  await until(() => started.log.some(({ line }) => line.endsWith('(error)')));
  const pieces = started.log
    .filter(({ stream, line }) => stream === 'stdout' && line.startsWith('ä'))
    .map(({ line }) => line);
  expect(pieces.join('')).toBe(text);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(64 * 1024);
});

test('of very many lines without a session the first are logged without an id', async () => {
  const started = await startRuntime({
    runtimes: [
      {
        name: 'talkative',
        command: [
          process.execPath,
          '-e',
          `
    for (let line = 1; line <= 250; line++) console.log('line ' + line);
    require('node:http').createServer((request, response) => response.setHeader('mcp-session-id', 'known').end('{}')).listen(process.env.PORT, process.env.HOST);
  `,
        ],
      },
    ],
  });
  await until(() => started.log.length === 50);
  expect(linesOf(started, undefined)[0]).toBe('stdout: line 1');
  await started.endpoint.initialize();
  expect(linesOf(started, 'known')[0]).toBe('stdout: line 51');
  expect(linesOf(started, 'known')).toHaveLength(200);
});

test('the last words of a process are logged before its session is reported as stopped', async () => {
  const started = await startRuntime();
  const sessionId = await started.endpoint.initialize();
  const stopped = nextStop(started.runtime);
  await (await started.endpoint.call('crash', { exitCode: 1 }, sessionId)).text();
  await stopped;
  expect(linesOf(started, sessionId).slice(-2)).toEqual(['stderr: about to fail', 'stderr: Error: the tool broke']);
});
