import { SourceMap } from 'node:module';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { ownSources } from '../../../../lib/private/esbuild/source-map';
import { project, removeProjects } from '../../fixtures/projects';

type Payload = ConstructorParameters<typeof SourceMap>[0];

afterEach(removeProjects);

function bundle(files: Readonly<Record<string, string>>, minify: boolean): { code: string; map: string } {
  const {
    outputFiles: [map, code],
  } = buildSync({
    absWorkingDir: project(files),
    entryPoints: ['server.ts'],
    outfile: 'out.js',
    write: false,
    bundle: true,
    platform: 'node',
    minify,
    sourcemap: 'external',
    sourcesContent: false,
  });
  if (!code || !map) {
    throw new Error('esbuild wrote less than two files');
  }
  return { code: code.text, map: map.text };
}

const SOURCES = {
  'server.ts':
    "import { greet } from './greeting';\nimport { exclaim } from 'exclaim';\nimport { whisper } from './whisper';\n" +
    'export function answer(name: string): string {\n  return exclaim(greet(name)) + whisper(name) + exclaim(name);\n}\nconsole.log(answer("you"));\n',
  'greeting.ts':
    'export const greet = (name: string): string => {\n  if (name === "") throw new Error("nobody");\n  return `hello ${name}`;\n};\n',
  'whisper.ts': `export function whisper(text: string): string {\n${'  text = text.toLowerCase();\n'.repeat(40)}  return text;\n}\n`,
  'node_modules/exclaim/package.json': '{ "main": "index.js" }',
  'node_modules/exclaim/index.js': `exports.exclaim = (text) => {\n${'  if (text === undefined) return text;\n'.repeat(40)}  return text + '!';\n};\n`,
};

/** What Node.js finds for every character of a program. */
function originsOf(code: string, map: string): (string | undefined)[] {
  const reader = new SourceMap(JSON.parse(map) as Payload);
  return code.split('\n').flatMap((text, line) =>
    Array.from({ length: text.length }, (_, column) => {
      const entry = reader.findEntry(line, column);
      return 'originalSource' in entry && entry.originalSource
        ? `${path.basename(entry.originalSource)}:${entry.originalLine}:${entry.originalColumn}`
        : undefined;
    }),
  );
}

test.each([true, false])(
  "the program's own code is found where it was, that of packages nowhere (minified: %s)",
  minify => {
    const { code, map } = bundle(SOURCES, minify);
    const before = originsOf(code, map);
    const after = originsOf(code, ownSources(map));
    expect(after).toEqual(before.map(origin => (origin?.startsWith('index.js:') ? undefined : origin)));
    expect(new Set(before.map(origin => origin?.split(':')[0]))).toEqual(
      new Set([undefined, 'server.ts', 'greeting.ts', 'whisper.ts', 'index.js']),
    );
  },
);

test('sources of packages and names that only they use are not mentioned', () => {
  const { map } = bundle(
    {
      ...SOURCES,
      'greeting.ts': 'export function greet(personName: string): string {\n  return `hello ${personName}`;\n}\n',
      'node_modules/exclaim/index.js':
        'exports.exclaim = function (exclaimedText) {\n  return exclaimedText + "!";\n};\n',
    },
    true,
  );
  const { sources, names } = JSON.parse(map) as Payload;
  expect(sources).toContain('node_modules/exclaim/index.js');
  expect(names).toEqual(expect.arrayContaining(['personName', 'exclaimedText']));
  const own = JSON.parse(ownSources(map)) as Payload;
  expect([...own.sources].sort()).toEqual(['greeting.ts', 'server.ts', 'whisper.ts']);
  expect(own.names).toContain('personName');
  expect(own.names).not.toContain('exclaimedText');
});

test('a map without packages says the same', () => {
  const { code, map } = bundle(
    { ...SOURCES, 'server.ts': "import { greet } from './greeting';\nconsole.log(greet('you'));\n" },
    true,
  );
  expect(originsOf(code, ownSources(map))).toEqual(originsOf(code, map));
});

test('a map without any source stays one', () => {
  expect(JSON.parse(ownSources('{"version":3,"sources":[],"names":[],"mappings":""}'))).toEqual({
    version: 3,
    sources: [],
    names: [],
    mappings: '',
  });
});
