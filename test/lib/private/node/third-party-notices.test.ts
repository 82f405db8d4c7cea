import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Packaging } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

const APACHE = 'Apache License\nVersion 2.0, January 2004\n';

/** Packages of all kinds: scoped, nested, in the layout of pnpm, with older forms of `license`, without a file. */
const FILES = {
  'package.json': '{ "name": "own", "version": "9.9.9", "license": "UNLICENSED" }',
  LICENSE: 'of the project itself\n',
  'server.ts':
    "import a from 'a'; import b from '@scope/b'; import c from 'c'; import d from 'd'; console.log(a, b, c, d);",
  'node_modules/a/package.json':
    '{ "name": "a", "version": "1.0.0", "license": "MIT", "author": { "name": "Ann" }, "repository": "github:ann/a" }',
  'node_modules/a/index.js': "module.exports = require('nested');",
  'node_modules/a/LICENSE.md': '\uFEFFof a 1\r\nsecond line\r\n\r\n',
  'node_modules/a/license.js': 'no notice',
  'node_modules/a/node_modules/nested/package.json':
    '{ "name": "nested", "version": "0.1.0", "licenses": [{ "type": "MIT" }, { "type": "BSD-2-Clause" }] }',
  'node_modules/a/node_modules/nested/lib/package.json': '{ "type": "commonjs" }',
  'node_modules/a/node_modules/nested/index.js': "module.exports = require('./lib/main');",
  'node_modules/a/node_modules/nested/lib/main.js': 'module.exports = 1;',
  'node_modules/a/node_modules/nested/MIT-LICENSE.txt': 'of nested\n',
  'node_modules/@scope/b/package.json': '{ "name": "@scope/b", "version": "2.0.0", "license": "Apache-2.0" }',
  'node_modules/@scope/b/index.js': 'module.exports = 2;',
  'node_modules/@scope/b/LICENSE': APACHE,
  'node_modules/@scope/b/NOTICE': 'B\nCopyright Bea\n',
  'node_modules/c/package.json': '{ "name": "c", "version": "3.0.0", "license": { "type": "Apache-2.0" } }',
  'node_modules/c/index.js': 'module.exports = 3;',
  'node_modules/c/LICENSE': APACHE,
  'node_modules/d/package.json': '{ "name": "d", "version": "4.0.0" }',
  'node_modules/d/index.js': 'module.exports = 4;',
  'node_modules/unused/package.json': '{ "name": "unused", "version": "5.0.0" }',
  'node_modules/unused/index.js': 'module.exports = 5;',
};

const LINE = '-'.repeat(80);

const NOTICES = `Third-party software in this bundle, with its licenses and notices.

@scope/b 2.0.0: Apache-2.0
a 1.0.0: MIT; Ann, github:ann/a
c 3.0.0: Apache-2.0
d 4.0.0: no license named; no license file in the package
nested 0.1.0: MIT or BSD-2-Clause

${LINE}
@scope/b 2.0.0: LICENSE
c 3.0.0: LICENSE

${APACHE}
${LINE}
@scope/b 2.0.0: NOTICE

B
Copyright Bea

${LINE}
a 1.0.0: LICENSE.md

of a 1
second line

${LINE}
nested 0.1.0: MIT-LICENSE.txt

of nested
`;

function noticesOf(root: string, packaging?: Packaging): string | undefined {
  const { folder } = bundled(path.join(root, 'server.ts'), { packaging });
  const file = path.join(folder, 'THIRD-PARTY-NOTICES.txt');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

test.each([Packaging.image(), Packaging.zip()])('a bundle has the notices of its packages %#', packaging => {
  expect(noticesOf(project(FILES), packaging)).toBe(NOTICES);
});

test('nothing in them depends on where the project lies', () => {
  const [one, other] = ['here', 'there/below'].map(below => bundled(path.join(project(FILES, below), 'server.ts')));
  expect(one?.assetHash).toBe(other?.assetHash);
});

test('a package that is hoisted, or linked by pnpm, has the same', () => {
  const hoisted = Object.fromEntries(
    Object.entries(FILES).map(([name, contents]) => [
      name.startsWith('node_modules/') || name === 'package.json' ? name : `packages/one/${name}`,
      contents,
    ]),
  );
  const root = project({ ...hoisted, 'packages/one/package.json': '{}' });
  expect(noticesOf(path.join(root, 'packages/one'))).toBe(NOTICES);
  const stored = Object.fromEntries(
    Object.entries(FILES).map(([name, contents]) => [
      name.replace('node_modules/a/node_modules/nested/', 'node_modules/.pnpm/nested@0.1.0/node_modules/nested/'),
      contents,
    ]),
  );
  stored['node_modules/a/index.js'] = "module.exports = require('../.pnpm/nested@0.1.0/node_modules/nested');";
  expect(noticesOf(project(stored))).toBe(NOTICES);
});

test('a program of its own sources alone has none', () => {
  expect(noticesOf(project({ 'package.json': '{}', 'server.ts': 'console.log(1);', LICENSE: 'own' }))).toBeUndefined();
});

test('what stays outside of the program is not in them', () => {
  const root = project(FILES);
  const { folder } = bundled(path.join(root, 'server.ts'), { externalModules: ['a', 'd'] });
  const notices = readFileSync(path.join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(notices).not.toMatch(/^(?:a|d|nested) /m);
  expect(notices).toContain('@scope/b 2.0.0: Apache-2.0\nc 3.0.0: Apache-2.0\n\n');
});

test.each(['LICENSE', 'NOTICE', 'COPYING.txt'])('a changed or new %s is in the next bundle', name => {
  const root = project(FILES);
  noticesOf(root);
  writeFileSync(path.join(root, 'node_modules/@scope/b', name), 'another text\n');
  expect(noticesOf(root)).toContain(`@scope/b 2.0.0: ${name}\n\nanother text\n`);
});
