import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { elfBinary } from '../../fixtures/binaries';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const FILES = {
  'package.json': '{}',
  'src/server.ts':
    'import { readFileSync } from "node:fs"; import path from "node:path"; console.log(readFileSync(path.join(__dirname, "templates/mail/hello.txt"), "utf8"));',
  'src/templates/mail/hello.txt': 'hello',
  'src/schema.json': '{}',
  'other/schema.json': '{}',
};

const bundle = (assets: string[]) => bundled(path.join(project(FILES), 'src/server.ts'), { assets });

test('files and folders travel along, in their places relative to the entry', () => {
  const { folder } = bundle(['templates', './schema.json']);
  expect(readdirSync(folder).sort()).toEqual(['index.js', 'index.js.map', 'package.json', 'schema.json', 'templates']);
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('hello\n');
  expect(readFileSync(path.join(folder, 'schema.json'), 'utf8')).toBe('{}');
});

test('they are part of the asset', () => {
  expect(bundle(['schema.json']).assetHash).not.toBe(bundle([]).assetHash);
});

test.each(['..', '../other', '../other/schema.json', '.', '/etc/hosts'])(
  '%j is refused: it is not below the folder of the entry',
  asset => {
    expect(errorOf(() => bundle([asset]))).toBe(
      `[Stack/Server] \`assets\` has ${JSON.stringify(asset)}; files and folders below the folder of \`entry\` ` +
        'are allowed, which the server finds by `__dirname`: move it there',
    );
  },
);

test('what does not exist is refused', () => {
  expect(errorOf(() => bundle(['missing']))).toMatch(
    /^\[Stack\/Server\] `assets` has "missing", and there is no .*\/src\/missing: give the path/,
  );
});

test.each(['index.js', 'index.js.map', 'THIRD-PARTY-NOTICES.txt', 'package.json', 'node_modules/some'])(
  '%s is refused, whose place the bundle takes',
  asset => {
    const root = project({ ...FILES, [`src/${asset}`]: '{}' });
    expect(errorOf(() => bundled(path.join(root, 'src/server.ts'), { assets: [asset] }))).toContain(
      `\`assets\` has "${asset}", whose place is taken by the bundle: rename it`,
    );
  },
);

test.each(['addon.node', 'tool'])('binaries for another platform are refused: %s', name => {
  const root = project({ ...FILES, [`src/native/${name}`]: elfBinary(62).toString('latin1') });
  expect(errorOf(() => bundled(path.join(root, 'src/server.ts'), { assets: ['native'] }))).toContain(
    `\`assets\` bring native/${name} (Linux on x86-64); only binaries for Linux on arm64 are allowed`,
  );
});
