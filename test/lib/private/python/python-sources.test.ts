import path from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { McpServerCode, type PythonCodeOptions } from '../../../../lib';
import { elfBinary } from '../../fixtures/binaries';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects, synthesized } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

let uv: FakeUv;
beforeEach(() => (uv = new FakeUv()));
afterEach(() => uv.dispose());
afterEach(removeProjects);

const FILES = { 'main.py': 'import tools\n', 'tools/__init__.py': '', 'requirements.txt': 'greet\n' };

const bundled = (directory: string, options?: PythonCodeOptions, context?: Record<string, unknown>) =>
  synthesized(McpServerCode.fromPython(directory, options), context);

describe('a directory is refused', () => {
  test('that names no dependencies', () => {
    const directory = project({ 'main.py': '' });
    expect(errorOf(() => bundled(directory))).toBe(
      `[Stack/Server] \`directory\` ${directory} has none of uv.lock, requirements.txt, pyproject.toml: ` +
        'add one that names the dependencies of the server; where there are none, an empty requirements.txt',
    );
  });

  test.each(['[tool.ruff]\nline-length = 100\n', '[dependency-groups]\nserver = ["greet"]\n', '# [project]\n'])(
    'that names none in pyproject.toml: %j',
    pyproject => {
      expect(errorOf(() => bundled(project({ 'main.py': '', 'pyproject.toml': pyproject })))).toMatch(
        / has none of uv\.lock/,
      );
      expect(uv.calls).toEqual([]);
    },
  );

  test('that names them in what is not read', () => {
    expect(errorOf(() => bundled(project({ 'main.py': '', 'Pipfile.lock': '{}' })))).toMatch(
      / an empty requirements\.txt; Pipfile\.lock is not read: "pipenv requirements > requirements\.txt"$/,
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

  test.each(['src/main.py', 'main', 'main.pyc', '../main.py'])('with the entry %j', entry => {
    expect(errorOf(() => bundled(project(FILES), { entry }))).toContain(
      `\`entry\` is ${JSON.stringify(entry)}; the name of a .py file directly in \`directory\` is allowed`,
    );
  });

  test('without its entry', () => {
    expect(errorOf(() => bundled(project({ 'requirements.txt': '' })))).toMatch(
      /`entry` is "main\.py", and there is no .*\/main\.py: give the name of the file that starts the server; where a package does, add one /,
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

  test('with a program of the name of one of a dependency, and not with others', () => {
    expect(errorOf(() => bundled(project({ ...FILES, 'bin/greet': '' })))).toMatch(/has bin\/greet, .*rename yours/);
    expect(() => bundled(project({ ...FILES, 'bin/run': '' }))).not.toThrow();
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
