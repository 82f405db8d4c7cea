import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, Packaging, type PythonCodeOptions } from '../../../../lib';
import { contentsOf, filesBelow, sha256Of, type ProgramFile } from '../../../../lib/private/program/program-files';
import { nagFindings } from '../../fixtures/cdk-nag';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects, synthesized } from '../../fixtures/projects';

let uv: FakeUv;
beforeEach(() => (uv = new FakeUv()));
afterEach(() => uv.dispose());
afterEach(removeProjects);

const FILES = { 'main.py': 'import tools\n', 'tools/__init__.py': '', 'requirements.txt': 'greet\n' };
const RUNTIME = 'AWS::BedrockAgentCore::Runtime';

const bundled = (directory: string, options?: PythonCodeOptions, context?: Record<string, unknown>) =>
  synthesized(McpServerCode.fromPython(directory, options), context);
const namesIn = (folder: string): string[] => filesBelow(folder).map(({ name }) => name);

describe('the bundle', () => {
  test('has the sources and, beside them, what they depend on', () => {
    const { folder } = bundled(project(FILES));
    expect(namesIn(folder)).toEqual([
      'THIRD-PARTY-NOTICES.txt',
      'bin/greet',
      'greet/__init__.py',
      'greet-1.0.0.dist-info/METADATA',
      'greet-1.0.0.dist-info/RECORD',
      'greet-1.0.0.dist-info/licenses/LICENSE',
      'main.py',
      'requirements.txt',
      'tools/__init__.py',
    ]);
    expect(statSync(path.join(folder, 'bin/greet')).mode & 0o777).toBe(0o755);
    expect(statSync(path.join(folder, 'main.py')).mode & 0o777).toBe(0o644);
  });

  test('leaves out what only this machine needs, and what is excluded', () => {
    const { folder } = bundled(
      project({
        ...FILES,
        '.env': 'SECRET=1',
        '.git/HEAD': '',
        '.venv/pyvenv.cfg': '',
        'environment/pyvenv.cfg': '',
        'environment/lib/a.py': '',
        '__pycache__/main.cpython-313.pyc': '',
        'tools/__pycache__/a.pyc': '',
        'tools/old.pyc': '',
        'node_modules/a/index.js': '',
        'cdk.out/manifest.json': '',
        'tests/test_main.py': '',
        'notes.md': '',
        'tools/notes.md': '',
      }),
      { exclude: ['tests', '*.md'] },
    );
    expect(namesIn(folder).filter(name => !/greet|NOTICES/.test(name))).toEqual([
      'main.py',
      'requirements.txt',
      'tools/__init__.py',
    ]);
  });

  test('is the same on two machines', () => {
    const first = bundled(project(FILES));
    uv.dispose();
    uv = new FakeUv('#!/Users/someone else/python3.13\n');
    expect(bundled(project(FILES, 'deeper')).assetHash).toBe(first.assetHash);
  });

  test('has records that say what is in it', () => {
    const { folder } = bundled(project(FILES));
    const recorded = readFileSync(path.join(folder, 'greet-1.0.0.dist-info/RECORD'), 'utf8')
      .trim()
      .split('\n')
      .map(line => line.split(',')[0]);
    expect(recorded).toEqual(['bin/greet', 'greet/__init__.py', 'greet-1.0.0.dist-info/RECORD']);
  });

  test('has the notices of the packages in it', () => {
    const { folder } = bundled(project(FILES));
    expect(readFileSync(path.join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toBe(
      'Third-party software in this bundle, with its licenses and notices.\n\ngreet 1.0.0: MIT; Ada, https://example.com\n\n' +
        `${'-'.repeat(80)}\ngreet 1.0.0: licenses/LICENSE\n\nDo as you like.\n`,
    );
  });

  test('is another when a source or a dependency changes', () => {
    const hashes = [
      FILES,
      { ...FILES, 'tools/__init__.py': 'A = 1' },
      { ...FILES, 'requirements.txt': 'greet==1.0.0\n' },
    ].map(files => bundled(project(files)).assetHash);
    expect(new Set(hashes).size).toBe(3);
  });
});

/** The Python of this machine, and its version. */
const [PYTHON = '', MINOR = ''] = execFileSync(
  'python3',
  ['-c', 'import sys; print(sys.executable, sys.version_info[1])'],
  { encoding: 'utf8' },
)
  .trim()
  .split(' ');

describe('bytecode', () => {
  const interpreter = AgentCoreRuntime.of(`PYTHON_3_${MINOR}`);
  const files = { ...FILES, 'tools/__init__.py': 'NAMES = frozenset({"a", "b", "c"})\n', 'broken.py': 'def (:\n' };
  const compiledIn = (folder: string): ProgramFile[] => filesBelow(folder).filter(({ name }) => name.endsWith('.pyc'));
  const withPython = (): void => {
    uv.dispose();
    uv = new FakeUv(undefined, undefined, PYTHON);
  };

  test('is there for all that is imported, and is used without a look at the source', () => {
    withPython();
    const { folder } = bundled(project(files), { interpreter });
    expect(compiledIn(folder).map(({ name }) => name)).toEqual([
      `__pycache__/main.cpython-3${MINOR}.pyc`,
      `greet/__pycache__/__init__.cpython-3${MINOR}.pyc`,
      `tools/__pycache__/__init__.cpython-3${MINOR}.pyc`,
    ]);
    writeFileSync(path.join(folder, 'tools/__init__.py'), 'raise SystemExit("compiled again")');
    const program = 'import tools; print(sorted(tools.NAMES), tools.__file__)';
    expect(execFileSync(PYTHON, ['-S', '-c', program], { cwd: folder, encoding: 'utf8' }).trim()).toBe(
      `['a', 'b', 'c'] ${folder}/tools/__init__.py`,
    );
  });

  test('knows nothing of the machine, and is the same for the same sources', () => {
    withPython();
    const first = compiledIn(bundled(project(files), { interpreter }).folder);
    withPython();
    const second = compiledIn(bundled(project(files, 'deeper'), { interpreter }).folder);
    expect(second.map(sha256Of)).toEqual(first.map(sha256Of));
    expect(first.filter(file => contentsOf(file).toString().includes(os.tmpdir()))).toEqual([]);
  });

  test('is left out with a line where there is no interpreter, and the asset is the same', () => {
    const without = bundled(project(files), { interpreter });
    expect(compiledIn(without.folder)).toEqual([]);
    Annotations.fromStack(without.stack).hasInfo(
      '/Stack/Server',
      Match.stringLikeRegexp(`uv python install 3.${MINOR}`),
    );
    withPython();
    expect(bundled(project(files), { interpreter }).assetHash).toBe(without.assetHash);
  });
});

describe('the runtime', () => {
  test('is started from a zip file by Python 3.13', () => {
    const { stack } = bundled(project(FILES), { packaging: Packaging.zip() });
    Template.fromStack(stack).hasResourceProperties(RUNTIME, {
      AgentRuntimeArtifact: { CodeConfiguration: { EntryPoint: ['main.py'], Runtime: 'PYTHON_3_13' } },
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('is started by another version, from another file', () => {
    const { stack } = bundled(project({ ...FILES, 'server.py': '' }), {
      entry: 'server.py',
      interpreter: AgentCoreRuntime.PYTHON_3_14,
      packaging: Packaging.zip(),
    });
    Template.fromStack(stack).hasResourceProperties(RUNTIME, {
      AgentRuntimeArtifact: { CodeConfiguration: { EntryPoint: ['server.py'], Runtime: 'PYTHON_3_14' } },
    });
    expect(uv.calls[0]?.args.join(' ')).toContain('--python-version 3.14');
  });

  test('is started in an image by the Python that it brings', () => {
    const { stack, assetHash } = bundled(project(FILES), {
      packaging: Packaging.image(),
      interpreter: AgentCoreRuntime.PYTHON_3_12,
    });
    Template.fromStack(stack).hasResourceProperties('Custom::ImageAssembly', {
      baseImage: 'public.ecr.aws/docker/library/python:3.12-slim',
      entrypoint: ['python3', 'main.py'],
      environment: { HOME: '/tmp', PYTHONUNBUFFERED: '1' },
      application: Match.objectLike({ contentHash: assetHash }),
    });
    Template.fromStack(stack).hasResource(RUNTIME, {
      Metadata: {
        'cdk-stateful-mcp:program': Match.objectLike({
          command: ['python3', 'main.py'],
          environment: { HOME: '/tmp', PYTHONUNBUFFERED: '1' },
        }),
      },
    });
  });
});

test('a stack that is not being bundled is synthesized without uv', () => {
  const { stack } = bundled(project({ 'main.py': '' }), {}, { 'aws:cdk:bundling-stacks': ['Another'] });
  expect(uv.calls).toEqual([]);
  Template.fromStack(stack).resourceCountIs(RUNTIME, 1);
});
