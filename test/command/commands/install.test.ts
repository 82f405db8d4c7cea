// `install` as a shell runs it, in a home directory of its own.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseCommandLine } from '../../../command/src/command-line/command-line';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';
import { endCommands, run } from '../run-command';

afterEach(endCommands);
afterAll(removeTemporaryFolders);

const ARN = 'arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/expenses-a1b2c3d4e5';

test('writes a file once, keeps what it said, and takes the server out again', async () => {
  const home = temporaryFolder();
  const file = path.join(home, '.cursor/mcp.json');
  const env = { HOME: home };
  const target = ['cursor', '--url', 'http://127.0.0.1:8000/mcp'];

  const first = await run(['install', ...target], { env });
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^local is installed in Cursor\n {2}file {4}\S+mcp\.json\n {2}next {4}turn local on/);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    mcpServers: { local: { url: 'http://127.0.0.1:8000/mcp' } },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);

  expect((await run(['install', ...target], { env })).stdout).toContain('local was installed in Cursor already');
  expect(readdirSync(path.dirname(file))).toEqual(['mcp.json']);

  const before = readFileSync(file, 'utf8');
  const changed = await run(['install', 'cursor', '--url', 'https://h/mcp', '--name', 'local', '--json'], { env });
  const { change, backup } = JSON.parse(changed.stdout) as { change: string; backup: string };
  expect(change).toBe('replaced');
  expect(readFileSync(backup, 'utf8')).toBe(before);

  expect((await run(['install', 'cursor', '--uninstall', '--name', 'local'], { env })).stdout).toMatch(
    /^local is removed/,
  );
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ mcpServers: {} });
  expect((await run(['install', ...target, '--uninstall'], { env })).stdout).toMatch(/^Cursor has no server local/);
});

test('follows a link to the file, keeps its mode, and leaves a file that is broken as it is', async () => {
  const home = temporaryFolder();
  const real = path.join(home, 'settings.json');
  writeFileSync(real, '{ "mcpServers": { // broken', { mode: 0o640 });
  mkdirSync(path.join(home, '.kiro/settings'), { recursive: true });
  symlinkSync(real, path.join(home, '.kiro/settings/mcp.json'));
  const args = ['install', 'kiro', '--url', 'https://h/mcp', '--name', 'h'];
  const env = { HOME: home };
  const refused = await run(args, { env });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^error: \S+settings\.json is not JSON \(\w+, line 1, column 28\): repair it/);
  expect(readFileSync(real, 'utf8')).toBe('{ "mcpServers": { // broken');

  writeFileSync(real, '{}');
  expect((await run(args, { env })).code).toBe(0);
  expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ mcpServers: { h: { url: 'https://h/mcp' } } });
  expect(statSync(real).mode & 0o777).toBe(0o640);
});

test('says why there is a program in between', async () => {
  const { stdout } = await run(['install', 'goose', '--url', 'https://h/mcp', '--client-id', 'desk'], {
    env: { HOME: temporaryFolder() },
  });
  expect(stdout).toContain('by      `stateful-mcp proxy`: goose takes no client id: it registers itself\n');
});

test('a project has a file of its own', async () => {
  const cwd = temporaryFolder();
  const home = temporaryFolder();
  const args = ['install', 'vscode', '--scope', 'project', '--url', 'https://h/mcp', '--name', 'h'];
  expect((await run(args, { cwd, env: { HOME: home } })).code).toBe(0);
  expect(existsSync(path.join(cwd, '.vscode/mcp.json'))).toBe(true);
  expect(readdirSync(home)).toEqual([]);
});

test.each([
  [
    ['install'],
    '`install` needs a host: one of claude, claude-desktop, vscode, kiro, cursor, gemini, goose, inspector',
  ],
  [['install', 'emacs', '--url', 'http://h'], 'there is no host `emacs`'],
  [['install', 'claude'], '`install` needs `--url URL`, `--arn ARN` or `--target stack:STACK/OUTPUT`'],
  [['install', 'claude', '--uninstall'], '`install` needs `--url URL`'],
  [['install', 'claude', '--url', 'http://h', '--name', 'a b'], '`--name` is `a b`: pass up to 64 letters'],
  [['install', 'claude', '--url', 'http://h', '--scope', 'all'], '`--scope` is `all`: pass one of user, project'],
  [
    ['install', 'claude', '--url', 'http://h', '--print', '--uninstall'],
    '`--print` and `--uninstall` exclude each other',
  ],
  [['install', 'claude', '--url', 'http://h', '--oauth-scope', 'a'], '`--oauth-scope` goes with `--oauth`'],
  [
    ['install', 'kiro', '--arn', ARN, '--bearer', 'T', '--through', 'mcp-proxy-for-aws'],
    '`--through mcp-proxy-for-aws` signs (SigV4) and sends no tokens',
  ],
  [
    ['install', 'kiro', '--url', 'http://h', '--server-metadata-url', 'https://m'],
    '`--server-metadata-url` goes with `--oauth` or `--client-id`',
  ],
])('refuses %j', async (words, message) => {
  await expect(parseCommandLine(words)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message) as string,
  });
});

test.each([
  [['install', 'goose', '--url', 'http://h', '--scope', 'project'], 'goose has no file for a project'],
  [
    ['install', 'claude-desktop', '--url', 'http://h', '--bearer', 'SECRET_TOKEN'],
    'Claude Desktop hands no variables on, and `SECRET_TOKEN` would have to be written down',
  ],
])('refuses %j, as the host does', async (words, message) => {
  expect(await run(words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) as string });
});
