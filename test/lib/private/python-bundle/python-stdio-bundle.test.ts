import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, Packaging, type PythonStdioCodeOptions } from '../../../../lib';
import { filesBelow } from '../../../../lib/private/program/program-files';
import { elfBinary } from '../../fixtures/binaries';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects, synthesized, type Synthesized } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

let uv: FakeUv;
beforeEach(() => (uv = new FakeUv()));
afterEach(() => uv.dispose());
afterEach(removeProjects);

const before = process.cwd();
afterEach(() => process.chdir(before));

const bundle = (requirement = 'greet==1.0.0', options?: PythonStdioCodeOptions): Synthesized =>
  synthesized(McpServerCode.fromPythonStdio(requirement, options));
const namesIn = (folder: string): string[] => filesBelow(folder).map(({ name }) => name);
const mainOf = ({ folder }: Synthesized): string => readFileSync(path.join(folder, 'serve-stdio.py'), 'utf8');

test('the package is beside the bridge and a file that starts both', () => {
  const made = bundle('greet==1.0.0', { args: ['--verbose', 'a "b" é'] });
  const names = namesIn(made.folder);
  expect(names).toEqual(
    expect.arrayContaining(['bin/greet', 'greet/__init__.py', 'serve-stdio.py', 'stateful_mcp_stdio/__init__.py']),
  );
  expect(names.filter(name => name.includes('__pycache__'))).toEqual([]);
  expect(mainOf(made)).toContain('serve("bin/greet", ["--verbose","a \\"b\\" é"], ');
  expect(readFileSync(path.join(made.folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toMatch(
    /\ngreet 1\.0\.0: MIT; [^]*\nstateful_mcp_stdio of cdk-stateful-mcp: Apache-2\.0; /,
  );
});

test('it is resolved with uvicorn, by the settings of the app', () => {
  bundle('greet[extra]==1.0.0', { interpreter: AgentCoreRuntime.PYTHON_3_12 });
  const [compile] = uv.calls;
  expect(compile?.cwd).toBe(process.cwd());
  expect(compile?.args.join(' ')).toContain('--python-version 3.12');
  expect(readFileSync(compile?.args.at(-1) ?? '', 'utf8')).toBe('greet[extra]==1.0.0\nuvicorn>=0.30\n');
});

test('that its uvicorn is not the newest is nothing that its user has named', () => {
  process.chdir(project({ newest: 'greet==2.0.0' }));
  Annotations.fromStack(bundle().stack).hasNoWarning('*', Match.anyValue());
});

test('it is started by the Python of an image or of a zip file', () => {
  Template.fromStack(bundle().stack).hasResourceProperties('Custom::ImageAssembly', {
    baseImage: 'public.ecr.aws/docker/library/python:3.13-slim',
    entrypoint: ['python3', 'serve-stdio.py'],
    environment: { HOME: '/tmp', PYTHONUNBUFFERED: '1' },
  });
  Template.fromStack(bundle('greet==1.0.0', { packaging: Packaging.zip() }).stack).hasResourceProperties(
    'AWS::BedrockAgentCore::Runtime',
    {
      AgentRuntimeArtifact: {
        CodeConfiguration: Match.objectLike({ EntryPoint: ['serve-stdio.py'], Runtime: 'PYTHON_3_13' }),
      },
    },
  );
});

test('a second synthesis asks uv for nothing', () => {
  const first = bundle();
  const calls = uv.calls.length;
  expect(bundle().assetHash).toBe(first.assetHash);
  expect(uv.calls).toHaveLength(calls);
});

describe('of several programs', () => {
  /** The app has a file that gives the package more scripts. */
  const appWith = (scripts: string): void => process.chdir(project({ 'extra-scripts': scripts }));

  test.each<[string, PythonStdioCodeOptions, string]>([
    ['the one with the name of the package', {}, 'greet'],
    ['the one that is asked for', { program: 'greet-admin' }, 'greet-admin'],
  ])('%s is started', (_case, options, program) => {
    appWith('greet-admin\n');
    expect(mainOf(bundle('greet==1.0.0', options))).toContain(`serve("bin/${program}", [], `);
  });

  test('one that is not there is refused', () => {
    appWith('greet-admin\n');
    expect(errorOf(() => bundle('greet==1.0.0', { program: 'other' }))).toBe(
      '[Stack/Server] `program` is "other", which greet has not; its scripts are greet, greet-admin: choose one by `program`',
    );
  });
});

describe('with a project', () => {
  test('its lock decides, and its files stay behind', () => {
    const projectDirectory = project({ 'pyproject.toml': '[project]', 'uv.lock': 'version = 1', 'notes.py': '' });
    expect(errorOf(() => bundle('greet', { projectDirectory }))).toBe(
      `[Stack/Server] the project ${projectDirectory} does not depend on uvicorn, which serves greet over HTTP: add it ("uv add uvicorn")`,
    );
    expect(uv.calls.map(({ args }) => args[0])).toEqual(['export', 'pip']);
    expect(uv.calls.map(({ cwd }) => cwd)).toEqual([projectDirectory, projectDirectory]);
  });

  test.each([
    ['other', 'does not depend on other: add it ("uv add other")'],
    ['greet==2.0.0', 'has greet 1.0.0: name that version, none, or lock the other one'],
  ])('that does not have %s is refused', (requirement, message) => {
    const projectDirectory = project({ 'pyproject.toml': '[project]', 'uv.lock': 'version = 1' });
    expect(errorOf(() => bundle(requirement, { projectDirectory }))).toContain(message);
  });

  test('that has the version in another spelling is taken', () => {
    const projectDirectory = project({ 'pyproject.toml': '[project]', 'uv.lock': 'version = 1' });
    expect(errorOf(() => bundle('greet==1.0', { projectDirectory }))).toMatch(/ does not depend on uvicorn, [^\n]*$/);
  });

  test('that is none is refused', () => {
    expect(errorOf(() => bundle('greet', { projectDirectory: 'missing' }))).toBe(
      '[Stack/Server] `projectDirectory` is "missing", and there is no such folder: give the folder of the project that depends on greet',
    );
  });
});

test.each([
  ['greet', /^\[Stack\/Server\] `requirement` is "greet", without a version; .*as in "greet==1\.0\.0"/],
  ['greet>=1.0', /with one exact version is allowed/],
  ['greet==1.*', /with one exact version is allowed/],
  ['greet@1.0.0', /with one exact version is allowed/],
  ['greet==1.0.0 --index-url https://example.com', /with one exact version is allowed/],
  ['greet==1.0.0\nother', /with one exact version is allowed/],
  ['-r file.txt', /with one exact version is allowed/],
  ['git+https://example.com/greet', /with one exact version is allowed/],
  ['', /with one exact version is allowed/],
  [Lazy.string({ produce: () => 'greet==1.0.0' }), /`requirement` is an unresolved token/],
])('the requirement %j is refused', (requirement, message) => {
  expect(errorOf(() => bundle(requirement))).toMatch(message);
  expect(uv.calls).toEqual([]);
});

test.each<[PythonStdioCodeOptions, string]>([
  [{ interpreter: AgentCoreRuntime.NODE_22 }, '`interpreter` is NODE_22; '],
  [{ args: [Lazy.string({ produce: () => 'x' })] }, '`args` has an unresolved token'],
  [{ program: Lazy.string({ produce: () => 'x' }) }, '`program` is an unresolved token'],
])('options are refused: %j', (options, message) => {
  expect(errorOf(() => bundle('greet==1.0.0', options))).toContain(message);
});

test('a package with a binary for another platform is refused', () => {
  const app = project({});
  process.chdir(app);
  writeFileSync(path.join(app, 'native'), elfBinary(62));
  expect(errorOf(() => bundle())).toContain('greet==1.0.0 brings greet/_native.so (Linux on x86-64)');
});

test('what uv says is shown, with a way out', () => {
  uv.dispose();
  uv = new FakeUv('', 'Because greet was not found in the package registry');
  expect(errorOf(() => bundle())).toBe(
    '[Stack/Server] greet==1.0.0 cannot be installed: uv ended with code 1:\n' +
      '  Because greet was not found in the package registry\ncorrect `requirement`, or choose another version',
  );
});

test('nothing is asked of uv where the stack is not bundled', () => {
  const { stack } = synthesizedUnbundled();
  Template.fromStack(stack).resourceCountIs('AWS::BedrockAgentCore::Runtime', 1);
  expect(uv.calls).toEqual([]);
});

const synthesizedUnbundled = (): Synthesized =>
  synthesized(McpServerCode.fromPythonStdio('greet==1.0.0'), { 'aws:cdk:bundling-stacks': [] });
