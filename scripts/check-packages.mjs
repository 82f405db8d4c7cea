// Holds what would be published against what users do with it. The workspaces load from CommonJS and from ESM with the
// same names, and have declarations for both. Each tarball has what it needs, README and LICENSE too, and nothing else:
// no sources, no tests; the notices of the packages that are bundled into it. The constructs' npm and Python packages can be made.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.join(path.dirname(new URL(import.meta.url).pathname), '..');
const require = createRequire(import.meta.url);
// The compiler of most users; a second one, which only checks, has the same name for its command.
const TSC = require.resolve('typescript/lib/tsc.js');

const COMMON = ['README.md', 'LICENSE', 'package.json'];
const libraries = [
  { directory: 'server', name: 'stateful-mcp-server', entries: ['index', 'bedrock', 'testing'] },
  { directory: 'client', name: 'stateful-mcp-client', entries: ['index'] },
  { directory: 'local', name: 'stateful-mcp-local', entries: ['index'] },
];

/** The kinds of projects that users have: what makes their modules what they are. */
const PROJECTS = [
  { type: 'module', compiler: ['--module', 'nodenext'] },
  { type: 'module', compiler: ['--module', 'node16'] },
  { type: 'commonjs', compiler: ['--module', 'nodenext'] },
  { type: 'commonjs', compiler: ['--module', 'node16'] },
  { type: 'module', compiler: ['--module', 'esnext', '--moduleResolution', 'bundler'] },
  { type: 'commonjs', compiler: ['--module', 'commonjs', '--moduleResolution', 'bundler'] },
];

/** A server as the README has it: its class of the SDK has to be the one that the kit knows. */
const SERVER = `import { McpServer } from '@modelcontextprotocol/server';
import { interactive, serve } from 'stateful-mcp-server';
import { z } from 'zod';
void serve(() => {
  const server = new McpServer({ name: 'typed', version: '1.0.0' });
  server.registerTool(
    'ask',
    { description: 'Asks', inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      const { amount } = await io.elicitContent('How much?', z.object({ amount: z.number() }));
      return { content: [{ type: 'text', text: amount.toFixed(2) }] };
    }),
  );
  return server;
});
`;

const exported = new Map();
for (const { directory, name, entries } of libraries) {
  for (const entry of entries) {
    const specifier = specifierOf(name, entry);
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
    exported.set(specifier, fromCommonJs);
    console.log(`${specifier}: ${fromCommonJs.length} exports`);
  }
  checkContents(directory, {
    needs: entries.flatMap(entry => ['js', 'mjs', 'd.ts', 'd.mts'].map(extension => `dist/${entry}.${extension}`)),
    allows: /^dist\/(?!.*(\.test\.|\bfixtures\b)).+\.(js|mjs|d\.ts|d\.mts)(\.map)?$|^dist\/THIRD-PARTY-NOTICES\.txt$/,
  });
}
checkTypes();
checkContents('command', {
  needs: [
    'stateful-mcp.mjs',
    'dist/stateful-mcp.mjs',
    'dist/starter.json',
    ...['bash', 'zsh', 'fish'].map(shell => `completion/stateful-mcp.${shell}`),
  ],
  allows: /^dist\/(stateful-mcp\.mjs\.map|parts\/[\w-]+\.mjs(\.map)?|THIRD-PARTY-NOTICES\.txt)$/,
});
checkContents('projen', {
  needs: ['dist/index.js', 'dist/index.d.ts', 'assets/starter.json', '.jsii'],
  allows: /^dist\/(starter|stateful-mcp-app)\.(js|d\.ts)$/,
});
checkContents('create', { needs: ['create-stateful-mcp.mjs'], allows: /^$/ });

run('npx', 'jsii-pacmak', '--target', 'js', '--target', 'python', '--code-only', '--outdir', 'dist-jsii');
checkContents('.', {
  needs: [
    'dist/index.js',
    'dist/index.d.ts',
    'assets/image-assembler/index.js',
    'assets/image-assembler/THIRD-PARTY-NOTICES.txt',
    'assets/release-check/index.js',
    'assets/release-check/run.js',
    'assets/release-check/THIRD-PARTY-NOTICES.txt',
    'bridge/stateful_mcp_stdio/serve.py',
    '.jsii',
    'API.md',
    'CHANGELOG.md',
  ],
  allows: /^(dist\/.+\.(js|d\.ts)|bridge\/stateful_mcp_stdio\/\w+\.py)$/,
});
const python = path.join(root, 'dist-jsii', 'python');
if (!existsSync(python) || readdirSync(python).length === 0) {
  throw new Error('no Python package was generated');
}
console.log('constructs: npm and Python packages generated');

