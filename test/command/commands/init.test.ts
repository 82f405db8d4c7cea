import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';
import { COMMAND, endCommands, run } from '../run-command';

const root = path.resolve(__dirname, '..', '..', '..');

afterEach(endCommands);
afterAll(removeTemporaryFolders);

/** The last line of a question of @clack/prompts: whoever sees it may answer. */
const QUESTION_END = /└\x1b\[39m\r\n$/;

/** Every file of a directory, by path. */
function filesOf(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter(name => statSync(path.join(directory, name)).isFile())
      .sort()
      .map(name => [name, readFileSync(path.join(directory, name), 'utf8')]),
  );
}

const PROJECT = ['.gitignore', '.kiro/settings/mcp.json', '.mcp.json', '.vscode/mcp.json', 'README.md', 'package.json'];
const TYPESCRIPT = ['server/booking.test.ts', 'server/booking.ts', 'server/main.ts', 'tsconfig.json'];
const PYTHON = ['server/booking.py', 'server/main.py', 'server/requirements.txt', 'server/test_booking.py'];

test.each([
  ['typescript', 'typescript', [...TYPESCRIPT, 'app.ts', 'cdk.json'], `fromTypeScript('server/main.ts')`],
  [
    'typescript',
    'python',
    [...TYPESCRIPT, 'app.py', 'cdk.json', 'requirements.txt'],
    'from_type_script("server/main.ts")',
  ],
  ['typescript', 'none', TYPESCRIPT, undefined],
  ['python', 'typescript', [...PYTHON, 'app.ts', 'cdk.json', 'tsconfig.json'], `fromPython('server')`],
  ['python', 'python', [...PYTHON, 'app.py', 'cdk.json', 'requirements.txt'], 'from_python("server")'],
  ['python', 'none', PYTHON, undefined],
])('writes a server in %s with a CDK app in %s', async (server, cdk, names, code) => {
  const cwd = temporaryFolder();
  const { code: exit, stdout } = await run(['init', 'my-server', '--server', server, '--cdk', cdk], { cwd });
  expect(exit).toBe(0);

  const files = filesOf(path.join(cwd, 'my-server'));
  expect(Object.keys(files)).toEqual([...PROJECT, ...names].sort());
  expect(stdout).toContain('\n  cd my-server\n');
  // Three commands, the same in the README.
  const commands = stdout.slice(stdout.indexOf('  cd my-server\n')).trim().split('\n').slice(1);
  expect(commands).toHaveLength(3);
  expect(files['README.md']).toContain(commands.map(line => line.trim()).join('\n'));
  // Named as the directory is, wherever the sample has its own name.
  expect(Object.values(files).join('\n')).not.toMatch(/table-booking|TableBooking/);
  const { name, scripts } = JSON.parse(files['package.json']!) as { name: string; scripts: Record<string, string> };
  expect([name, scripts.dev]).toEqual(['my-server', expect.stringMatching(/^stateful-mcp dev/)]);
  const app = files['app.ts'] ?? files['app.py'];
  expect(app === undefined ? undefined : app.includes('MyServer') && app.includes(code!)).toBe(code && true);
  const local = 'http://127.0.0.1:8000/mcp';
  expect(JSON.parse(files['.mcp.json']!)).toEqual({ mcpServers: { 'my-server': { type: 'http', url: local } } });
  expect(JSON.parse(files['.vscode/mcp.json']!)).toEqual({ servers: { 'my-server': { type: 'http', url: local } } });
  expect(JSON.parse(files['.kiro/settings/mcp.json']!)).toEqual({
    mcpServers: { 'my-server': { url: local, disabled: false } },
  });
});

test('what it writes passes its own tests', async () => {
  const cwd = temporaryFolder();
  await run(['init', '--cdk', 'none'], { cwd });
  const project = path.join(cwd, 'my-mcp-server');
  symlinkSync(path.join(root, 'node_modules'), path.join(project, 'node_modules'));
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--test', 'server/booking.test.ts'], {
    cwd: project,
    encoding: 'utf8',
    // A test runner inside of another reports to that.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined },
  });
  expect(output).toMatch(/^# pass 4|ℹ pass 4/m);
});

