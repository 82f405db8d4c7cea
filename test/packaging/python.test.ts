import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { McpPlatformVersion, McpServerCode, StatefulMcpServer } from '../../lib';
import { foreignBinaries } from '../../lib/private/program/native-binaries';
import { filesBelow } from '../../lib/private/program/program-files';
import { project, removeProjects } from '../lib/fixtures/projects';
import { errorOf } from '../lib/fixtures/stacks';
import { bundled, expectApp, locked, namesIn, PACKAGE, python, SRC_LAYOUT, WORKSPACE } from './python-projects';

afterEach(removeProjects);

const SERVER = path.join(__dirname, '../lib/fixtures/python-server');

/** The server in a checkout of its own. */
function checkout(files: Record<string, string> = {}): string {
  const folder = project(files);
  cpSync(SERVER, folder, { recursive: true, force: false });
  return folder;
}

test('a server is bundled with wheels for arm64 as they are, and knows nothing of this machine', () => {
  const { folder } = bundled(checkout());
  const files = filesBelow(folder);
  const names = files.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['main.py', 'mcp/__init__.py', 'uvicorn/__init__.py', 'bin/uvicorn']));
  expect(names.filter(name => name.endsWith('.so')).length).toBeGreaterThan(1);
  expect(foreignBinaries(files)).toEqual([]);
  expect(names.filter(name => /^\.|\.pyc$(?<!\.cpython-313\.pyc)/.test(name))).toEqual([]);
  expect(readFileSync(path.join(folder, 'bin/uvicorn'), 'utf8')).toMatch(/^#!\/usr\/bin\/env python3\n/);
  expectNothingOfThisMachine(folder);
  expectRecordedScript(folder);
});

function expectNothingOfThisMachine(folder: string): void {
  const interpreter = path.dirname(
    execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(),
  );
  const texts = filesBelow(folder, name => name.endsWith('.so'))
    .map(({ name }) => readFileSync(path.join(folder, name), 'latin1'))
    .join('');
  expect(texts).not.toContain(interpreter);
  expect(texts).not.toContain('cdk-stateful-mcp-');
}

/** Tools that look find a script as it is recorded. */
function expectRecordedScript(folder: string): void {
  const [record = ''] = namesIn(folder).filter(name => /^uvicorn-.*\/RECORD$/.test(name));
  const script = readFileSync(path.join(folder, 'bin/uvicorn'));
  const digest = execFileSync('openssl', ['dgst', '-sha256', '-binary'], { input: script }).toString('base64url');
  expect(readFileSync(path.join(folder, record), 'utf8')).toContain(`bin/uvicorn,sha256=${digest},${script.length}\n`);
}

test('two checkouts with pinned dependencies give the same asset', () => {
  const pyproject =
    '[project]\nname = "greeter"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["mcp==1.20.0"]\n\n[dependency-groups]\ndev = ["pytest"]\n';
  const first = checkout({ 'pyproject.toml': pyproject });
  execFileSync('uv', ['lock', '--quiet'], { cwd: first });
  const second = checkout({
    'pyproject.toml': pyproject,
    'uv.lock': readFileSync(path.join(first, 'uv.lock'), 'utf8'),
  });
  const [one, two] = [first, second].map(folder => bundled(folder));
  expect(two?.assetHash).toBe(one?.assetHash);
  expect(namesIn(one?.folder ?? '').filter(name => /^_?pytest/.test(name))).toEqual([]);
});

test('a member of a workspace is in the bundle, which knows nothing of the checkout', () => {
  const [first, second] = [bundled(locked(WORKSPACE)), bundled(locked(WORKSPACE, 'another checkout'))];
  expect(python(first.folder, 'import helper; print(helper.__file__)')).toBe(
    path.join(first.folder, 'helper/__init__.py'),
  );
  expect(namesIn(first.folder).filter(name => /\.pth$|direct_url\.json$/.test(name))).toEqual([]);
  expect(second.assetHash).toBe(first.assetHash);
});

