import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Lazy } from 'aws-cdk-lib';
import type { ICommandHooks } from '../../../../lib';
import { elfBinary } from '../../fixtures/binaries';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const NODE = JSON.stringify(process.execPath);
const FILES = {
  'package.json': '{ "name": "hooked" }',
  'server.ts': 'import { word } from "./generated/word"; console.log(word);',
  'generate.mjs':
    'import { mkdirSync, writeFileSync } from "node:fs"; mkdirSync("generated", { recursive: true }); writeFileSync("generated/word.ts", `export const word = ${JSON.stringify(process.argv[2])};`);',
  'generated/word.ts': 'export const word = "old";',
};

function hooksOf(hooks: Partial<ICommandHooks>): ICommandHooks {
  return { beforeBundling: () => [], beforeInstall: () => [], afterBundling: () => [], ...hooks };
}

const run = (folder: string): string => execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' });

test('commands run in the project, before the bundle is made and after', () => {
  const root = project(FILES);
  const seen: string[][] = [];
  const commandHooks = hooksOf({
    beforeBundling: (inputDir, outputDir) => {
      seen.push([inputDir, outputDir]);
      return [`${NODE} generate.mjs hello`, `echo early > ${JSON.stringify(path.join(outputDir, 'early.txt'))}`];
    },
    beforeInstall: () => ['exit 1'],
    afterBundling: (inputDir, outputDir) => {
      seen.push([inputDir, outputDir]);
      expect(readdirSync(outputDir).sort()).toEqual(['early.txt', 'index.js', 'index.js.map', 'package.json']);
      return [`echo late > ${JSON.stringify(path.join(outputDir, 'late.txt'))}`];
    },
  });
  const { folder } = bundled(path.join(root, 'server.ts'), { commandHooks });
  expect(run(folder)).toBe('hello\n');
  expect(readdirSync(folder).sort()).toEqual(['early.txt', 'index.js', 'index.js.map', 'late.txt', 'package.json']);
  expect(seen[0]).toEqual([root, seen[1]?.[1]]);
  expect(seen[1]?.[0]).toBe(root);
});

test('they run in each synthesis, and what they change is bundled', () => {
  const entry = path.join(project(FILES), 'server.ts');
  const said = (word: string): string =>
    run(bundled(entry, { commandHooks: hooksOf({ beforeBundling: () => [`${NODE} generate.mjs ${word}`] }) }).folder);
  expect(said('first')).toBe('first\n');
  expect(said('second')).toBe('second\n');
  const changing = (text: string): string =>
    bundled(entry, { commandHooks: hooksOf({ afterBundling: (_, output) => [`echo ${text} > ${output}/late.txt`] }) })
      .assetHash;
  expect(changing('one')).not.toBe(changing('two'));
  expect(changing('one')).toBe(changing('one'));
});

test('before modules are installed, they can change what is', () => {
  const root = project({
    ...FILES,
    'node_modules/word/package.json': '{ "name": "word", "version": "1.0.0" }',
    'node_modules/word/index.js': 'module.exports = "installed";',
  });
  const beforeInstall = (): string[] => ['echo extra > node_modules/word/extra.txt'];
  const { folder } = bundled(path.join(root, 'server.ts'), {
    nodeModules: ['word'],
    commandHooks: hooksOf({ beforeInstall }),
  });
  expect(readFileSync(path.join(folder, 'node_modules/word/extra.txt'), 'utf8').trim()).toBe('extra');
});

test.each(['beforeBundling', 'beforeInstall', 'afterBundling'] as const)(
  'a command of `%s` that fails ends the synthesis, with what it said',
  hook => {
    const root = project({ ...FILES, 'node_modules/word/package.json': '{ "name": "word", "version": "1.0.0" }' });
    writeFileSync(path.join(root, 'fail.mjs'), 'console.error("cannot\\ndo this"); process.exit(7);');
    const command = `${NODE} fail.mjs`;
    const commandHooks = hooksOf({ [hook]: () => [command, 'echo never > never.txt'] });
    expect(errorOf(() => bundled(path.join(root, 'server.ts'), { nodeModules: ['word'], commandHooks }))).toBe(
      `[Stack/Server] \`commandHooks.${hook}\` has a command that fails in ${root}, correct it: ${command} ended with code 7:\n  cannot\n  do this`,
    );
    expect(existsSync(path.join(root, 'never.txt'))).toBe(false);
  },
);

test('none runs where the stack is not bundled', () => {
  const commandHooks = hooksOf({
    beforeBundling: () => {
      throw new Error('asked');
    },
  });
  const entry = path.join(project(FILES), 'server.ts');
  expect(() => bundled(entry, { commandHooks }, { 'aws:cdk:bundling-stacks': ['Another'] })).not.toThrow();
});

describe('refused is', () => {
  const message = (hooks: Partial<ICommandHooks>): string =>
    errorOf(() => bundled(path.join(project(FILES), 'server.ts'), { commandHooks: hooksOf(hooks) }));

  test('what is no list of commands', () => {
    expect(message({ beforeBundling: () => undefined as never })).toContain(
      '`commandHooks.beforeBundling` is undefined; a list of strings is allowed',
    );
    expect(message({ afterBundling: () => [1 as never] })).toContain('`commandHooks.afterBundling[0]` is 1; a string');
  });

  test('a command that only the deployment knows', () => {
    expect(message({ beforeBundling: () => [Lazy.string({ produce: () => 'x' })] })).toContain(
      'has an unresolved token',
    );
  });

  test('a bundle without its program', () => {
    expect(
      message({ afterBundling: (_, output) => [`${NODE} -e "fs.rmSync(process.argv[1])" ${output}/index.js`] }),
    ).toBe('[Stack/Server] `commandHooks.afterBundling` has removed index.js, which starts the server: leave it there');
  });

  test('a file in the place of one of the bundle', () => {
    expect(message({ beforeBundling: (_, output) => [`echo 1 > ${output}/index.js`] })).toContain(
      '`commandHooks` have made index.js before the bundle was whole',
    );
  });

  test('a binary for another platform', () => {
    const root = project(FILES);
    writeFileSync(path.join(root, 'addon.node'), elfBinary(62));
    const commandHooks = hooksOf({
      afterBundling: (input, output) => [
        `${NODE} -e "fs.cpSync(process.argv[1], process.argv[2])" ${input}/addon.node ${output}/addon.node`,
      ],
    });
    expect(errorOf(() => bundled(path.join(root, 'server.ts'), { commandHooks }))).toContain(
      '`commandHooks` bring addon.node',
    );
  });
});
