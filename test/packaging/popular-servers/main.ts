// node --import tsx test/packaging/popular-servers/main.ts [NAME...]: packages popular servers of npm by `fromStdio`,
// starts what was packaged, lists the tools, and prints a row of the table in docs/reference/packaging.md for each.
// Needs a network, `npm run bundle`, and Node.js 22 or later for the bundles: this one, or that of NODE.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { McpServerCode, StatefulMcpServer } from '../../../lib';
import { firstLine, listedTools } from './listed-tools';
import { NPM_SERVERS, type NpmServer } from './npm-servers';
import { freePort } from '../../free-port';

const REPOSITORY = path.join(__dirname, '..', '..', '..');
const INSTALL_MS = 240_000;
const START_MS = 40_000;

interface Row {
  readonly version: string;
  readonly packaged: string;
  readonly started: string;
}

async function main(names: readonly string[]): Promise<void> {
  process.env.CDK_VALIDATION ??= 'false';
  for (const server of NPM_SERVERS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'popular-server-')));
    try {
      const { version, packaged, started } = await tried(server, folder);
      console.log(`| \`${server.name}\` ${version} | ${packaged} | ${started} |`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function tried(server: NpmServer, folder: string): Promise<Row> {
  let version = '';
  try {
    version = install(server.name, folder);
    const began = performance.now();
    const { bundle, warnings } = packaged(server, folder);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const said = `yes, ${seconds} s${warnings === 0 ? '' : `, ${warnings} warning${warnings === 1 ? '' : 's'}`}`;
    return { version, packaged: said, started: await started(server, bundle) };
  } catch (error) {
    return { version, packaged: `no: ${firstLine(error)}`, started: '' };
  }
}

function install(name: string, folder: string): string {
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "popular", "private": true }');
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', name], {
    cwd: folder,
    stdio: 'pipe',
    timeout: INSTALL_MS,
  });
  for (const kit of ['stateful-mcp-server', 'esbuild']) {
    const link = path.join(folder, 'node_modules', kit);
    if (!existsSync(link)) {
      symlinkSync(path.join(REPOSITORY, 'node_modules', kit), link);
    }
  }
  const listed = execFileSync('npm', ['ls', '--json', '--depth=0', name], { cwd: folder, encoding: 'utf8' });
  return (
    (JSON.parse(listed) as { dependencies: Record<string, { version: string }> }).dependencies[name]?.version ?? ''
  );
}

function packaged(server: NpmServer, folder: string): { readonly bundle: string; readonly warnings: number } {
  const outdir = path.join(folder, 'cdk.out');
  const app = new App({ outdir });
  const stack = new Stack(app, 'Popular');
  const { args, program, externalModules } = server;
  const construct = new StatefulMcpServer(stack, 'Server', {
    code: McpServerCode.fromStdio(server.name, {
      projectDirectory: folder,
      program,
      args: args && [...args],
      externalModules: externalModules && [...externalModules],
    }),
  });
  const asset = construct.node.findChild('Code') as Asset;
  const messages = app
    .synth()
    .getStackByName('Popular')
    .messages.filter(({ level }) => String(level) === 'warning');
  const bundle = path.join(folder, '..', `${path.basename(folder)}-bundle`);
  mkdirSync(bundle);
  // Outside of the project, whose modules would stand in for what the bundle lacks.
  execFileSync('cp', ['-R', `${path.resolve(outdir, asset.assetPath)}/.`, bundle]);
  return { bundle, warnings: messages.length };
}

async function started({ environment = {} }: NpmServer, bundle: string): Promise<string> {
  const port = await freePort();
  const server = spawn(process.env.NODE ?? process.execPath, ['index.js'], {
    cwd: bundle,
    env: { PATH: process.env.PATH, HOME: bundle, PORT: String(port), HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own ends with all that it has started.
    detached: true,
  });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  }
  try {
    const tools = await listedTools(`http://127.0.0.1:${port}/mcp`, START_MS);
    return `${tools} tools`;
  } catch (error) {
    const line = said.split('\n').find(text => /error|exec format|not found/i.test(text));
    return `no: ${firstLine(line ?? error)}`;
  } finally {
    if (server.pid !== undefined) {
      process.kill(-server.pid, 'SIGKILL');
    }
    // What it has started outside of its group writes on for a moment.
    rmSync(bundle, { recursive: true, force: true, maxRetries: 10, retryDelay: 1000 });
  }
}

void main(process.argv.slice(2));
