import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, Packaging, type PythonCodeOptions } from '../../../../lib';
import { filesBelow } from '../../../../lib/private/program/program-files';
import { elfBinary } from '../../fixtures/binaries';
import { nagFindings } from '../../fixtures/cdk-nag';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects, synthesized } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

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

describe('dependencies', () => {
  test('are installed as wheels for Linux on arm64, from requirements.txt', () => {
    const directory = project({ ...FILES, 'pyproject.toml': '[project]' });
    bundled(directory);
    const [compile, direct, install, ...others] = uv.calls;
    expect(others).toEqual([]);
    expect([compile?.cwd, direct?.cwd, install?.cwd]).toEqual([directory, directory, directory]);
    expect(compile?.args.join(' ')).toMatch(
      /^pip compile .*--python-platform aarch64-manylinux_2_28 --python-version 3\.13 --output-file .* requirements\.txt$/,
    );
    expect(install?.args.join(' ')).toMatch(
      /^pip install .*--python-platform aarch64-manylinux_2_28 --python-version 3\.13 --target .* --only-binary :all: --requirements .*pylock\.toml --no-deps$/,
    );
  });

  test('are installed from uv.lock before all others', () => {
    const { folder } = bundled(project({ ...FILES, 'pyproject.toml': '[project]', 'uv.lock': 'version = 1' }));
    expect(uv.calls.map(({ args }) => args[0])).toEqual(['export', 'pip']);
    expect(uv.calls[0]?.args).toEqual(expect.arrayContaining(['--locked', '--no-dev', '--no-editable']));
    expect(readFileSync(path.join(folder, 'greet/__init__.py'), 'utf8')).toBe(
      `requirements = ${JSON.stringify('lock-version = "1.0"\n\n[[packages]]\nname = "greet"\nversion = "1.0.0"\nwheels = []\n\n')}`,
    );
  });

  const HELPER = 'helper-1.0.0-py3-none-any.whl';
  const locked = (files: Record<string, string>) =>
    project({
      'main.py': '',
      'uv.lock': '',
      exported: "./packages/helper ; sys_platform == 'linux'\ngreet==1.0.0\n",
      ...files,
    });

  test('on this machine are built as wheels, in a copy without what this machine alone needs', () => {
    const directory = locked({
      'packages/helper/wheel': HELPER,
      'packages/helper/.gitignore': '*.log',
      'packages/helper/.venv/pyvenv.cfg': '',
      'packages/helper/build/lib/old.py': '',
      'packages/helper/src/helper.egg-info/SOURCES.txt': '',
    });
    const { folder } = bundled(directory);
    const [, first, build, second] = uv.calls;
    expect(readFileSync(path.join(folder, 'greet/__init__.py'), 'utf8')).toBe(
      `requirements = ${JSON.stringify('lock-version = "1.0"\n\n[[packages]]\nname = "greet"\nversion = "1.0.0"\nwheels = []\n\n')}`,
    );
    expect(first?.args).toContain('--no-deps');
    expect(build?.args.slice(0, 2)).toEqual(['build', '--wheel']);
    expect(build?.cwd).toBe(path.join(directory, 'packages/helper'));
    expect(namesIn(build?.args.at(-1) ?? '')).toEqual(['.gitignore', 'wheel']);
    expect(second?.args.join(' ')).toMatch(
      /--no-deps helper @ file:\/\/\/.*\/helper-1\.0\.0-py3-none-any\.whl ; sys_platform == 'linux'$/,
    );
  });

  test('on this machine are built again when they have changed', () => {
    const directory = locked({ 'packages/helper/wheel': HELPER });
    bundled(directory);
    bundled(directory);
    writeFileSync(path.join(directory, 'packages/helper/helper.py'), 'X = 1');
    bundled(directory);
    expect(uv.calls.filter(({ args }) => args[0] === 'build')).toHaveLength(2);
  });

  test('on this machine are refused when they are not pure Python', () => {
    const directory = locked({ 'packages/helper/wheel': 'helper-1.0.0-cp313-cp313-linux_x86_64.whl' });
    expect(errorOf(() => bundled(directory))).toBe(
      `[Stack/Server] the Python project ${directory}/packages/helper is built as helper-1.0.0-cp313-cp313-linux_x86_64.whl, ` +
        'which is for this machine; only pure Python is allowed, whose wheel ends with -none-any.whl: build a wheel of it for linux/arm64 and depend on that, or use `McpServerCode.fromDockerfile`',
    );
  });

  test.each(['requirements.txt', 'pyproject.toml'])(
    'of %s come with the project itself where it is a package',
    source => {
      bundled(
        project({
          'main.py': '',
          wheel: 'app-1.0.0-py3-none-any.whl',
          [source]: '',
          'pyproject.toml': '[project]\nname = "app"\n[build-system]\n',
        }),
      );
      expect(uv.calls.map(({ args }) => args[0])).toEqual([
        ...(source === 'requirements.txt' ? [] : ['pip', 'pip', 'pip']),
        'build',
        'pip',
      ]);
      expect(uv.calls.at(-1)?.args.join(' ')).toMatch(/--no-deps app @ file:\/\/\/.*\/app-1\.0\.0-py3-none-any\.whl$/);
    },
  );

  test('are installed from pyproject.toml where there is nothing else', () => {
    bundled(project({ 'main.py': '', 'pyproject.toml': '[project]' }));
    expect(uv.calls[0]?.args.at(-1)).toBe('pyproject.toml');
  });

  test('that nothing locks are resolved once in a day, until something that decides about them changes', () => {
    const directory = project({ ...FILES, 'requirements.txt': '-r base.txt\n', 'base.txt': 'greet\n' });
    const resolutions = () => uv.calls.filter(({ args }) => args[1] === 'compile').length;
    bundled(directory);
    bundled(directory);
    expect(resolutions()).toBe(2);
    writeFileSync(path.join(directory, 'base.txt'), 'greet==2.0.0\n');
    bundled(directory);
    expect(resolutions()).toBe(4);
    writeFileSync(path.join(directory, 'uv.toml'), 'no-index = true\n');
    bundled(directory);
    expect(resolutions()).toBe(6);
    process.env.UV_EXCLUDE_NEWER = '2026-01-01';
    try {
      bundled(directory);
      expect(resolutions()).toBe(8);
    } finally {
      delete process.env.UV_EXCLUDE_NEWER;
    }
    const tomorrow = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 25 * 3600_000);
    try {
      bundled(directory);
      expect(resolutions()).toBe(10);
    } finally {
      tomorrow.mockRestore();
    }
  });

  test('are installed once in a process, until what names them changes', () => {
    const directory = project(FILES);
    bundled(directory);
    writeFileSync(path.join(directory, 'main.py'), 'print(1)');
    bundled(directory);
    const installations = () => uv.calls.filter(({ args }) => args[1] === 'install').length;
    expect(installations()).toBe(1);
    writeFileSync(path.join(directory, 'requirements.txt'), 'greet==2.0.0\n');
    bundled(directory);
    expect(installations()).toBe(2);
  });

  test('need uv, which is asked for where it is missing', () => {
    const before = process.env.PATH;
    process.env.PATH = project({});
    try {
      expect(errorOf(() => bundled(project(FILES)))).toBe(
        '[Stack/Server] cannot find uv, which installs the dependencies of `directory` for linux/arm64: ' +
          'install it ("pip install uv", or see https://docs.astral.sh/uv/), and have it on the PATH',
      );
    } finally {
      process.env.PATH = before;
    }
  });

  test.each(['', '# none\n\n  # so far\n'])('need no uv where there are none: %j', requirements => {
    const { folder } = bundled(project({ 'main.py': '', 'requirements.txt': requirements }));
    expect(uv.calls).toEqual([]);
    expect(namesIn(folder)).toEqual(['main.py', 'requirements.txt']);
  });

  test.each([
    [
      'Because all versions of pycups have no usable wheels',
      'what has no wheel for linux/arm64 would have to be built there: use another version or package, or `McpServerCode.fromDockerfile`',
    ],
    [
      'Building source distributions is disabled, but attempted to build `helper`',
      'what has no wheel for linux/arm64 would have to be built there: use another version or package, or `McpServerCode.fromDockerfile`',
    ],
    ['Because greeet was not found in the package registry', 'correct requirements.txt'],
  ])('that cannot be installed are shown as uv does: %s', (said, advice) => {
    uv.dispose();
    uv = new FakeUv('', said);
    const directory = project(FILES);
    expect(errorOf(() => bundled(directory))).toBe(
      `[Stack/Server] the dependencies of \`directory\` ${directory} cannot be installed from requirements.txt: ` +
        `uv ended with code 1:\n  ${said}\n${advice}`,
    );
  });
});

