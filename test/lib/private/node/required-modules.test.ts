import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type TypeScriptCodeOptions } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);

const installed = (name: string, manifest: object, files: Record<string, string>): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
  ...Object.fromEntries(
    Object.entries(files).map(([file, contents]) => [`node_modules/${name}/${file}`, contents] as const),
  ),
});

const COMPILED = 'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = () => "compiled";';

function synthesis(files: Record<string, string>, options: TypeScriptCodeOptions) {
  const { stack, folder } = bundled(path.join(project(files), 'server.ts'), options);
  const warnings = Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('externalModules'))
    .map(({ entry }) => JSON.parse(JSON.stringify(entry.data)) as string);
  return { warnings, run: () => execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' }) };
}

describe.each(['module', 'commonjs'])('in a project of the type %s', type => {
  test.each<[string, Record<string, string>, string]>([
    [
      'a package in two forms',
      installed(
        'other',
        { exports: { import: './index.mjs', require: './index.cjs' } },
        { 'index.mjs': 'export default () => "compiled";', 'index.cjs': COMPILED },
      ),
      'compiled',
    ],
    [
      'one whose syntax alone tells',
      installed(
        'other',
        { exports: { import: './esm/index.js', default: './index.js' } },
        { 'esm/index.js': '// Two lines.\nexport default () => "compiled";', 'index.js': COMPILED },
      ),
      'compiled',
    ],
    [
      'CommonJS that is its export',
      installed('other', {}, { 'index.js': 'module.exports = () => "whole"; module.exports.default = 1;' }),
      'whole',
    ],
  ])('the default export of %s is that of `import`', (_what, files, said) => {
    const { run } = synthesis(
      {
        'package.json': JSON.stringify({ type }),
        'server.ts': "import other from 'other';\nconsole.log(other());",
        ...files,
      },
      { nodeModules: ['other'] },
    );
    expect(run()).toBe(`${said}\n`);
  });
});

test('compiled CommonJS without another form is its default export in a project of ES modules', () => {
  const { run } = synthesis(
    {
      'package.json': '{ "type": "module" }',
      'server.ts': "import other from 'other';\nconsole.log(Object.keys(other).join());",
      ...installed('other', {}, { 'index.js': COMPILED.replace('Object', 'exports.more = 1; Object') }),
    },
    { nodeModules: ['other'] },
  );
  expect(run()).toBe('more,default\n');
});

test.each<[string, string, object, string]>([
  [
    'for `import` alone',
    'other',
    { exports: { '.': { types: './index.d.ts', import: './index.js' } } },
    'server.ts imports other, which the `exports` of other have for `import` alone, and the bundle is CommonJS, which loads it by `require`: ' +
      'leave other out of `nodeModules`, so that it is bundled, or load it by `await import(…)`',
  ],
  [
    'not at all',
    'other/more.js',
    { exports: './index.js' },
    'server.ts imports other/more.js, which the `exports` of other do not have: correct the import',
  ],
])('what `exports` have %s is refused', (_case, name, manifest, problem) => {
  const files = {
    'package.json': '{}',
    ...installed('other', { type: 'module', ...manifest }, { 'index.js': 'export const x = 1;', 'more.js': '' }),
  };
  const synthesize = (source: string) => synthesis({ ...files, 'server.ts': source }, { nodeModules: ['other'] });
  expect(errorOf(() => synthesize(`import { x } from ${JSON.stringify(name)};\nconsole.log(x);`))).toContain(problem);
  expect(() => synthesize(`void import(${JSON.stringify(name)}).then(console.log);`)).not.toThrow();
  expect(() => synthesize(`try { require(${JSON.stringify(name)}); } catch {}`)).not.toThrow();
});

test.each<[string, string, string[]]>([
  [
    'a source',
    'import { x } from "@scope/other/file.js"; console.log(x);',
    [
      'server.ts imports @scope/other/file.js, which `externalModules` leaves out, and the base image of Node.js does not have: ' +
        'take it out of `externalModules`, so that it is bundled, or name @scope/other in `nodeModules`',
    ],
  ],
  ['a source by `import()`', 'void import("@scope/other").then(console.log);', []],
  ['a source by `require`', 'try { require("@scope/other"); } catch {}', []],
  ['a package', 'import "user";', []],
  ['a source, of types', 'import type { X } from "@scope/other"; export const x: X = 1;', []],
])('what `externalModules` leaves out is named where %s needs it', (_case, source, expected) => {
  const { warnings } = synthesis(
    {
      'package.json': '{}',
      'server.ts': `${source}\nconsole.log(1);`,
      ...installed('@scope/other', {}, { 'index.js': '', 'file.js': '' }),
      ...installed('user', { type: 'module' }, { 'index.js': 'import "@scope/other";' }),
    },
    { externalModules: ['@scope/*'] },
  );
  expect(warnings.map(warning => warning.replace(/ \[ack: .*\]$/, ''))).toEqual(expected);
});
