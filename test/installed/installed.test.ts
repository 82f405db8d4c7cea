// Everything that is published, installed by its name from a registry into projects outside of this repository.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { NpmRegistry } from '../../scripts/release/npm-registry';
import { ROOT } from '../../scripts/release/published-packages';
import { npm, pnpm, yarn, type PackageManager } from './package-managers';
import { environment, type Node } from './node-versions';
import { projectFiles, type Files, type Layout, type ModuleType } from './project-files';

const run = promisify(execFile);

/** Each package manager, in projects of both kinds of modules and of one package or several. */
const PROJECTS: { manager: () => PackageManager; name: string; layout: Layout; type: ModuleType; nodes: Node[] }[] = [
  { name: 'npm', manager: npm, layout: 'single', type: 'module', nodes: [20, 22, 24] },
  { name: 'npm', manager: npm, layout: 'monorepo', type: 'commonjs', nodes: [20] },
  { name: 'pnpm', manager: pnpm, layout: 'single', type: 'commonjs', nodes: [22] },
  { name: 'pnpm', manager: pnpm, layout: 'monorepo', type: 'module', nodes: [24] },
  { name: "Yarn, Plug'n'Play", manager: () => yarn('pnp'), layout: 'single', type: 'module', nodes: [22] },
  { name: "Yarn, Plug'n'Play", manager: () => yarn('pnp'), layout: 'monorepo', type: 'commonjs', nodes: [24] },
  { name: 'Yarn, node_modules', manager: () => yarn('node-modules'), layout: 'monorepo', type: 'module', nodes: [20] },
];

let registry: NpmRegistry;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'installed-'));
  registry = await NpmRegistry.open();
  await registry.publishAll(directory);
});

afterAll(async () => {
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Versions that this repository is tested with, for what the packages leave to their users. */
function versions(): Record<string, string> {
  const names = [
    '@aws-sdk/client-bedrock-runtime',
    '@modelcontextprotocol/client',
    '@modelcontextprotocol/server',
    '@types/node',
    'aws-cdk-lib',
    'constructs',
    'typescript',
    'zod',
  ];
  return Object.fromEntries(
    names.map(name => {
      const file = path.join(ROOT, 'node_modules', name, 'package.json');
      return [name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version];
    }),
  );
}

function write(root: string, files: Files): void {
  for (const [file, contents] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), contents);
  }
}

describe.each(PROJECTS)('$name, $layout, $type', ({ manager: chosen, layout, type, nodes }) => {
  const manager = chosen();
  const { files, server, app } = projectFiles({ layout, type, versions: versions() });
  let root: string;

  const execute = async (args: readonly string[], node: Node, cwd = '.'): Promise<string> => {
    const [program = '', ...before] = manager.program;
    const options = { cwd: path.join(root, cwd), env: environment(node), maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await run(program, [...before, ...args], options).catch((error: unknown) => {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${manager.name} ${args.join(' ')} fails in ${cwd}:\n${stdout ?? ''}${stderr ?? String(error)}`);
    });
    return stdout;
  };
  const script = (name: string, node: Node, cwd: string): Promise<string> => execute(['run', name], node, cwd);

  beforeAll(async () => {
    root = mkdtempSync(path.join(directory, 'project-'));
    write(root, { ...files, ...manager.files(layout, registry.url) });
    const [node = 20] = nodes;
    await execute(manager.lock, node);
    await execute(manager.install, node);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test.each([
    { rules: 'Node.js', name: 'compile' },
    { rules: 'bundlers', name: 'compile:bundler' },
  ])('its types are found by the rules of $rules', async ({ name }) => {
    const [node = 20] = nodes;
    for (const part of new Set([server, app])) {
      await script(name, node, part);
    }
  });

  test.each(nodes)('each entry exports the same from CommonJS and ESM on Node.js %i', async node => {
    for (const part of new Set([server, app])) {
      const commonJs = exportsIn(await script('exports:commonjs', node, part));
      expect(commonJs.length).toBeGreaterThan(0);
      expect(commonJs.every(([, names]) => names.length > 0)).toBe(true);
      expect(exportsIn(await script('exports:esm', node, part))).toEqual(commonJs);
    }
  });

  test.each(nodes)('its unit test and a whole conversation with its app pass on Node.js %i', async node => {
    const tested = await script('unit', node, server);
    expect(tested).toContain('legacy ordered soup');
    expect(tested).toContain('modern ordered soup');
    expect(await script('talk', node, app)).toContain('ordered soup');
  });
});

/** The line that is printed, among those that a package manager prints. */
function exportsIn(output: string): [entry: string, names: string[]][] {
  const line = output.split('\n').find(text => text.startsWith('[['));
  return JSON.parse(line ?? '[]') as [string, string[]][];
}
