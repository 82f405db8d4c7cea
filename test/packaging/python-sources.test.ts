import path from 'node:path';
import { project, removeProjects } from '../lib/fixtures/projects';
import { errorOf } from '../lib/fixtures/stacks';
import { bundled, expectApp, namesIn, python, SRC_LAYOUT, WORKSPACE } from './python-projects';

// What has no wheel and no lock is built by its own backend, which is fetched each time: minutes, with a job of its own.

afterEach(removeProjects);

test('a project in the src layout is importable in the bundle', () => {
  expectApp(bundled(project(SRC_LAYOUT)));
});

test.each(['-e ./packages/helper\n', './packages/helper\n'])(
  'a project of this machine without a lock is built: %j',
  line => {
    const { folder } = bundled(project({ ...WORKSPACE, 'requirements.txt': line }));
    expect(python(folder, 'import helper; print(helper.__file__)')).toBe(path.join(folder, 'helper/__init__.py'));
    expect(namesIn(folder).filter(name => /\.pth$|direct_url\.json$/.test(name))).toEqual([]);
  },
);

test('sources of pure Python are built, with hashes and without', () => {
  const hash = 'db0fad1829fdd441b1852306e9856398204dc0786d2996dd2e0c8bb8e26133b2';
  const { folder } = bundled(project({ 'main.py': '', 'requirements.txt': 'wikipedia==1.4.0\n' }));
  expect(namesIn(folder)).toContain('wikipedia/__init__.py');
  expect(
    errorOf(() =>
      bundled(
        project({ 'main.py': '', 'requirements.txt': `wikipedia==1.4.0 --hash=sha256:${hash.replace('d', 'e')}\n` }),
      ),
    ),
  ).toMatch(/[Hh]ash/);
});

test('a package without a wheel is refused with a way out', () => {
  expect(errorOf(() => bundled(project({ 'main.py': 'import cups', 'requirements.txt': 'pycups==2.0.4' })))).toMatch(
    /cannot be installed from requirements\.txt: uv ended with code 1:[^]*pycups[^]*use another version or package, another `interpreter`, or `McpServerCode\.fromDockerfile`$/,
  );
});

test('a project of Poetry that may not run on the version of Python is refused', () => {
  const pyproject =
    '[tool.poetry]\nname = "app"\nversion = "1.0.0"\ndescription = ""\nauthors = ["a <a@example.com>"]\n' +
    '[tool.poetry.dependencies]\npython = ">=3.10,<3.13"\n' +
    '[build-system]\nrequires = ["poetry-core==2.1.3"]\nbuild-backend = "poetry.core.masonry.api"\n';
  const directory = project({ 'main.py': '', 'app/__init__.py': '', 'pyproject.toml': pyproject });
  expect(errorOf(() => bundled(directory))).toContain(
    `runs on Python 3.13, and \`requires-python\` in ${directory} is ">=3.10,<3.13"`,
  );
});
