import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { McpServerCode, type PythonCodeOptions } from '../../../../lib';
import { filesBelow } from '../../../../lib/private/program/program-files';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects, synthesized } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

let uv: FakeUv;
beforeEach(() => (uv = new FakeUv()));
afterEach(() => uv.dispose());
afterEach(removeProjects);

const FILES = { 'main.py': 'import tools\n', 'tools/__init__.py': '', 'requirements.txt': 'greet\n' };

const SCRIPT = `# /// script
# requires-python = ">=3.13"
# dependencies = [
#   "h11", # of HTTP
#   'Other.Package[extra]>=1',
#   "greet",
#   "pywin32; sys_platform == 'win32'",
# ]
# ///
import h11
`;

const bundled = (directory: string, options?: PythonCodeOptions, context?: Record<string, unknown>) =>
  synthesized(McpServerCode.fromPython(directory, options), context);
const namesIn = (folder: string): string[] => filesBelow(folder).map(({ name }) => name);

describe('dependencies', () => {
  test('are installed as wheels for Linux on arm64, from requirements.txt', () => {
    const directory = project({ ...FILES, 'pyproject.toml': '[project]' });
    bundled(directory);
    const [compile, direct, install, ...others] = uv.calls;
    expect(others).toEqual([]);
    expect([compile?.cwd, direct?.cwd, install?.cwd]).toEqual([directory, directory, directory]);
    expect(compile?.args.join(' ')).toMatch(
      /^pip compile .*--python-platform aarch64-manylinux_2_34 --python-version 3\.13 --output-file .* requirements\.txt$/,
    );
    expect(install?.args.join(' ')).toMatch(
      /^pip install .*--python-platform aarch64-manylinux_2_28 --python-version 3\.13 --target .* --only-binary :all: --requirements .*pylock\.toml --no-deps$/,
    );
  });

  test('without a wheel for an older C library are installed for that of Amazon Linux 2023', () => {
    const { folder } = bundled(project({ ...FILES, platform: 'aarch64-manylinux_2_34' }));
    expect(namesIn(folder)).toContain('greet/__init__.py');
    const [older, newer, ...others] = uv.calls
      .filter(({ args }) => args[1] === 'install')
      .map(({ args }) => args.join(' '));
    expect(others).toEqual([]);
    expect(newer).toBe(older?.replace('manylinux_2_28', 'manylinux_2_34'));
  });

  test('without a wheel for any are built, within limits', () => {
    const problem = errorOf(() => bundled(project({ ...FILES, platform: 'aarch64-manylinux_2_38' })));
    expect(problem).toMatch(/without a wheel that fits: none; what has no wheel for linux\/arm64 [^\n]*$/);
    const builds = uv.calls.filter(({ args }) => args[1] === 'install' && !args.includes(':all:'));
    expect(builds.map(({ args }) => args.slice(args.indexOf('--only-binary'), args.indexOf('--requirements')))).toEqual(
      [['--only-binary', 'greet']],
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

  test('that only Poetry reads are refused, and not where a file names them for all', () => {
    const files = { 'main.py': '', 'pyproject.toml': '[tool.poetry.dependencies]\ngreet = "*"\n' };
    expect(errorOf(() => bundled(project(files)))).toMatch(/which only Poetry reads there.*poetry export/s);
    bundled(project({ ...files, 'requirements.txt': 'greet\n' }));
  });

  test('that only Pixi reads are refused', () => {
    const pyproject = '[project]\nname = "a"\n[tool.pixi.dependencies]\ngreet = "*"\n';
    expect(errorOf(() => bundled(project({ 'main.py': '', 'pyproject.toml': pyproject })))).toMatch(
      /names dependencies under \[tool\.pixi\], .*requirements\.txt$/,
    );
  });

  test.each(['poetry', 'pdm'])('from an index that only %s asks give a warning', tool => {
    const pyproject = `[project]\nname = "a"\n[[tool.${tool}.source]]\nname = "own"\nurl = "https://example.com"\n`;
    const warning = Match.stringLikeRegexp('\\(own\\).*tool\\.uv\\.index.*indexNotRead');
    const { stack } = bundled(project({ 'main.py': '', 'pyproject.toml': pyproject }));
    Annotations.fromStack(stack).hasWarning('/Stack/Server', warning);
    const named = `${pyproject}[[tool.uv.index]]\nname = "own"\nurl = "https://example.com"\n`;
    const { stack: other } = bundled(project({ 'main.py': '', 'pyproject.toml': named }));
    Annotations.fromStack(other).hasNoWarning('/Stack/Server', warning);
  });

  test.each([
    ['Pipfile', '', /; Pipfile is not read: "pipenv requirements > requirements\.txt"$/],
    ['environment.yml', '', /; environment\.yml is not read: name the packages of PyPI in a requirements\.txt$/],
    ['setup.py', '', /; setup\.py is not read: add a pyproject\.toml /],
    ['main.py', SCRIPT, /; "# \/\/\/ script" of main\.py is not read: "uv export --script main\.py [^"]*"$/],
  ])('that only %s names are asked for', (name, contents, expected) => {
    expect(errorOf(() => bundled(project({ 'main.py': '', [name]: contents })))).toMatch(expected);
  });

  test('that the program names in itself have to be among them', () => {
    const files = { ...FILES, 'main.py': SCRIPT };
    expect(errorOf(() => bundled(project(files)))).toBe(
      '[Stack/Server] main.py names h11, Other.Package in "# /// script", which is not read, and the dependencies of `directory` have none of that name: ' +
        'add them ("uv export --script main.py --output-file requirements.txt")',
    );
    bundled(project({ ...FILES, 'main.py': '# /// script\n# dependencies = ["Greet>=1"]\n# ///\n' }));
  });

  test('of groups that come with pyproject.toml by default are among them, as they are in a lock', () => {
    const pyproject = '[project]\nname = "app"\n[tool.uv]\ndefault-groups = ["server"]\n';
    bundled(project({ 'main.py': '', 'pyproject.toml': pyproject }));
    bundled(project({ ...FILES, 'pyproject.toml': pyproject }));
    const groups = uv.calls.filter(({ args }) => args[1] === 'compile').map(({ args }) => args.includes('--group'));
    expect(groups).toEqual([true, true, false, false]);
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

  test('are resolved again when a file that a build of them reads has changed', () => {
    const files = { 'main.py': '', 'deps.txt': 'greet', wheel: 'app-1.0.0-py3-none-any.whl' };
    const directory = project({
      ...files,
      'pyproject.toml':
        '[project]\ndynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = { file = ["deps.txt"] }\n',
    });
    const resolutions = () => uv.calls.filter(({ args }) => args[1] === 'compile').length;
    bundled(directory);
    bundled(directory);
    expect(resolutions()).toBe(2);
    writeFileSync(path.join(directory, 'deps.txt'), 'other');
    bundled(directory);
    expect(resolutions()).toBe(4);
  });

  test('with a password in their URL are not written down', () => {
    const directory = project({ ...FILES, 'requirements.txt': 'greet==https://me:secret@example.com\n' });
    const resolutions = () => uv.calls.filter(({ args }) => args[1] === 'compile').length;
    bundled(directory);
    const cache = process.env.CDK_STATEFUL_MCP_CACHE ?? '';
    const written = namesIn(cache).filter(name => name.endsWith('.json'));
    expect(written.filter(name => readFileSync(path.join(cache, name), 'utf8').includes('secret'))).toEqual([]);
    bundled(directory);
    expect(resolutions()).toBe(4);
  });

  test('with hashes in whatever file, limits among them, are compared with these', () => {
    const hash = '--hash=sha256:abc';
    const files = { 'base.txt': `greet==1.0.0 ${hash}\n`, 'limits.txt': `other==1.0.0 ${hash}\n` };
    bundled(project({ ...FILES, 'requirements.txt': '-r base.txt\n-c limits.txt\n', ...files }));
    expect(uv.calls.at(-1)?.args.join(' ')).toMatch(
      /--requirements \S+\/requirements\.txt --constraints \S+\/limits\.txt$/,
    );
    bundled(project({ ...FILES, 'requirements.txt': '-r base.txt\n', ...files }));
    expect(uv.calls.at(-1)?.args.join(' ')).toMatch(/--requirements \S+\/requirements\.txt$/);
  });

  test.each(['poetry.lock', 'pdm.lock', 'Pipfile.lock', 'pylock.toml'])(
    'that %s locks are not those, with a warning',
    lock => {
      const pyproject = { 'main.py': '', 'pyproject.toml': '[project]', [lock]: '' };
      const { stack } = bundled(project(pyproject));
      const said = Match.stringLikeRegexp(`/${lock} is not read, .*requirements\\.txt.*lockNotRead`);
      Annotations.fromStack(stack).hasWarning('/Stack/Server', said);
      // Written from it, as it says there.
      const { stack: exported } = bundled(project({ ...pyproject, 'requirements.txt': 'greet==1.0.0\n' }));
      Annotations.fromStack(exported).hasNoWarning('/Stack/Server', Match.stringLikeRegexp('lockNotRead'));
      const { stack: locked } = bundled(project({ ...pyproject, 'uv.lock': 'version = 1' }));
      Annotations.fromStack(locked).hasNoWarning('/Stack/Server', Match.stringLikeRegexp('lockNotRead'));
    },
  );

  test('of a project that setup.py describes come with the project itself', () => {
    const wheel = 'app-1.0.0-py3-none-any.whl';
    bundled(project({ 'main.py': '', 'setup.py': '', wheel, 'pyproject.toml': '[tool.black]\n' }));
    expect(uv.calls.map(({ args }) => args[0])).toEqual(['pip', 'pip', 'pip', 'build', 'pip']);
  });

  test('in older versions than asked for are named in a warning, by each synthesis', () => {
    const directory = project({ ...FILES, newest: 'greet==2.0.0' });
    for (const { stack } of [bundled(directory), bundled(directory)]) {
      Annotations.fromStack(stack).hasWarning(
        '/Stack/Server',
        Match.stringLikeRegexp(
          '^requirements\\.txt admits newer versions than those that are bundled: greet 1\\.0\\.0 instead of 2\\.0\\.0; .*lock them by "uv lock" \\[ack: cdk-stateful-mcp:olderPythonPackages\\]$',
        ),
      );
    }
    const { stack } = bundled(project({ ...FILES, newest: 'greet==1.0.0' }));
    Annotations.fromStack(stack).hasNoWarning('/Stack/Server', Match.stringLikeRegexp('olderPythonPackages'));
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
      'what has no wheel for linux/arm64 and this version of Python would have to be built there: use another version or package, another `interpreter`, or `McpServerCode.fromDockerfile`',
    ],
    [
      'Building source distributions is disabled, but attempted to build `helper`',
      'what has no wheel for linux/arm64 and this version of Python would have to be built there: use another version or package, another `interpreter`, or `McpServerCode.fromDockerfile`',
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
