import { defaultGroups, isPackage } from '../../../../lib/private/python/python-projects';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

test.each([
  ['[project]\nname = "a"\n', false],
  ['[project]\nname = "a"\n\n[build-system]\nrequires = []\n', true],
  ['[tool.uv]\npackage = false\n\n[build-system]\nrequires = []\n', false],
  ['[tool.uv]\ndev-dependencies = [\n  "pytest",\n]\npackage=true\n', true],
  ['[tool.other]\npackage = false\n[build-system]\n', true],
  ['[tool.uv.sources]\na = { path = "a" }\n\n[tool.uv]\n# package = true\n', false],
])('a project with %j is a package: %j', (pyproject, expected) => {
  expect(isPackage(project({ 'pyproject.toml': pyproject }))).toBe(expected);
});

test('a folder without pyproject.toml is no package', () => {
  expect(isPackage(project({ 'requirements.txt': '' }))).toBe(false);
});

test.each<[string, string[]]>([
  ['[tool.uv]\ndefault-groups = ["server", "dev"]\n', ['server']],
  ['[tool.uv]\npackage = false\ndefault-groups = [\n  "server",\n  \'aws\',\n]\n', ['server', 'aws']],
  [
    '[dependency-groups]\nserver = [\n  "greet",\n]\ndev = ["pytest"]\n\n[tool.uv]\ndefault-groups = "all"\n',
    ['server'],
  ],
  ['[dependency-groups]\nserver = ["greet"]\n\n[tool.other]\ndefault-groups = ["server"]\n', []],
  ['[tool.uv]\n# default-groups = ["server"]\n', []],
])('the groups of %j are %j', (pyproject, expected) => {
  expect(defaultGroups(project({ 'pyproject.toml': pyproject }))).toEqual(expected);
});
