// Builds what the workspaces publish: each library as CommonJS and ESM with its dependencies left outside,
// declarations by the TypeScript compiler, and the command as ESM.
// `--no-types` leaves the declarations out: nothing that runs needs them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildSync } from 'esbuild';

const root = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const withTypes = !process.argv.includes('--no-types');
const libraries = { contract: ['index'], server: ['index', 'bedrock', 'testing'], client: ['index'], local: ['index'] };

const shared = {
  absWorkingDir: root,
  bundle: true,
  packages: 'external',
  // By its own name too, where an entry of a package uses the main one: there must be one copy.
  external: ['stateful-mcp-server'],
  // The contract is nobody's dependency: each package carries what it needs of it.
  alias: { 'stateful-mcp-contract': './contract/src/index.ts' },
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
};

// Each file appears in one step, so that what runs from `dist` meanwhile (a second `npm start`) never finds half of it.
function build(options) {
  const { outputFiles } = buildSync({ ...shared, ...options, write: false });
  for (const { path: file, contents } of outputFiles) {
    const unfinished = `${file}.${process.pid}`;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(unfinished, contents);
    renameSync(unfinished, file);
  }
}

for (const [library, entries] of Object.entries(libraries)) {
  if (withTypes) {
    rmSync(path.join(root, library, 'dist'), { recursive: true, force: true });
  }
  for (const [format, extension] of [
    ['cjs', '.js'],
    ['esm', '.mjs'],
  ]) {
    build({
      format,
      entryPoints: entries.map(entry => `${library}/src/${entry}.ts`),
      outdir: `${library}/dist`,
      outExtension: { '.js': extension },
    });
  }
  if (withTypes) {
    const typescript = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
    execFileSync(process.execPath, [typescript, '-p', path.join(root, library)], { stdio: 'inherit' });
    for (const entry of entries) {
      writeFileSync(path.join(root, library, 'dist', `${entry}.d.mts`), `export * from './${entry}.js';\n`);
    }
  }
}

build({
  format: 'esm',
  entryPoints: ['command/src/stateful-mcp.ts'],
  outdir: 'command/dist',
  outExtension: { '.js': '.mjs' },
});

// What runs during a deployment: one file with everything in it, for the Node.js of AWS Lambda. Without a source map,
// and with the path of the checkout kept out, equal sources give an equal asset.
build({
  packages: 'bundle',
  target: 'node22',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  entryPoints: ['lambda/image-assembler/index.ts'],
  outfile: 'assets/image-assembler/index.js',
});
