import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { bundled, project, removeProjects } from '../../fixtures/projects';
import { errorOf } from '../../fixtures/stacks';

afterEach(removeProjects);
afterEach(() => jest.resetModules());

const GREETER = {
  'package.json': '{ "name": "greeter" }',
  'src/server.ts': `import { greeting } from './greeting';
import { exclaim } from 'exclaim';

console.log(exclaim(greeting(process.argv[2] as string)));
`,
  'src/greeting.ts': `export function greeting(name: string): string {
  if (name === undefined) {
    throw new Error('nobody to greet');
  }
  return 'hello ' + name;
}
`,
  'node_modules/exclaim/package.json': '{ "name": "exclaim", "type": "module", "exports": "./index.js" }',
  'node_modules/exclaim/index.js': '/*! exclaim, by its authors */\nexport const exclaim = text => `${text}!`;\n',
};

test('a bundle is one file that runs, with its source map and the notices of its packages beside it', () => {
  const { folder } = bundled(path.join(project(GREETER), 'src/server.ts'));
  expect(readdirSync(folder).sort()).toEqual(['THIRD-PARTY-NOTICES.txt', 'index.js', 'index.js.map', 'package.json']);
  expect(execFileSync(process.execPath, ['index.js', 'world'], { cwd: folder, encoding: 'utf8' })).toBe(
    'hello world!\n',
  );
});