test('a project in the src layout with a lock is importable in the bundle', () => {
  expectApp(bundled(locked(SRC_LAYOUT)));
});

test('a project whose package is beside its entry is bundled as it is there', () => {
  const { folder } = bundled(locked({ ...PACKAGE, 'app/__init__.py': '', 'app/notes.md': '' }), { exclude: ['*.md'] });
  expect(namesIn(folder).filter(name => name.startsWith('app/'))).toEqual(['app/__init__.py']);
});

test('a project that cannot be built is shown as its build backend does, with a way out', () => {
  expect(errorOf(() => bundled(locked(PACKAGE)))).toMatch(
    /cannot be built as a wheel: uv ended with code \d:[^]*Unable to determine which files to ship[^]*has `package = false` under \[tool\.uv\] in its pyproject\.toml$/,
  );
});

test('a lock that is older than the project is refused', () => {
  const directory = locked(WORKSPACE);
  writeFileSync(
    path.join(directory, 'pyproject.toml'),
    WORKSPACE['pyproject.toml'].replace('["helper"]', '["helper", "h11"]'),
  );
  expect(errorOf(() => bundled(directory))).toBe(
    `[Stack/Server] \`directory\` ${directory} has a uv.lock that does not say what its pyproject.toml asks for: run "uv lock" there`,
  );
});

const MEMBER = { ...WORKSPACE, 'server/main.py': '', 'server/pyproject.toml': '' };

test('a member of a workspace has the versions of its lock, and the members that it needs', () => {
  const server = '[project]\nname = "server"\nversion = "1.0.0"\nrequires-python = ">=3.11"\n';
  const root = locked({
    ...MEMBER,
    'pyproject.toml': WORKSPACE['pyproject.toml'].replace('["packages/*"]', '["packages/*", "server"]'),
    'server/pyproject.toml': `${server}dependencies = ["helper", "idna==3.4"]\n[tool.uv]\npackage = false\n[tool.uv.sources]\nhelper = { workspace = true }\n`,
  });
  const names = namesIn(bundled(path.join(root, 'server')).folder);
  expect(names).toEqual(expect.arrayContaining(['helper/__init__.py', 'idna-3.4.dist-info/METADATA']));
});

test.each([
  ['>=3.11,<3.13', /"requires-python|choose `AgentCoreRuntime\.PYTHON_3_11` or `AgentCoreRuntime\.PYTHON_3_12`/],
  ['>=3.15', /widen it$/],
])('a project that may not run on the version of Python, %s, is refused', (specifiers, message) => {
  const pyproject = `[project]\nname = "app"\nversion = "1.0.0"\nrequires-python = "${specifiers}"\n`;
  expect(errorOf(() => bundled(project({ 'main.py': '', 'pyproject.toml': pyproject })))).toMatch(message);
});

test('records name the files that are in the bundle', () => {
  const { folder } = bundled(locked(WORKSPACE));
  const recorded = readFileSync(path.join(folder, 'helper-1.0.0.dist-info/RECORD'), 'utf8')
    .trim()
    .split('\n')
    .map(line => line.split(',')[0]);
  expect(namesIn(folder)).toEqual(expect.arrayContaining(recorded));
  expect(recorded).toContain('helper/__init__.py');
});

test('the sample on the kit for FastMCP is warmed up by it, and has a key for its request state', () => {
  const sample = path.join(__dirname, '../../samples/expense-tracker-python');
  const stack = new Stack(new App({ outdir: project({}) }), 'Stack');
  const server = new StatefulMcpServer(stack, 'Server', {
    code: McpServerCode.fromPython(sample),
    platformVersion: McpPlatformVersion.V2,
  });
  expect(server.requestStateSecret).toBeDefined();
  Template.fromStack(stack).hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
    HooksConfiguration: { Build: { Warmup: { Action: { HttpPost: { Path: '/warmup' } } } } },
  });
});
