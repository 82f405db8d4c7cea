import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TypeScriptCodeOptions } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(() => {
  jest.restoreAllMocks();
  removeProjects();
});

/** What tsyringe, NestJS, TypeORM and type-graphql do: types of constructors and members come from the metadata. */
const FILES = {
  'package.json': '{}',
  'src/reflect.ts': `const store = new Map<unknown, Record<string, unknown>>();
(Reflect as any).metadata = (key: string, value: unknown) => (target: object, member?: string) => {
  const kept = store.get(target) ?? {};
  kept[member === undefined ? key : \`\${member} \${key}\`] = value;
  store.set(target, kept);
};
export const metadataOf = (target: object): Record<string, any> => store.get(target) ?? {};
export const Injectable = (): ClassDecorator => () => undefined;
export const Column = (): PropertyDecorator => () => undefined;
`,
  'src/database.ts': `import { Injectable } from './reflect';
import { Settings } from './settings';
@Injectable()
export class Database { public constructor(public readonly settings: Settings) {} }
`,
  'src/settings.ts': `export class Settings { public readonly name = 'main'; }
export interface Shape { readonly a: string; }
export enum Level { Low, High }
export type Name = string;
`,
  'src/server.ts': `import { Column, Injectable, metadataOf } from './reflect';
import { Database } from './database';
import { Level, Name, Shape } from './settings';

@Injectable()
class Service {
  @Column() public level: Level = Level.Low;
  @Column() public name: Name = '';
  @Column() public on = true;
  public constructor(public readonly database: Database, public readonly shape: Shape) {}
}

const types = (target: object, key: string): string => [metadataOf(target)[key]].flat().map(type => type?.name).join();
console.log(
  types(Service, 'design:paramtypes'), types(Database, 'design:paramtypes'),
  ...['level', 'name'].map(member => types(Service.prototype, \`\${member} design:type\`)),
);
if (process.argv[2] === 'fail') {
  throw new Error('as asked');
}
`,
};
const TYPES = 'Database,Object Settings Number String\n';

function tsconfig(options: object = {}, rest: object = {}): string {
  return JSON.stringify({
    compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true, target: 'es2022', ...options },
    ...rest,
  });
}

function folderOf(files: Record<string, string>, entry = 'src/server.ts', options: TypeScriptCodeOptions = {}): string {
  return bundled(path.join(project({ ...FILES, ...files }), entry), options).folder;
}

const run = (folder: string): string => execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' });

test.each<[string, Record<string, string>]>([
  ['CommonJS', { 'tsconfig.json': tsconfig({ module: 'commonjs' }) }],
  ['ES modules', { 'tsconfig.json': tsconfig({ module: 'esnext', moduleResolution: 'bundler' }) }],
  [
    'a configuration that only checks types, and strictly',
    {
      'tsconfig.json': tsconfig({
        module: 'preserve',
        noEmit: true,
        allowImportingTsExtensions: true,
        noEmitOnError: true,
        strict: true,
      }),
    },
  ],
  [
    'a project with references',
    { 'tsconfig.json': tsconfig({ module: 'commonjs', composite: true, declaration: true }) },
  ],
  [
    'a solution',
    {
      'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
      'tsconfig.app.json': tsconfig({ module: 'commonjs' }, { include: ['src'] }),
    },
  ],
  [
    'what a configuration extends',
    { 'tsconfig.json': '{ "extends": "./base" }', 'base.json': tsconfig({ module: 'commonjs', outDir: './dist' }) },
  ],
  [
    'a package that it extends',
    {
      'tsconfig.json': '{ "extends": ["@team/config/tsconfig.json"] }',
      'node_modules/@team/config/tsconfig.json': tsconfig({ module: 'commonjs' }),
    },
  ],
])('the types that decorators ask for are there: %s', (_case, files) => {
  expect(run(folderOf(files))).toBe(TYPES);
});

test('of `tsconfig`', () => {
  const root = project({ ...FILES, 'tsconfig.json': '{}', 'other/tsconfig.json': tsconfig({ module: 'commonjs' }) });
  const options = { tsconfig: path.join(root, 'other/tsconfig.json') };
  expect(run(bundled(path.join(root, 'src/server.ts'), options).folder)).toBe(TYPES);
});

