import { isPackage } from '../../../../lib/private/python/python-projects';
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
