import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { type StatefulMcpServer } from '../../../../lib';
import { bundled, project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

const run = (folder: string): string => execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' });

const programOf = (root: string, entry: string): string => run(bundled(path.join(root, entry)).folder);

const IMPORTS = `import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
`;

const MODULE_GUARDS = [
  'import.meta.url === pathToFileURL(process.argv[1]).href',
  'process.argv[1] === fileURLToPath(import.meta.url)',
  'realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))',
  'import.meta.filename === process.argv[1]',
  'import.meta.url.endsWith(process.argv[1])',
  'import.meta.main',
  'path.basename(process.argv[1]) === path.basename(import.meta.url)',
  'createRequire(import.meta.url).resolve(process.argv[1]) === fileURLToPath(import.meta.url)',
  'isMain(import.meta)',
  'isMain(import.meta.url)',
];

test.each(MODULE_GUARDS)('ES modules: the entry alone is main by %s', guard => {
  const root = project({
    'package.json': '{ "type": "module" }',
    'server.mjs': `${IMPORTS}import { isMain } from './main.mjs';\nimport './seed.mjs';\nif (${guard}) console.log('server');`,
    'seed.mjs': `${IMPORTS}import { isMain } from './main.mjs';\nif (${guard}) console.log('seed');`,
    'main.mjs': `import { fileURLToPath } from 'node:url';
export const isMain = from => process.argv[1] === fileURLToPath(from.url ?? from);`,
  });
  expect(programOf(root, 'server.mjs')).toBe('server\n');
});

test.each([
  'require.main === module',
  'module === require.main',
  'require.main == module',
  '!(require.main !== module)',
  'require.main && require.main.filename === __filename',
  'process.argv[1] === __filename',
  'process.mainModule === module',
  "typeof require !== 'undefined' && require.main === module",
])('CommonJS: the entry alone is main by %s', guard => {
  const root = project({
    'package.json': '{}',
    'server.cjs': `require('./seed.cjs'); if (${guard}) console.log('server'); exports.x = 1;`,
    'seed.cjs': `if (${guard}) console.log('seed'); exports.x = 1;`,
  });
  expect(programOf(root, 'server.cjs')).toBe('server\n');
});

test('a source of TypeScript may ask as CommonJS does', () => {
  const root = project({
    'package.json': '{}',
    'server.ts': "import { seed } from './seed';\nif (require.main === module) console.log('server', typeof seed);",
    'seed.ts': "export const seed = 1;\nif (require.main === module) console.log('seed');",
  });
  expect(programOf(root, 'server.ts')).toBe('server number\n');
});

test('a server with such a module is synthesized again when it changes, for esbuild alone does not make it', () => {
  const esbuildOptions = (files: Record<string, string>): unknown => {
    const { stack } = bundled(path.join(project({ 'package.json': '{}', ...files }), 'server.ts'));
    const server = stack.node.findChild('Server') as StatefulMcpServer;
    const { metadata } = (server.runtime.node.defaultChild as CfnRuntime).node;
    const source = metadata.find(({ type }) => type === 'cdk-stateful-mcp:source')?.data as {
      esbuildOptions?: unknown;
    };
    return source.esbuildOptions;
  };
  const seed = 'export const a = 1; if (import.meta.main) console.log(a);';
  expect(esbuildOptions({ 'server.ts': "import { a } from './a'; console.log(a);", 'a.ts': seed })).toBeUndefined();
  expect(esbuildOptions({ 'server.ts': seed })).toBeDefined();
});

test('the source map fits, and the line of an imported module is that of its source', () => {
  const root = project({
    'package.json': '{ "type": "module" }',
    'server.ts': "import { fail } from './seed';\nfail();\n",
    'seed.ts':
      "if (import.meta.main) console.log('seed');\nexport function fail(): void {\n  throw new Error('x');\n}\n",
  });
  const { folder } = bundled(path.join(root, 'server.ts'));
  expect(readFileSync(path.join(folder, 'index.js'), 'utf8')).toContain('__bundledAsImport_.main');
  let said = '';
  try {
    execFileSync(process.execPath, ['--enable-source-maps', 'index.js'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    said = (error as { stderr: string }).stderr;
  }
  expect(said).toContain('seed.ts:3:9');
});

test.each(['ExpenseNotFound Repository list'])('names of classes and functions are those of the source: %s', names => {
  const root = project({
    'package.json': '{}',
    'server.ts': `class ExpenseNotFound extends Error { public constructor() { super(); this.name = new.target.name; } }
const Repository = class {}; function list() {}
console.log(new ExpenseNotFound().name, new Repository().constructor.name, list.name);`,
  });
  expect(run(bundled(path.join(root, 'server.ts')).folder)).toBe(`${names}\n`);
});
