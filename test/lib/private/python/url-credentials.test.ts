import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { McpServerCode } from '../../../../lib';
import { filesBelow } from '../../../../lib/private/program/program-files';
import { hideUrlCredentials, withoutUrlCredentials } from '../../../../lib/private/python/url-credentials';
import { FakeUv } from '../../fixtures/fake-uv';
import { project, removeProjects, synthesized } from '../../fixtures/projects';

afterEach(removeProjects);

const textsOf = (folder: string, others: readonly string[] = []) =>
  withoutUrlCredentials(filesBelow(folder), others).map(file =>
    'contents' in file ? Buffer.from(file.contents).toString() : readFileSync(file.source, 'utf8'),
  );

test.each([
  [
    'requirements.txt',
    '--index-url https://me:secret@example.com/simple\n',
    '--index-url https://****@example.com/simple\n',
  ],
  ['dev-requirements.in', 'a @ git+https://token@example.com/a.git\n', 'a @ git+https://****@example.com/a.git\n'],
  ['pyproject.toml', "url = 'https://me:p@ss@example.com/'\r\n", "url = 'https://****@example.com/'\r\n"],
  ['Pipfile', 'url = "HTTP://me:secret@example.com"', 'url = "HTTP://****@example.com"'],
  ['uv.toml', 'url = "https://me:${TOKEN}@example.com"', 'url = "https://me:${TOKEN}@example.com"'],
  ['constraints.txt', '-i https://${ME}:${TOKEN}@example.com', '-i https://${ME}:${TOKEN}@example.com'],
  ['pip.conf', 'index-url = https://example.com/@me/simple', 'index-url = https://example.com/@me/simple'],
  ['settings.toml', 'url = "https://me:secret@example.com"', 'url = "https://me:secret@example.com"'],
])('%s with %j has %j in a bundle', (name, contents, expected) => {
  expect(textsOf(project({ [name]: contents }))).toEqual([expected]);
});

test('what PowerShell has written, and what a file of requirements includes, has none either', () => {
  const folder = project({ 'base.txt': '\uFEFF-i https://me:secret@example.com\r\n' });
  const utf16 = Buffer.from(readFileSync(path.join(folder, 'base.txt'), 'utf8'), 'utf16le');
  const [hidden] = withoutUrlCredentials([{ name: 'base.txt', contents: utf16 }], ['base.txt']);
  expect(hidden && 'contents' in hidden && Buffer.from(hidden.contents).toString('utf16le')).toBe(
    '\uFEFF-i https://****@example.com\r\n',
  );
});

test('metadata of packages has none', () => {
  const metadata = 'Name: a\nRequires-Dist: b @ https://me:secret@example.com/b.whl\n';
  const folder = project({
    'a-1.dist-info/METADATA': metadata,
    'c-1.dist-info/METADATA': 'Name: c\n',
    'd-1.dist-info/RECORD': '',
  });
  const changed = hideUrlCredentials(folder);
  expect([...changed.keys()]).toEqual(['a-1.dist-info/METADATA']);
  expect(readFileSync(path.join(folder, 'a-1.dist-info/METADATA'), 'utf8')).toBe(metadata.replace('me:secret', '****'));
});

test('a bundle has none of them', () => {
  const uv = new FakeUv();
  try {
    const { folder } = synthesized(
      McpServerCode.fromPython(
        project({
          'main.py': '',
          'requirements.txt': '-r base.txt\n',
          'base.txt': '--extra-index-url https://me:secret@example.com\ngreet\n',
          'pyproject.toml': '[[tool.uv.index]]\nurl = "https://me:secret@example.com"\n',
        }),
      ),
    );
    const files = filesBelow(folder).filter(({ name }) => !name.endsWith('.pyc'));
    expect(files.filter(file => 'source' in file && readFileSync(file.source, 'utf8').includes('secret'))).toEqual([]);
    expect(existsSync(path.join(folder, 'base.txt'))).toBe(true);
  } finally {
    uv.dispose();
  }
});
