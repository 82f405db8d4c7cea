import {
  defaultGroups,
  indexesOfOtherTools,
  isDescribed,
  isForPixiToo,
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

test.each([
  ['[tool.pixi.dependencies]\npython = "3.13.*"\n', false],
  ['[tool.pixi.dependencies]\nnumpy = "*"\n', true],
  ['[tool.pixi.pypi-dependencies]\nh11 = "*"\n', true],
  ['[tool.pixi.target.linux-aarch64.dependencies]\nnumpy = "*"\n', true],
  ['[tool.pixi.tasks]\nstart = "python main.py"\n', false],
])('a project with %j has dependencies for Pixi: %j', (pyproject, expected) => {
  expect(isForPixiToo(project({ 'pyproject.toml': `[project]\nname = "a"\n${pyproject}` }))).toBe(expected);
});

test.each([
  ['[[tool.poetry.source]]\nname = "own"\nurl = "https://example.com/simple"\npriority = "explicit"\n', ['own']],
  ['[[tool.pdm.source]]\nurl = "https://pypi.org/simple"\nname = "pypi"\n', []],
  ['[[tool.poetry.source]]\nname = "PyPI"\npriority = "primary"\n', []],
  [
    "[[tool.pdm.source]] # ours\nname = 'a'\nurl = 'https://${ME}@example.com'\n[[tool.pdm.source]]\nurl = 'https://example.com/b'\n",
    ['a', 'one without a name'],
  ],
  ['[[tool.uv.index]]\nname = "own"\nurl = "https://example.com/simple"\n', []],
])('the indexes of other tools in %j are %j', (pyproject, expected) => {
  expect(indexesOfOtherTools(project({ 'pyproject.toml': pyproject }))).toEqual(expected);
});