test('paths, ES modules by their own names and JSX are compiled, too', () => {
  const folder = folderOf(
    {
      'package.json': '{ "type": "module" }',
      'tsconfig.json': tsconfig({ module: 'nodenext', jsx: 'react', jsxFactory: 'h', paths: { '@/*': ['./src/*'] } }),
      'src/database.ts': FILES['src/database.ts']
        .replace('./settings', '@/settings')
        .replace('./reflect', './reflect.js'),
      'src/view.tsx': `import { Injectable } from './reflect.js';
const h = (tag: string): string => tag;
@Injectable()
export class View { public text = <b />; }
`,
      'src/server.ts': `import { View } from '@/view';\nconsole.log(new View().text);\n${FILES['src/server.ts'].replaceAll(/'(\.\/\w+)'/g, "'$1.js'")}`,
    },
    'src/server.ts',
  );
  expect(run(folder)).toBe(`b\n${TYPES}`);
});

test('stack traces name the lines of the source', () => {
  const folder = folderOf({ 'tsconfig.json': tsconfig({ module: 'commonjs', sourceRoot: '/elsewhere' }) });
  const { stderr } = spawnSync(process.execPath, ['--enable-source-maps', 'index.js', 'fail'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toMatch(/src\/server\.ts:19:9\)?\n/);
});

test('equal sources give an equal program, wherever they lie', () => {
  const files = { ...FILES, 'tsconfig.json': tsconfig({ module: 'commonjs' }) };
  const [one, other] = [project(files), project(files, 'below/it')].map(
    root => bundled(path.join(root, 'src/server.ts')).assetHash,
  );
  expect(one).toBe(other);
});

test.each([
  [
    'a type that is all that is used of a file',
    'src/settings.ts',
    'type Name = string',
    'type Name = boolean',
    /Boolean/,
  ],
  [
    'what the configuration extends',
    'base.json',
    '"emitDecoratorMetadata":true',
    '"emitDecoratorMetadata":false',
    /^ {2}/,
  ],
])('%s decides about the program', (_what, file, from, to, said) => {
  const files: Record<string, string> = {
    ...FILES,
    'tsconfig.json': '{ "extends": "./base.json" }',
    'base.json': tsconfig({ module: 'commonjs' }),
  };
  const root = project(files);
  expect(run(bundled(path.join(root, 'src/server.ts')).folder)).toBe(TYPES);
  writeFileSync(path.join(root, file), (files[file] ?? '').replace(from, to));
  expect(run(bundled(path.join(root, 'src/server.ts')).folder)).toMatch(said);
});

test('errors in types are no matter, as everywhere; what cannot be compiled is', () => {
  const config = tsconfig({ module: 'commonjs', strict: true });
  const wrong = `const wrong: number = 'text';\n${FILES['src/server.ts']}`;
  expect(run(folderOf({ 'tsconfig.json': config, 'src/server.ts': wrong }))).toBe(TYPES);
  const broken = {
    'node_modules/typescript/package.json': '{ "version": "5.5.0" }',
    'node_modules/typescript/bin/tsc': 'console.error("tsc is broken"); process.exit(3);',
  };
  expect(errorOf(() => folderOf({ 'tsconfig.json': config, ...broken }))).toMatch(
    /^\[Stack\/Server\] src\/database\.ts has decorators, and TypeScript 5\.5\.0 does not compile it by \/.*: correct what it says: .* ended with code 3:\n {2}tsc is broken$/s,
  );
});

test('without TypeScript they are refused', () => {
  const root = project({ ...FILES, 'tsconfig.json': tsconfig() });
  jest.spyOn(process, 'cwd').mockReturnValue('/');
  expect(errorOf(() => bundled(path.join(root, 'src/server.ts')))).toBe(
    `[Stack/Server] \`emitDecoratorMetadata\` of ${path.join(root, 'tsconfig.json')} is true, and src/database.ts has decorators, whose metadata only TypeScript can write; ` +
      `it is not installed (looked up from ${root}): run "npm install --save-dev typescript" there, or remove \`emitDecoratorMetadata\` if nothing reads it`,
  );
});

test.each<[string, Record<string, string>]>([
  [
    'decorators',
    {
      'src/server.ts': '/** @internal\n  @see it */\nconsole.log("a@b.c"); // @ts-ignore',
      'tsconfig.json': tsconfig(),
    },
  ],
  ['metadata', { 'tsconfig.json': tsconfig({ emitDecoratorMetadata: false }) }],
])('without %s, TypeScript is not needed', (_case, files) => {
  jest.spyOn(process, 'cwd').mockReturnValue('/');
  expect(() => folderOf(files)).not.toThrow();
});
