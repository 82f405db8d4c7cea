// Builds what the workspaces publish: each library as CommonJS and ESM with its dependencies left outside,
// declarations by the TypeScript compiler, and the command as ESM.
// `--no-types` leaves the declarations out: nothing that runs needs them.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { tsImport } from 'tsx/esm/api';
import { starterOf } from './scripts/starter.mjs';

const root = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
// Bundles of users get their notices from the same source.
const { NOTICES_FILE, thirdPartyNotices } = await tsImport(
  './lib/private/modules/third-party-notices.ts',
  import.meta.url,
);
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
  const { outputFiles, metafile } = buildSync({ ...shared, ...options, write: false, metafile: true });
  const { text } = thirdPartyNotices(Object.keys(metafile.inputs).map(file => path.join(root, file)));
  const folder = path.resolve(root, options.outdir ?? path.dirname(options.outfile));
  const notices = text === undefined ? [] : [{ path: path.join(folder, NOTICES_FILE), contents: text }];
  for (const { path: file, contents } of [...outputFiles, ...notices]) {
    put(file, contents);
  }
}

function put(file, contents) {
  const unfinished = `${file}.${process.pid}`;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(unfinished, contents);
  renameSync(unfinished, file);
}

/**
 * Declarations of ES modules beside those of CommonJS, file by file: one that led to the other kind would have the
 * classes of packages that exist as both, such as the MCP SDK, taken for two.
 */
function declareModules(folder) {
  for (const file of readdirSync(folder, { recursive: true }).filter(name => name.endsWith('.d.ts'))) {
    const declarations = readFileSync(path.join(folder, file), 'utf8');
    const modules = declarations.replace(
      /((?:from|import)\s*\(?\s*['"])(\.{1,2}\/[^'"]+?)(?:\.js)?(['"])/g,
      (_match, start, specifier, end) => {
        if (!existsSync(path.join(folder, path.dirname(file), `${specifier}.d.ts`))) {
          throw new Error(`${file} imports ${specifier}, which is no file of the package`);
        }
        return `${start}${specifier}.mjs${end}`;
      },
    );
    writeFileSync(path.join(folder, file.replace(/\.d\.ts$/, '.d.mts')), modules);
  }
}

/** Declarations of the contract, which nobody installs, beside those that name it. */
function declareContract(folder) {
  const files = readdirSync(folder, { recursive: true }).filter(name => name.endsWith('.d.ts'));
  const naming = files.filter(name => readFileSync(path.join(folder, name), 'utf8').includes(CONTRACT));
  for (const file of naming) {
    const declarations = readFileSync(path.join(folder, file), 'utf8');
    const relative = path.relative(path.dirname(file), 'contract').split(path.sep).join('/');
    const own = `${relative.startsWith('.') ? '' : './'}${relative}/index`;
    writeFileSync(path.join(folder, file), declarations.replaceAll(`'${CONTRACT}'`, `'${own}'`));
  }
  if (naming.length > 0) {
    const isDeclaration = source => statSync(source).isDirectory() || source.endsWith('.d.ts');
    cpSync(path.join(root, 'contract/dist'), path.join(folder, 'contract'), { recursive: true, filter: isDeclaration });
  }
}

const CONTRACT = 'stateful-mcp-contract';

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
    declareContract(path.join(root, library, 'dist'));
    declareModules(path.join(root, library, 'dist'));
  }
}

// Each command in a file of its own, so that help is shown without loading what a command needs. The client, the MCP SDK
// and commander are inside: of their 160 files a call needs a third of the code, and each costs time at every start. What
// is a dependency of the package stays outside, but for the transport of `proxy`, which has the schemas of the client.
if (withTypes) {
  rmSync(path.join(root, 'command/dist'), { recursive: true, force: true });
}
const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(root, 'command/package.json'), 'utf8'));
const outside = Object.keys({ ...dependencies, ...peerDependencies }).filter(
  name => name !== '@modelcontextprotocol/server',
);
build({
  format: 'esm',
  splitting: true,
  packages: 'bundle',
  external: [...outside, '@opentelemetry/api', 'esbuild'],
  alias: { ...shared.alias, 'stateful-mcp-client': './client/src/index.ts' },
  // commander is CommonJS, which asks for the modules of Node.js by `require`.
  banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
  minifySyntax: true,
  minifyWhitespace: true,
  sourcesContent: false,
  entryPoints: ['command/src/stateful-mcp.ts'],
  outdir: 'command/dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'parts/[name]-[hash]',
});
put(path.join(root, 'command/dist/starter.json'), JSON.stringify(starterOf(root)));
// A project of projen begins with the same files.
put(path.join(root, 'projen/assets/starter.json'), JSON.stringify(starterOf(root)));

// What runs during a deployment, with everything that it needs and notices beside it, for the Node.js of AWS Lambda.
// Without a source map, and with the path of the checkout kept out, equal sources give an equal asset.
const duringDeployment = {
  packages: 'bundle',
  target: 'node22',
  format: 'cjs',
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: false,
  legalComments: 'none',
};
build({
  ...duringDeployment,
  entryPoints: ['lambda/image-assembler/index.ts'],
  outfile: 'assets/image-assembler/index.js',
});
build({
  ...duringDeployment,
  // What it does is a file of its own, which is loaded with the first event.
  entryPoints: ['lambda/release-check/index.ts', 'lambda/release-check/run.ts'],
  outdir: 'assets/release-check',
  supported: { 'dynamic-import': false },
  // Of the client, what no function does: outputs of stacks, the keychain of a person, tracing.
  external: ['./run', '@aws-sdk/client-cloudformation', '@napi-rs/keyring', '@opentelemetry/api'],
});
