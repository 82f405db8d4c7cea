// Holds what would be published against what users do with it: the workspaces load from CommonJS and from ESM with the
// same names and with declarations, their packages contain them, and the constructs' npm and Python packages can be
// made.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.join(path.dirname(new URL(import.meta.url).pathname), '..');
const require = createRequire(import.meta.url);

const libraries = [
  { folder: 'server', name: 'stateful-mcp-server', entries: ['index', 'bedrock', 'testing'] },
  { folder: 'client', name: 'stateful-mcp-client', entries: ['index'] },
  { folder: 'local', name: 'stateful-mcp-local', entries: ['index'] },
];

for (const { folder, name, entries } of libraries) {
  const [{ files }] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--workspace', folder));
  const packed = new Set(files.map(file => file.path));
  for (const entry of entries) {
    const specifier = entry === 'index' ? name : `${name}/${entry}`;
    const fromCommonJs = Object.keys(require(specifier)).sort();
    const fromEsm = Object.keys(await import(specifier))
      .filter(key => key !== 'default' && key !== 'module.exports')
      .sort();
    if (fromCommonJs.length === 0) {
      throw new Error(`${specifier} exports nothing`);
    }
    if (fromCommonJs.join() !== fromEsm.join()) {
      throw new Error(`${specifier} exports ${fromCommonJs.join()} from CommonJS, but ${fromEsm.join()} from ESM`);
    }
    for (const extension of ['js', 'mjs', 'd.ts', 'd.mts']) {
      if (!packed.has(`dist/${entry}.${extension}`)) {
        throw new Error(`the package ${name} lacks dist/${entry}.${extension}`);
      }
    }
    console.log(`${specifier}: ${fromCommonJs.length} exports`);
  }
  console.log(`${name}: ${packed.size} files`);
}

run('npx', 'jsii-pacmak', '--target', 'js', '--target', 'python', '--code-only', '--outdir', 'dist-jsii');
const [{ files: constructFiles }] = JSON.parse(run('npm', 'pack', '--dry-run', '--json'));
for (const file of ['dist/index.js', 'assets/image-assembler/index.js', '.jsii']) {
  if (!constructFiles.some(packed => packed.path === file)) {
    throw new Error(`the package of the constructs lacks ${file}`);
  }
}
const python = path.join(root, 'dist-jsii', 'python');
if (!existsSync(python) || readdirSync(python).length === 0) {
  throw new Error('no Python package was generated');
}
console.log('constructs: npm and Python packages generated');

function run(command, ...args) {
  return execFileSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
}
