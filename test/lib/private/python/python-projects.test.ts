import {
  defaultGroups,
  isDescribed,
  isForPoetryAlone,
  isPackage,
} from '../../../../lib/private/python/python-projects';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

test.each([
  ['[project]\nname = "a"\n', false],
  ['[project]\nname = "a"\n\n[build-system]\nrequires = []\n', true],
  ['[tool.uv]\npackage = false\n\n[build-system]\nrequires = []\n', false],
  ['[tool.uv]\ndev-dependencies = [\n  "pytest",\n]\npackage=true\n', true],
  ['[tool.other]\npackage = false\n[build-system]\n', true],
  ['\uFEFF[build-system] # of hatch\nrequires = []\n', true],
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
  [
    '[dependency-groups]\nserver = ["greet"]\n[[tool.uv.index]]\nname = "own"\n[tool.uv]\ndefault-groups = "all"\n',
    ['server'],
  ],
  ['[tool.uv]\n# default-groups = ["server"]\n', []],
])('the groups of %j are %j', (pyproject, expected) => {
  expect(defaultGroups(project({ 'pyproject.toml': pyproject }))).toEqual(expected);
});

test.each([
  ['\uFEFF[project]\nname = "a"\n', true],
  ['[project] # the server\r\nname = "a"\r\n', true],
  ['[tool.ruff]\n[tool.poetry.dependencies]\npython = "^3.11"\n', true],
  ['[tool.ruff]\nselect = ["E"]\n', false],
])('a project with %j is described: %j', (pyproject, expected) => {
  expect(isDescribed(project({ 'pyproject.toml': pyproject }))).toBe(expected);
});

const POETRY = '[tool.poetry.dependencies]\npython = "^3.11"\nh11 = "^0.16.0"\n';
const BACKEND = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n';
test.each([
  [`[tool.poetry]\npackage-mode = false\n${POETRY}`, true],
  [`[project]\nname = "a"\ndynamic = ["dependencies"]\n${POETRY}`, true],
  [`[project]\nname = "a"\nversion = "1"\n${POETRY}${BACKEND}`, true],
  [`${POETRY}[build-system]\nrequires = ["setuptools"]\n`, true],
  [`[tool.poetry]\nname = "a"\n${POETRY}${BACKEND}`, false],
  [`[project]\nname = "a"\ndynamic = [\n  "version",\n  "dependencies",\n]\n${POETRY}${BACKEND}`, false],
  [`[project]\nname = "a"\ndependencies = ["h11"]\n${POETRY}`, false],
  ['[project]\nname = "a"\n[tool.poetry.dependencies]\npython = "^3.11"\n', false],
  ['[project]\nname = "a"\n', false],
])('a project with %j has its dependencies for Poetry alone: %j', (pyproject, expected) => {
  expect(isForPoetryAlone(project({ 'pyproject.toml': pyproject }))).toBe(expected);
});