test('asks for what it was not told, in a terminal', async () => {
  const cwd = temporaryFolder();
  const command = `stty cols 100 rows 30; '${process.execPath}' '${COMMAND}' init`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH, TERM: 'xterm-256color' },
  });
  const tooLong = setTimeout(() => terminal.kill('SIGKILL'), 40_000);
  // The name that is filled in, the second language of the server, and the third choice of an app.
  const keys = ['\r', '\x1b[B\r', '\x1b[B\x1b[B\r'];
  let shown = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    const key = QUESTION_END.test(shown) ? keys.shift() : undefined;
    if (key !== undefined) {
      terminal.stdin.write(key);
    }
  });
  const [code] = (await once(terminal, 'close')) as [number | null];
  clearTimeout(tooLong);
  expect([code, keys]).toEqual([0, []]);
  expect(shown).toMatch(/created\S* my-mcp-server: server in Python, CDK app: none/);
});

test('names for programs what it wrote and what comes next, and asks nothing, in a terminal too', async () => {
  const cwd = temporaryFolder();
  const terminal = spawn(
    'script',
    ['-qec', `'${process.execPath}' '${COMMAND}' init --server python --json`, '/dev/null'],
    {
      cwd,
      env: { PATH: process.env.PATH, TERM: 'xterm' },
    },
  );
  let shown = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
  });
  const [code] = (await once(terminal, 'close')) as [number | null];
  expect(code).toBe(0);
  const written = JSON.parse(shown) as { directory: string; files: string[] };
  expect(written).toEqual({
    directory: path.join(cwd, 'my-mcp-server'),
    name: 'my-mcp-server',
    server: 'python',
    cdk: 'python',
    files: Object.keys(filesOf(path.join(cwd, 'my-mcp-server'))),
    next: [expect.stringContaining('pip install') as string, 'npm test', 'npm run dev'],
  });
});

test('takes a repository without a commit, and the directory where it runs', async () => {
  const cwd = path.join(temporaryFolder(), 'my-server');
  mkdirSync(path.join(cwd, '.git'), { recursive: true });
  const { code, stdout } = await run(['init', '.', '--server', 'python', '--yes'], { cwd });
  expect([code, stdout.split('\n')[0]]).toEqual([0, 'created .: server in Python, CDK app: Python']);
  expect(stdout).not.toContain('cd ');
});

test.each<[string, string[], RegExp]>([
  ['a directory that is not empty', ['init', 'full'], /full is not empty: it has a, b, c, and 1 more\. Pass an empty/],
  ['a file', ['init', 'file'], /file is a file: pass a new directory/],
  ['a name that is none', ['init', 'My_Server'], /the name of the server would be `My_Server`: it has lower-case/],
  ['a name that is too long', ['init', 'a'.repeat(41)], /has at most 40 characters/],
  [
    'a language that there is not',
    ['init', '--server', 'ruby'],
    /`--server` is `ruby`: pass one of typescript, python/,
  ],
  [
    'an app in a language that there is not',
    ['init', '--cdk', 'go'],
    /`--cdk` is `go`: pass one of typescript, python, none/,
  ],
  ['two directories', ['init', 'one', 'two'], /`init` takes one directory, got `two` as well/],
])('refuses %s, each time alike, and writes nothing', async (_case, words, reason) => {
  const cwd = temporaryFolder();
  mkdirSync(path.join(cwd, 'full'));
  for (const name of ['a', 'b', 'c', 'd']) {
    writeFileSync(path.join(cwd, 'full', name), '');
  }
  writeFileSync(path.join(cwd, 'file'), '');
  const before = filesOf(cwd);
  for (const time of ['first', 'second']) {
    const { code, stdout, stderr } = await run(words, { cwd });
    expect([time, code, stdout]).toEqual([time, 2, '']);
    expect(stderr).toMatch(reason);
  }
  expect(filesOf(cwd)).toEqual(before);
});
