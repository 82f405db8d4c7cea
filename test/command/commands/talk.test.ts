import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTemporaryFolders, synthesizedAssembly, temporaryFolder } from '../assembly';
import { endCommands, run, start } from '../run-command';

let one: string;
let two: string;

beforeAll(() => {
  one = synthesizedAssembly('everything');
  two = synthesizedAssembly('first', 'second');
});

afterAll(endCommands);
afterAll(removeTemporaryFolders);

function answersFile(answers: Record<string, unknown>): string {
  const file = path.join(temporaryFolder(), 'answers.json');
  writeFileSync(file, JSON.stringify(answers));
  return file;
}

test('holds the whole conversation by itself and shows all of it', async () => {
  const answers = answersFile({ amount: 7, name: 'Zoe', note: 'Ring twice' });

  const talking = start(['talk', 'order', 'think', 'report', 'greet', '--app', one, '--answers', answers]);
  const { code, stdout, stderr } = await talking.finished;

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('\x1b');
  for (const line of [
    /^app +read from .+ \(.+ s\)$/,
    /^runtimes +everything \(.+ s\)$/,
    /^url +http:\/\/127\.0\.0\.1:\d+\/runtimes\/arn%3A.+%2Feverything-\w+\/invocations\?qualifier=DEFAULT$/,
    /^session +[0-9a-f-]{36}$/,
    /^call +order \{\}$/,
    /^elicitation +How many pieces\?$/,
    /^ +amount: a whole number, at least 2 and at most 10$/,
    /^answer +accept: amount = 7 \(answers file\)$/,
    /^elicitation +Where does it go\?$/,
    /^answer +accept: name = Zoe \(answers file\), email = someone@example\.com \(made up\), speed = slow \(first choice\), day = 2026-03-01 \(default\), note = Ring twice \(answers file\), gift = true \(made up\)$/,
    /^result +ordered 7: .*"note":"Ring twice"/,
    /^sampling +system: You are terse\.$/,
    /^ +user: What is the meaning of it all\?$/,
    /^answered by +a script \(no model was asked/,
    /^ +\[scripted answer, no model was asked\]/,
    /^result +\[scripted answer, no model was asked\]/,
    /^call +greet \{"name":"Zoe"\}$/,
    /^result +hello Zoe, call 1$/,
    /^process +\d+ of runtime everything, idle$/,
    /^idle timeout +15 min \((15 min|14 min \d+ s) left\)$/,
    /^max lifetime +8 h \((8 h|7 h .+) left\)$/,
    /^cost so far +\$0\.0000\d+ for \d\.\d\d s of CPU and [1-9]\d+ MB over .+ s \(estimate of a laptop run\)$/,
    /^stored +1 item in table /,
    /^ +id=order-1 {2}amount=7 {2}name=Zoe$/,
    /^done$/,
  ]) {
    expect(stdout).toMatch(new RegExp(line.source, 'm'));
  }
  expect(stdout.match(/^progress +\d\/5 {2}step \d$/gm)).toHaveLength(5);
  expect(talking.serversLeft()).toEqual([]);
  expect(talking.filesLeft()).toEqual([]);
});

test('talks to the server of a command, and ends it', async () => {
  const server = path.resolve(__dirname, '../fixtures/catalog-server.mjs');
  const talking = start(['talk', 'count', '--json', '--', process.execPath, server]);
  const { code, stdout } = await talking.finished;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ calls: [{ tool: 'count', content: [{ text: '1' }] }] });
  expect(talking.serversLeft()).toEqual([]);
});

test('says so when the app has no release to rehearse', async () => {
  const { code, stderr } = await run(['talk', 'report', '--release', '--app', one]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('`--release` is for a runtime with a verified release, and everything has none'),
  ]);
});

test('runs a CDK app by its command', async () => {
  const app = `node -e "fs.cpSync('${one}', process.env.CDK_OUTDIR, { recursive: true })"`;
  const talking = start(['talk', 'report', '--app', app, '--yes']);
  expect(await talking.finished).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^app +synthesized/m) as string,
  });
  expect(talking.filesLeft()).toEqual([]);
});

test('works twice at once', async () => {
  const runs = await Promise.all([1, 2].map(() => run(['talk', 'order', '--app', one])));
  for (const { code, stdout } of runs) {
    expect(code).toBe(0);
    expect(stdout).toMatch(/^stored +1 item in table /m);
  }
});

test('takes a free port when its own is in use, and says so', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const { code, stdout } = await run(['talk', 'report', '--app', one, '--port', String(port)]);
  server.close();
  expect(code).toBe(0);
  expect(stdout).toContain(`port ${port} is in use by another program, taking a free one`);
  expect(stdout).not.toContain(`http://127.0.0.1:${port}/`);
});