test('stack traces can show the lines of the source', () => {
  const { folder } = bundled(path.join(project(GREETER), 'src/server.ts'));
  const { stderr } = spawnSync(process.execPath, ['--enable-source-maps', 'index.js'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stderr).toContain(`${path.join(folder, 'src/greeting.ts')}:3:11`);
});

test('a source map has names of sources, and neither their contents nor where they lie on this machine', () => {
  const root = project(GREETER);
  const { folder } = bundled(path.join(root, 'src/server.ts'));
  const map = readFileSync(path.join(folder, 'index.js.map'), 'utf8');
  expect(JSON.parse(map)).toMatchObject({ sources: ['src/greeting.ts', 'src/server.ts'] });
  expect(map).not.toContain('sourcesContent');
  expect(map + readFileSync(path.join(folder, 'index.js'), 'utf8')).not.toContain(path.basename(root));
});

test.each([
  [undefined, 'CommonJS'],
  [['module', 'main'], 'modules'],
])('of a package with two forms, `mainFields` %j choose', (mainFields, form) => {
  const { folder } = bundled(
    path.join(
      project({
        'package.json': '{}',
        'server.ts': "import { form } from 'twofold';\nconsole.log(form);\n",
        'node_modules/twofold/package.json': '{ "main": "main.js", "module": "module.js" }',
        'node_modules/twofold/main.js': 'exports.form = "CommonJS";\n',
        'node_modules/twofold/module.js': 'export const form = "modules";\n',
      }),
      'server.ts',
    ),
    { mainFields },
  );
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe(`${form}\n`);
});

describe('import.meta', () => {
  const MODULES = {
    'package.json': '{ "type": "module" }',
    'server.mjs': `import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { where } from 'where';

const __filename = fileURLToPath(import.meta.url);
const __dirname = import.meta.dirname;
console.log([__filename === import.meta.filename, path.basename(__filename), path.join(__dirname, 'index.js') === __filename, where === __filename].join());
`,
    'node_modules/where/package.json': '{ "name": "where", "type": "module", "exports": "./lib/index.js" }',
    'node_modules/where/lib/index.js':
      'import { fileURLToPath } from "node:url";\nexport const where = fileURLToPath(import.meta.url);\n',
  };

  test('is that of the bundle, in the sources and in packages', () => {
    const { folder } = bundled(path.join(project(MODULES), 'server.mjs'));
    expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe(
      'true,index.js,true,true\n',
    );
  });

  test('is the same in two checkouts', () => {
    expect(bundled(path.join(project(MODULES), 'server.mjs')).assetHash).toBe(
      bundled(path.join(project(MODULES, 'elsewhere'), 'server.mjs')).assetHash,
    );
  });

  test.each([
    [true, 'strict'],
    [false, 'sloppy'],
  ])('leaves a program in its mode, when `strict` of its tsconfig.json is %j', (strict, mode) => {
    const { folder } = bundled(
      path.join(
        project({
          'tsconfig.json': JSON.stringify({ compilerOptions: { strict } }),
          'server.ts':
            '#!/usr/bin/env node\nconsole.log((function (this: unknown) { return this === undefined ? "strict" : "sloppy" })(), typeof import.meta.url);',
        }),
        'server.ts',
      ),
    );
    expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe(`${mode} string\n`);
  });
});

test('licenses of what is bundled are kept', () => {
  const { folder } = bundled(path.join(project(GREETER), 'src/server.ts'));
  expect(readFileSync(path.join(folder, 'index.js'), 'utf8')).toContain('! exclaim, by its authors ');
});

test('an entry may have the name of the bundle', () => {
  const root = project({ 'package.json': '{}', 'index.js': 'console.log("it ran")' });
  const { folder } = bundled(path.join(root, 'index.js'));
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('it ran\n');
  expect(readFileSync(path.join(root, 'index.js'), 'utf8')).toBe('console.log("it ran")');
});

test('external modules stay out, and are missed when they are reached', () => {
  const entry = path.join(
    project({ 'server.ts': 'console.log("it ran"); void import("left-out/deep");' }),
    'server.ts',
  );
  const { folder } = bundled(entry, { externalModules: ['left-out/*'] });
  const { stdout, stderr } = spawnSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('it ran\n');
  expect(stderr).toContain("'left-out'");
});

describe('an error', () => {
  test('in the source is shown with file, line and column', () => {
    const root = project({
      'package.json': '{}',
      'src/server.ts': 'import "./other";',
      'src/other.ts': 'const a = 1;\nconst b = = 2;\n',
    });
    expect(errorOf(() => bundled(path.join(root, 'src/server.ts')))).toBe(
      [
        `[Stack/Server] \`entry\` ${root}/src/server.ts does not compile; esbuild says:`,
        `  ${root}/src/other.ts:2:11: Unexpected "="`,
        'correct the source and synthesize again',
      ].join('\n'),
    );
  });

  test('below the current folder is shown as people there write the path', () => {
    const root = project({ 'server.ts': 'import "./other"; import "../another";' });
    jest.spyOn(process, 'cwd').mockReturnValue(path.dirname(root));
    const name = path.basename(root);
    try {
      expect(errorOf(() => bundled(path.join(root, 'server.ts')))).toBe(
        [
          `[Stack/Server] \`entry\` ${name}/server.ts does not compile; esbuild says:`,
          `  ${name}/server.ts:1:8: Could not resolve "./other"`,
          `  ${name}/server.ts:1:26: Could not resolve "../another"`,
          'correct the source and synthesize again',
        ].join('\n'),
      );
    } finally {
      jest.restoreAllMocks();
    }
  });

  test.each([
    ['package-lock.json', 'npm'],
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['bun.lock', 'bun'],
  ])('tells how to get a module that is not installed, with %s', (lock, manager) => {
    const root = project({ 'package.json': '{}', [lock]: '{}', 'server.ts': 'import "not-installed";' });
    expect(errorOf(() => bundled(path.join(root, 'server.ts')))).toBe(
      [
        `[Stack/Server] \`entry\` ${root}/server.ts does not compile; esbuild says:`,
        `  ${root}/server.ts:1:8: Could not resolve "not-installed"`,
        `install what is missing ("${manager} install" in ${root}), or name it in \`externalModules\` if the server can do without; what is no package must be in \`paths\` of the nearest tsconfig.json`,
      ].join('\n'),
    );
  });

  test.each([
    ['is not built', '@team/lib', { exports: { '.': './dist/index.js' } }],
    ['has another condition', '@team/lib', { exports: { '.': { '@team/source': './index.js' } } }],
    ['has no such file', '@team/lib/gone', { exports: { './lib': './index.js' } }],
  ])('tells what to do about a package that is there and %s', (_case, imported, manifest) => {
    const files = {
      'package.json': '{}',
      'server.ts': `import ${JSON.stringify(imported)};`,
      'node_modules/@team/lib/package.json': JSON.stringify({ name: '@team/lib', ...manifest }),
      'node_modules/@team/lib/index.js': '',
    };
    expect(
      errorOf(() => bundled(path.join(project(files), 'server.ts')))
        .split('\n')
        .at(-1),
    ).toBe(
      '@team/lib is installed, and does not have what is imported: build it if it is a package of this repository, ' +
        'name the condition that its `exports` have it under in `conditions`, or correct the import',
    );
  });

  test.each(['bun:sqlite', 'jsr:@std/path', 'cloudflare:workers'])('tells that Node.js has no %s', imported => {
    const files = { 'package.json': '{}', 'server.ts': `import ${JSON.stringify(imported)};` };
    expect(errorOf(() => bundled(path.join(project(files), 'server.ts')))).toContain(
      `\nuse what Node.js has instead of ${imported}, or name it in \`externalModules\``,
    );
  });

  test('tells what to do about top-level await', () => {
    const entry = path.join(project({ 'server.ts': 'await Promise.resolve();\nexport {};\n' }), 'server.ts');
    expect(errorOf(() => bundled(entry))).toContain('\nmove `await` into an async function, as the bundle is CommonJS');
  });

  test.each([
    ['nothing', ''],
    ['comments', '// a server, soon'],
    ['the import of types', 'import type { A } from "./a";'],
  ])('tells that a file of %s is not a program', (_what, source) => {
    const entry = path.join(project({ 'server.ts': source, 'a.ts': 'export type A = string;' }), 'server.ts');
    expect(errorOf(() => bundled(entry))).toBe(
      `[Stack/Server] \`entry\` ${entry} compiles to an empty program: give the file that starts the server`,
    );
  });
});

describe('esbuild', () => {
  const runWith = async (module: { resolve: () => string; load: () => unknown }): Promise<string> => {
    jest.doMock('node:module', () => ({
      createRequire: () => Object.assign(module.load, { resolve: module.resolve }),
    }));
    try {
      const { runEsbuild } = await import('../../../../lib/private/esbuild/esbuild');
      return errorOf(() =>
        runEsbuild(new Stack(undefined, 'Stack'), {
          projectRoot: '/project',
          entry: '/project/server.ts',
          external: [],
        }),
      );
    } finally {
      jest.dontMock('node:module');
    }
  };
  beforeEach(() => jest.resetModules());

  test('that is missing is asked for, where it belongs', async () => {
    const resolve = (): never => {
      throw new Error("Cannot find module 'esbuild'");
    };
    expect(await runWith({ resolve, load: () => ({}) })).toBe(
      '[Stack] cannot find esbuild, which bundles `entry` ' +
        `(looked up from /project and ${process.cwd()}): run "npm install --save-dev esbuild" in /project`,
    );
  });

  test('that is installed for another platform says so itself', async () => {
    const buildSync = (): never => {
      throw new Error("You installed esbuild for another platform than the one you're currently using.");
    };
    expect(await runWith({ resolve: () => 'esbuild', load: () => ({ buildSync }) })).toMatch(
      /^\[Stack\] esbuild cannot run: You installed esbuild/,
    );
  });
});

test.each([
  ['.js', /The glob pattern .*: nothing of it is in the bundle; end the pattern as the sources do/],
  ['.ts', /^$/],
])('sources that a pattern names are bundled as they are called: %s', (extension, warning) => {
  const root = project({
    'package.json': '{}',
    'server.ts': `const name = process.argv[2] ?? 'a';\nvoid import(\`./tools/\${name}${extension}\`).then(({ a }) => console.log(a));`,
    'tools/a.ts': 'export const a = 1;',
  });
  const { stack } = bundled(path.join(root, 'server.ts'));
  const [found] = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('cdk-stateful-mcp:bundling'));
  expect(found === undefined ? '' : JSON.stringify(found.entry.data)).toMatch(warning);
});

test('of what a package looks for beside itself by `require.resolve`, the warning names the package', () => {
  const files = {
    'package.json': '{}',
    'server.ts': "import { worker } from 'own';\nprocess.stdout.write(require('node:path').basename(worker));",
    'node_modules/own/package.json': '{ "name": "own", "version": "1.0.0" }',
    'node_modules/own/index.js': "exports.worker = require.resolve('./worker.js');",
    'node_modules/own/worker.js': '',
  };
  const { stack } = bundled(path.join(project(files), 'server.ts'));
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('name own, or what imports it, in `nodeModules`'),
  );
  const { folder } = bundled(path.join(project(files), 'server.ts'), { nodeModules: ['own'] });
  expect(execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8' })).toBe('worker.js');
});
