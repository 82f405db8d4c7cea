import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { transformSync } from 'esbuild';
import { bundled, project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

interface InputMap {
  readonly sources: readonly string[];
}

/** What a compiler makes of a source in another folder, and says about it. */
type Written = (name: string, map: InputMap) => { readonly comment: string; readonly file?: object };

const beside: Written = (name, map) => ({ comment: `//# sourceMappingURL=${name}.map`, file: map });
const inline = (map: InputMap): string =>
  `//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;

function compiled(name: string, source: string, written: Written): Record<string, string> {
  const { code, map } = transformSync(source, { loader: 'ts', sourcemap: 'external', sourcefile: name });
  const original = `../src/${name.replace('js', 'ts')}`;
  const { comment, file } = written(name, { ...(JSON.parse(map) as object), sources: [original] });
  return {
    [`dist/${name}`]: `${code}${comment}`,
    ...(file === undefined ? {} : { [`dist/${name}.map`]: JSON.stringify(file) }),
  };
}

const FORMS: [string, Written][] = [
  ['beside it', beside],
  ['in it', (_name, map) => ({ comment: inline(map) })],
  [
    'in it, as text',
    (_name, map) => ({
      comment: `//# sourceMappingURL=data:application/json,${encodeURIComponent(JSON.stringify(map))}`,
    }),
  ],
  ['in a comment of another kind', (name, map) => ({ comment: `/*# sourceMappingURL=${name}.map */`, file: map })],
  [
    'with a root',
    (name, map) => beside(name, { ...map, sourceRoot: '../src/', sources: [name.replace('js', 'ts')] } as InputMap),
  ],
  ['with URLs', (name, map) => beside(name, { ...map, sources: [`webpack://own/./src/${name}`] })],
  [
    'of parts',
    (name, map) =>
      beside(name, { version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] } as unknown as InputMap),
  ],
  ['that is missing', () => ({ comment: '//# sourceMappingURL=gone.map' })],
];

const GUARDS = [
  ['CommonJS', '{}', 'require.main === module', "require('./seed.js');"],
  ['ES modules', '{ "type": "module" }', 'process.argv[1] === fileURLToPath(import.meta.url)', "import './seed.js';"],
] as const;

test.each(FORMS.flatMap(([form, written]) => GUARDS.map(guard => [form, ...guard, written] as const)))(
  'an entry that was compiled before, with a map %s, is main alone: %s',
  (_form, _modules, manifest, guard, imported, written) => {
    const imports = manifest === '{}' ? '' : "import { fileURLToPath } from 'node:url';\n";
    const root = project({
      'package.json': manifest,
      ...compiled('server.js', `${imports}${imported}\nif (${guard}) console.log('server');`, written),
      ...compiled('seed.js', `${imports}if (${guard}) console.log('seed');`, written),
    });
    const { folder } = bundled(path.join(root, 'dist/server.js'));
    expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('server\n');
  },
);

test.each(FORMS)('a package that was compiled, with a map %s, is named where it loads files', (_form, written) => {
  const files = compiled('index.js', "export const own = new URL('./own.wasm', import.meta.url);", written);
  const root = project({
    'package.json': '{}',
    'server.ts': "import { own } from 'own';\nconsole.log(own);",
    'node_modules/own/package.json': '{ "name": "own", "type": "module", "exports": "./dist/index.js" }',
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/own/${name}`, text])),
  });
  const { stack } = bundled(path.join(root, 'server.ts'));
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('`entry` imports own, .*ownFiles'));
});

test('a source that is no file asks for nothing', () => {
  const source =
    "import { own } from 'data:text/javascript,export const own = [import.meta.url, process.argv]';\nconsole.log(own.length);";
  const { folder } = bundled(path.join(project({ 'package.json': '{}', 'server.mjs': source }), 'server.mjs'));
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('2\n');
});
