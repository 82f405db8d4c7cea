import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, Packaging, type PythonCodeOptions } from '../../../../lib';
import { filesBelow } from '../../../../lib/private/program/program-files';
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
