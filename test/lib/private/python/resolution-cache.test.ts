import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveOnce } from '../../../../lib/private/python/resolution-cache';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

/** How often a file of a project is resolved, when something happens between two syntheses. */
function resolutions(directory: string, file: string, change: () => void = () => undefined): number {
  const inputs = { directory, file: path.join(directory, file), platform: [] };
  const resolve = jest.fn(() => 'resolution');
  resolveOnce(inputs, resolve, () => []);
  change();
  resolveOnce(inputs, resolve, () => []);
  return resolve.mock.calls.length;
}

const WHEEL = 'wheels/app-1.0-py3-none-any.whl';

test.each([
  `./${WHEEL}`,
  `app @ ${WHEEL}[extra] ; python_version > "3"`,
  '--find-links ./wheels\napp',
  '--find-links=wheels\napp',
  'app @ file://DIRECTORY/wheels/app-1.0-py3-none-any.whl',
])('a wheel that is built again is resolved again: %s', line => {
  const directory = project({ [WHEEL]: 'one' });
  writeFileSync(
    path.join(directory, 'requirements.txt'),
    line.replace('file://DIRECTORY', pathToFileURL(directory).href),
  );
  const rebuilt = (): void => writeFileSync(path.join(directory, WHEEL), 'another');
  expect(resolutions(directory, 'requirements.txt', rebuilt)).toBe(2);
});

test.each(['pyproject.toml', 'uv.toml'])('a wheel that comes into a folder that %s names is resolved', file => {
  const directory = project({
    'pyproject.toml': '[project]\n',
    [WHEEL]: 'one',
    [file]: `[tool.uv]\nfind-links = ["wheels"]\n# ${file}\n`,
  });
  const another = path.join(directory, 'wheels/app-1.1-py3-none-any.whl');
  expect(resolutions(directory, 'pyproject.toml', () => writeFileSync(another, ''))).toBe(2);
});

test('so is one in the folder that UV_FIND_LINKS names', () => {
  const directory = project({ 'requirements.txt': 'app\n' });
  mkdirSync(path.join(directory, 'wheels'));
  process.env.UV_FIND_LINKS = 'wheels';
  try {
    const another = path.join(directory, WHEEL);
    expect(resolutions(directory, 'requirements.txt', () => writeFileSync(another, ''))).toBe(2);
  } finally {
    delete process.env.UV_FIND_LINKS;
  }
});

test('a text in a project may be longer than any path', () => {
  const directory = project({ 'pyproject.toml': `[project]\ndescription = "${'long '.repeat(100)}"\n` });
  expect(resolutions(directory, 'pyproject.toml')).toBe(1);
});
