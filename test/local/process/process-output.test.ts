import { PassThrough } from 'node:stream';
import { ProcessOutput, type SessionLogEntry } from '../../../local/src/process/process-output';

interface Followed {
  readonly output: ProcessOutput;
  readonly log: SessionLogEntry[];
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  /** What was logged, as `session:line`. */
  readonly lines: () => string[];
}

function follow(): Followed {
  const log: SessionLogEntry[] = [];
  const output = new ProcessOutput('runtime', 7, entry => log.push(entry));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  output.follow('stdout', stdout);
  output.follow('stderr', stderr);
  return { output, log, stdout, stderr, lines: () => log.map(({ sessionId = '', line }) => `${sessionId}:${line}`) };
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `${index}\n`).join('');

test('lines are made of chunks however they are cut, characters too', async () => {
  const { output, stdout, lines } = follow();
  output.flush();
  for (const byte of Buffer.from('one\r\nzwölf\n\nlast')) {
    stdout.write(Buffer.from([byte]));
  }
  await turn();
  expect(lines()).toEqual([':one', ':zwölf', ':']);
  stdout.end();
  await turn();
  await turn();
  expect(lines().at(-1)).toBe(':last');
});

test('output that ends with its line has no empty line behind it', async () => {
  const { output, stdout, lines } = follow();
  output.flush();
  stdout.end('one\n');
  await turn();
  await turn();
  expect(lines()).toEqual([':one']);
});

test('a line that is too long comes in pieces of 64 KiB', async () => {
  const { output, stdout, log } = follow();
  output.flush();
  stdout.write('x'.repeat(2 * 65_536));
  stdout.end('yz');
  await turn();
  await turn();
  expect(log.map(({ line }) => line.length)).toEqual([65_536, 65_536, 2]);
});

test.each([
  [65_536, [65_536]],
  [65_537, [65_536, 1]],
  [200_000, [65_536, 65_536, 65_536, 3392]],
])('a line of %i characters with its end comes in the same pieces, however it is written', async (length, pieces) => {
  for (const chunk of [length + 1, 65_536, 50_000]) {
    const { output, stdout, log } = follow();
    output.flush();
    const written = `${'x'.repeat(length)}\n`;
    for (let start = 0; start < written.length; start += chunk) {
      stdout.write(written.slice(start, start + chunk));
    }
    await turn();
    expect(log.map(({ line }) => line.length)).toEqual(pieces);
  }
});

test('lines wait for the id of their session, the last 200 of them', async () => {
  const { output, stdout, log, lines } = follow();
  stdout.write(numbered(200));
  await turn();
  expect(log).toEqual([]);
  stdout.write('200\n');
  await turn();
  expect(lines()).toEqual([':0']);
  output.identify('session');
  expect(lines().slice(1, 3)).toEqual(['session:1', 'session:2']);
  expect(log).toHaveLength(201);
  stdout.write('later\n');
  await turn();
  expect(log.at(-1)).toEqual({ runtimeName: 'runtime', sessionId: 'session', pid: 7, stream: 'stdout', line: 'later' });
});

test('without an id, what was held is logged without one', async () => {
  const { output, stderr, log } = follow();
  stderr.write('why\n');
  await turn();
  output.flush();
  output.flush();
  expect(log).toEqual([{ runtimeName: 'runtime', pid: 7, stream: 'stderr', line: 'why' }]);
});

test('a note of the local runtime is a line of its own, which is no last output', () => {
  const { output, log } = follow();
  output.flush();
  output.note('it ended\u0007');
  expect(log).toEqual([{ runtimeName: 'runtime', pid: 7, stream: 'runtime', line: 'it ended\\u0007' }]);
  expect(output.tail).toHaveLength(0);
});

test('the last 50 lines are kept', async () => {
  const { output, stdout, stderr } = follow();
  stdout.write(numbered(50));
  await turn();
  expect([output.tail.length, output.tail[0]]).toEqual([50, '0']);
  stderr.write('last\n');
  await turn();
  expect([output.tail.length, output.tail[0], output.tail.at(-1)]).toEqual([50, '1', 'last']);
});

test.each<[string, string, string | undefined]>([
  ['the last error', 'TypeError: one\n    at server.js:1\nError: two\n    at server.js:2\n', 'Error: two'],
  [
    'an error of a module',
    'botocore.exceptions.NoCredentialsError: none\nbye\n',
    'botocore.exceptions.NoCredentialsError: none',
  ],
  ['an exception', 'Traceback\nException: broken\n', 'Exception: broken'],
  ['an error that nobody caught', 'Uncaught RangeError: far\n', 'Uncaught RangeError: far'],
  ['text, where nothing names an error', 'no Error here\n  not good  \n\n  \n', 'not good'],
  ['what an error is not', 'Errors: 3\nlast\n', 'last'],
  ['no version of Node.js', 'gone\n\nNode.js v22.1.0\n', 'gone'],
  ['a line with that version in it', 'needs Node.js v22\n', 'needs Node.js v22'],
  ['nothing', '\n', undefined],
])('the line that says why is %s', async (_, written, expected) => {
  const { output, stderr, stdout } = follow();
  stderr.write(written);
  stdout.write('Error: on stdout\n');
  await turn();
  expect(output.lastErrorLine).toBe(expected);
});