describe('a directory is refused', () => {
  test('that names no dependencies', () => {
    const directory = project({ 'main.py': '' });
    expect(errorOf(() => bundled(directory))).toBe(
      `[Stack/Server] \`directory\` ${directory} has none of uv.lock, requirements.txt, pyproject.toml: ` +
        'add one that names the dependencies of the server; where there are none, an empty requirements.txt',
    );
  });

  test('that does not exist', () => {
    expect(errorOf(() => bundled('samples/missing'))).toBe(
      `[Stack/Server] \`directory\` is "samples/missing", and there is no ${path.resolve('samples/missing')}: ` +
        'give the folder of the server, relative to the folder that the CDK app runs in',
    );
  });

  test('that is a file', () => {
    expect(errorOf(() => bundled(path.join(project(FILES), 'main.py')))).toContain(
      ', which is a file: give its folder, and name the file by `entry`',
    );
  });

  test('that is an unresolved token', () => {
    expect(errorOf(() => bundled(Lazy.string({ produce: () => 'server' })))).toMatch(
      /^\[Stack\/Server\] `directory` is an unresolved token; /,
    );
  });

  test.each(['src/main.py', 'main', 'main.pyc', '../main.py', ''])('with the entry %j', entry => {
    expect(errorOf(() => bundled(project(FILES), { entry }))).toContain(
      `\`entry\` is ${JSON.stringify(entry)}; the name of a .py file directly in \`directory\` is allowed`,
    );
  });

  test('without its entry', () => {
    expect(errorOf(() => bundled(project({ 'requirements.txt': '' })))).toMatch(
      /`entry` is "main\.py", and there is no .*\/main\.py: give the name of the file that starts the server$/,
    );
    expect(errorOf(() => bundled(project(FILES), { exclude: ['*.py'] }))).toContain(
      '`exclude` leaves out main.py, which starts the server: let it in',
    );
  });

  test.each([AgentCoreRuntime.NODE_22, AgentCoreRuntime.of('PYTHON_3_99')])('with the interpreter %s', runtime => {
    expect(errorOf(() => bundled(project(FILES), { interpreter: runtime }))).toBe(
      `[Stack/Server] \`interpreter\` is ${runtime.value}; PYTHON_3_10, PYTHON_3_11, PYTHON_3_12, PYTHON_3_13 and PYTHON_3_14 are allowed: choose one of them`,
    );
    expect(uv.calls).toEqual([]);
  });

  test('with no version of Python that the CDK names', () => {
    const named = Object.values(AgentCoreRuntime).filter(
      value => value instanceof AgentCoreRuntime && value.value.startsWith('PYTHON_'),
    );
    expect(named).not.toEqual([]);
    for (const runtime of named as AgentCoreRuntime[]) {
      expect(() => bundled(project({ 'main.py': '', 'requirements.txt': '' }), { interpreter: runtime })).not.toThrow();
    }
  });

  test.each(['greet/__init__.py', 'greet.py'])('with %s, which a dependency has, too', name => {
    expect(errorOf(() => bundled(project({ ...FILES, [name]: '' })))).toBe(
      '[Stack/Server] `directory` has greet, and so has one of its dependencies, ' +
        'which are installed beside it: rename yours, or leave it out by `exclude`',
    );
  });

  test('with binaries for another platform', () => {
    expect(
      errorOf(() =>
        bundled(project({ ...FILES, 'tools/fast.cpython-313-x86_64-linux-gnu.so': elfBinary(62).toString('latin1') })),
      ),
    ).toContain(
      '`directory` brings tools/fast.cpython-313-x86_64-linux-gnu.so (Linux on x86-64); only binaries for Linux on arm64 are allowed',
    );
  });

  test('with a dependency whose wheel is for any platform, but its binaries are not', () => {
    expect(
      errorOf(() => bundled(project({ ...FILES, native: elfBinary(62).toString('latin1') }), { exclude: ['native'] })),
    ).toBe(
      '[Stack/Server] a dependency of `directory` brings greet/_native.so (Linux on x86-64); only binaries for Linux on arm64 are allowed: ' +
        'use a version or a package with a wheel for that platform, or `McpServerCode.fromDockerfile`',
    );
  });

  test('with scripts that only run on this machine', () => {
    expect(errorOf(() => bundled(project({ ...FILES, 'tools/run': '#!/home/me/.venv/bin/python\n' })))).toBe(
      '[Stack/Server] `directory` brings tools/run (/home/me/.venv/bin/python), whose interpreter may be on this machine alone: begin it with "#!/usr/bin/env python3"',
    );
  });
});

test('a stack that is not being bundled is synthesized without uv', () => {
  const { stack } = bundled(project({ 'main.py': '' }), {}, { 'aws:cdk:bundling-stacks': ['Another'] });
  expect(uv.calls).toEqual([]);
  Template.fromStack(stack).resourceCountIs(RUNTIME, 1);
});