function specifierOf(name, entry) {
  return entry === 'index' ? name : `${name}/${entry}`;
}

/** What `npm pack` would put into the tarball of a directory, and what the registry would show of it. */
function checkContents(directory, { needs, allows }) {
  const [{ name, files }] = JSON.parse(
    run('npm', 'pack', '--dry-run', '--json', ...(directory === '.' ? [] : ['--workspace', directory])),
  );
  const packed = files.map(file => file.path);
  const missing = [...COMMON, ...needs].filter(file => !packed.includes(file));
  const surplus = packed.filter(file => ![...COMMON, ...needs].includes(file) && !allows.test(file));
  if (missing.length > 0) {
    throw new Error(`the package ${name} lacks ${missing.join(', ')}`);
  }
  const thirdParty = packed.filter(file => file.endsWith('.map') && hasThirdParty(path.join(root, directory, file)));
  if (thirdParty.length > 0 && !packed.includes('dist/THIRD-PARTY-NOTICES.txt')) {
    throw new Error(`the package ${name} lacks the notices of what is in ${thirdParty.join(', ')}`);
  }
  if (surplus.length > 0) {
    throw new Error(`the package ${name} has ${surplus.join(', ')}, which nobody needs who installs it`);
  }
  const manifest = JSON.parse(readFileSync(path.join(root, directory, 'package.json'), 'utf8'));
  for (const member of ['description', 'license', 'homepage', 'bugs', 'repository', 'keywords', 'engines']) {
    if (manifest[member] === undefined) {
      throw new Error(`package.json of ${name} has no \`${member}\``);
    }
  }
  if (
    readFileSync(path.join(root, directory, 'LICENSE'), 'utf8') !== readFileSync(path.join(root, 'LICENSE'), 'utf8')
  ) {
    throw new Error(`LICENSE of ${name} is another than that of the repository`);
  }
  console.log(`${name}: ${packed.length} files`);
}

/** A source map tells what is in the bundle beside it. */
function hasThirdParty(map) {
  return JSON.parse(readFileSync(map, 'utf8')).sources.some(source => source.includes('node_modules/'));
}

/** Projects of each kind have the packed packages: the compiler has to find the declarations of all that is exported. */
function checkTypes() {
  mkdirSync(path.join(root, 'dist-jsii'), { recursive: true });
  // Inside the repository, where what the packages depend on is found.
  const folder = mkdtempSync(path.join(root, 'dist-jsii', 'types-'));
  try {
    for (const { directory, name } of libraries) {
      const [{ filename }] = JSON.parse(
        run('npm', 'pack', '--json', '--workspace', directory, '--pack-destination', folder),
      );
      const target = path.join(folder, 'node_modules', name);
      mkdirSync(target, { recursive: true });
      run('tar', 'xzf', path.join(folder, filename), '--strip-components', '1', '-C', target);
    }
    const source = [...exported]
      .map(
        ([specifier, names], index) =>
          `import { ${names.map(name => `${name} as ${name}${index}`).join(', ')} } from '${specifier}';\nvoid [${names.map(name => name + index).join(', ')}];\n`,
      )
      .join('');
    for (const [index, { type, compiler }] of PROJECTS.entries()) {
      const project = path.join(folder, `project-${index}`);
      mkdirSync(project);
      writeFileSync(path.join(project, 'package.json'), JSON.stringify({ type }));
      const files = { 'user.ts': source, 'user.mts': source, 'user.cts': source, 'server.ts': SERVER };
      for (const [file, contents] of Object.entries(files)) {
        writeFileSync(path.join(project, file), contents);
      }
      const parameters = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2022', '--types', 'node'];
      const { status, stdout } = spawnSync(process.execPath, [TSC, ...parameters, ...compiler, ...Object.keys(files)], {
        cwd: project,
        encoding: 'utf8',
      });
      if (status !== 0) {
        throw new Error(
          `the declarations do not compile in a project of type ${type} (${compiler.join(' ')}):\n${stdout}`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`types: ${exported.size} entries in ${PROJECTS.length} kinds of projects`);
}

function run(command, ...args) {
  return execFileSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
}