test.each([
  ['fail', /^failed +it failed$/m],
  [
    'crash',
    /^failed +.*the server process of this session ended with exit code 3[^]*^server log +\[everything \w+\] about to crash$/m,
  ],
])('goes on after `%s`, and exits with 1', async (tool, shown) => {
  const { code, stdout } = await run(['talk', tool, 'greet', '--app', one]);
  expect(code).toBe(1);
  expect(stdout).toMatch(shown);
  expect(stdout).toMatch(/^result +hello made-up name, call 1$/m);
  expect(stdout).toMatch(/^ended, not every call succeeded$/m);
});

test('says that a session was replaced', async () => {
  const { stdout } = await run(['talk', 'crash', 'greet', '--app', one]);
  expect(stdout).toMatch(
    /^warning +session [0-9a-f-]{36} is gone, and what the server kept in it; session [0-9a-f-]{36} has taken its place$/m,
  );
});

test('makes a prepared answer that does not fit a failed call', async () => {
  const { code, stdout } = await run(['talk', 'order', '--app', one, '--answers', answersFile({ amount: 99 })]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^no answer +`amount` of the answers file is 99, but it must be at least 2 and at most 10$/m);
});

describe('refuses', () => {
  test.each([
    ['a tool that does not exist', ['reprot'], 'there is no tool `reprot`. There is: order, think, report'],
    [
      'to guess a tool',
      [],
      'which tool? There is no terminal to choose in: pass the name of a tool\n\n  order     Asks for everything',
    ],
  ])('%s', async (_name, tools, message) => {
    const { code, stderr } = await run(['talk', ...tools, '--app', one]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error: ${message}`);
  });

  test('to guess a runtime', async () => {
    const { code, stderr } = await run(['talk', 'report', '--app', two]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'error: which runtime? There is no terminal to choose in: pass --runtime NAME\n\n  first\n  second',
    );
  });

  test('a runtime that does not exist', async () => {
    const { code, stderr } = await run(['talk', 'report', '--app', two, '--runtime', 'frist']);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no runtime `frist`. There is: first, second');
  });

  test('an assembly that cannot run', async () => {
    const { code, stderr } = await run(['talk', 'report', '--app', temporaryFolder()]);
    expect(code).toBe(1);
    expect(stderr).toContain('which is no cloud assembly');
  });
});

test.each(['second', 'sec'])('talks to the runtime that --runtime names: %s', async name => {
  const { code, stdout } = await run(['talk', 'report', '--app', two, '--runtime', name]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^process +\d+ of runtime second, idle$/m);
});

test('shows the output of a server that does not start', async () => {
  const { code, stderr } = await run([
    'talk',
    'report',
    '--app',
    one,
    '--env',
    'TABLE_NAME=x',
    '--env',
    'NODE_OPTIONS=--require=/no/such/module',
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: [^]*its last output:\n[^]*Cannot find module '\/no\/such\/module'/);
});

describe.each([
  ['SIGINT', 130, 'ended by Ctrl-C'],
  ['SIGTERM', 143, 'ended by SIGTERM'],
] as const)('%s', (name, exitCode, message) => {
  test('ends a call that is under way and leaves nothing behind', async () => {
    const talking = start(['talk', 'wait', '--app', one]);
    await talking.until('waiting');
    expect(talking.serversLeft()).not.toEqual([]);

    talking.signal(name);

    expect(await talking.finished).toMatchObject({ code: exitCode, stderr: `${message}\n` });
    expect(talking.serversLeft()).toEqual([]);
    expect(talking.filesLeft()).toEqual([]);
  });
});

test('does not wait after a second Ctrl-C, and still leaves no server behind', async () => {
  const talking = start(['talk', 'stubborn', '--app', one]);
  await talking.until('1  stubborn');
  // Signals close to each other count as one.
  const pressing = setInterval(() => talking.signal('SIGINT'), 400);
  const { code, stderr } = await talking.finished;
  clearInterval(pressing);
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
  while (talking.serversLeft().length > 0) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
});

test('ends while the app is being synthesized and leaves nothing behind', async () => {
  const talking = start(['talk', 'report', '--app', 'node -e "setInterval(() => {}, 1000)"']);
  await talking.until('stateful-mcp talk');
  while (!talking.filesLeft().some(file => file.startsWith('stateful-mcp-'))) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  talking.signal('SIGINT');
  expect(await talking.finished).toMatchObject({ code: 130 });
  expect(talking.filesLeft()).toEqual([]);
});

test('leaves no server behind when it is killed', async () => {
  const talking = start(['talk', 'wait', '--app', one]);
  await talking.until('waiting');
  talking.signal('SIGKILL');
  await talking.finished;
  while (talking.serversLeft().length > 0) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
});
