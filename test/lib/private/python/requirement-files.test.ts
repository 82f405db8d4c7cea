import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hasHashes, indexVariables, requirementFiles } from '../../../../lib/private/python/requirement-files';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

const foundFrom = (files: Record<string, string>) => {
  const folder = project(files);
  return requirementFiles(path.join(folder, 'requirements.txt')).map(
    ({ file, isConstraint }) => `${path.relative(folder, file)}${isConstraint ? ' limits' : ''}`,
  );
};

test.each([
  ['-r base.txt', 'base.txt'],
  ['--requirement=base.txt', 'base.txt'],
  ['--requirement base.txt  # all of it', 'base.txt'],
  ['  -r "base.txt"\r', 'base.txt'],
  ['-c base.txt', 'base.txt limits'],
  ['--constraint=base.txt', 'base.txt limits'],
])('%j is included', (line, found) => {
  expect(foundFrom({ 'requirements.txt': `greet\n${line}\n`, 'base.txt': '' })).toEqual(['requirements.txt', found]);
});

test('each file is found once, relative to the file that includes it, and all that limits include limits', () => {
  expect(
    foundFrom({
      'requirements.txt': '-r parts/a.in\n-r missing.txt\n-r https://example.com/b.txt\n',
      'parts/a.in': '-r ../requirements.txt\n-c with spaces.txt\n',
      'parts/with spaces.txt': '-r c.txt\n',
      'parts/c.txt': '',
    }),
  ).toEqual(['requirements.txt', 'parts/a.in', 'parts/with spaces.txt limits', 'parts/c.txt limits']);
});

test.each([
  ['greet==1.0.0 --hash=sha256:abc', true],
  ['greet==1.0.0 \\\n    --hash sha256:abc', true],
  ['greet==1.0.0', false],
])('%j has hashes: %s', (text, expected) => {
  expect(hasHashes({ file: '', isConstraint: false, text })).toBe(expected);
});

test.each(['utf16le', 'utf8'] as const)(
  'a file that an editor on Windows has written is read, from its first line on: %s',
  encoding => {
    const file = path.join(project({ 'base.txt': 'greet==1.0.0 --hash=sha256:abc' }), 'requirements.txt');
    writeFileSync(file, '\ufeff-r base.txt\r\nother==1.0.0 --hash=sha256:def\r\n', encoding);
    expect(requirementFiles(file).filter(hasHashes)).toHaveLength(2);
  },
);

describe('indexes', () => {
  const NAMES = ['UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'UV_INDEX', 'INDEX_PASSWORD'];
  const before = NAMES.map(name => [name, process.env[name]] as const);
  beforeEach(() => NAMES.forEach(name => delete process.env[name]));
  afterAll(() => before.forEach(([name, value]) => value !== undefined && (process.env[name] = value)));

  const variables = (text: string) => indexVariables([{ file: '', isConstraint: false, text }]);

  test.each([
    ['--index-url https://me:secret@a.example/simple', { UV_DEFAULT_INDEX: 'https://me:secret@a.example/simple' }],
    ['-i https://a.example/simple\n-i https://b.example/', { UV_DEFAULT_INDEX: 'https://b.example/' }],
    [
      '--extra-index-url=https://a.example/\n--extra-index-url https://b.example/',
      { UV_INDEX: 'https://a.example/ https://b.example/' },
    ],
    ['greet\n# --index-url https://a.example/', {}],
  ])('of %j keep their names and passwords', (text, expected) => {
    expect(variables(text)).toEqual(expected);
  });

  test('have the values of variables in them, where there are some', () => {
    process.env.INDEX_PASSWORD = 'secret';
    expect(variables('--extra-index-url https://me:${INDEX_PASSWORD}@${OTHER_VARIABLE}.example/')).toEqual({
      UV_INDEX: 'https://me:secret@${OTHER_VARIABLE}.example/',
    });
  });

  test('of the environment come first', () => {
    process.env.UV_INDEX = 'https://corp.example/';
    process.env.UV_DEFAULT_INDEX = 'https://mirror.example/';
    expect(variables('-i https://a.example/\n--extra-index-url https://b.example/')).toEqual({
      UV_DEFAULT_INDEX: 'https://mirror.example/',
      UV_INDEX: 'https://corp.example/ https://b.example/',
    });
  });
});
