import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundleFixture } from '../bundle-fixture';
import type { Front } from './front';

const SUPERGATEWAY = 'supergateway@4.0.0';
const MCP_PROXY = 'mcp-proxy==0.13.0';

const root = path.join(__dirname, '../..');
const fixture = (file: string): string => path.join(__dirname, '../fixtures', file);

/** Our local runtime, in front of a server of one file that listens where `HOST` and `PORT` say. */
export function localRuntime(server: string, pooledProcesses: number): Front {
  return {
    name: pooledProcesses === 0 ? 'local runtime, no pool' : 'local runtime',
    processEach: true,
    command: port => [
      process.execPath,
      fixture('local-runtime.mjs'),
      String(port),
      String(pooledProcesses),
      process.execPath,
      server,
    ],
  };
}

/** The server kit's own way to put a server of standard input and output behind HTTP, for those peers do just that. */
export function serveStdio(server: string): Front {
  const script = bundleFixture('stdio-front.ts');
  return {
    name: 'serveStdio of the server kit',
    processEach: true,
    command: port => [process.execPath, script, String(port), process.execPath, server, 'stdio'],
  };
}

/** Programs of others, installed in a folder. */
export interface Peers {
  readonly fronts: readonly Front[];
  readonly remove: () => void;
}

/**
 * Installs the peers, which stand in front of the same server over its standard input and output. One that cannot be
 * installed is said, and left out.
 */
export function installPeers(server: string): Peers {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-peers-'));
  const fronts: Front[] = [];
  for (const [install, needs] of [
    [supergateway, `${SUPERGATEWAY} (needs a registry of npm)`],
    [mcpProxy, `${MCP_PROXY} (needs uv and a registry of Python)`],
  ] as const) {
    try {
      fronts.push(install(folder, server));
    } catch {
      console.log(`LEFT OUT, cannot be installed: ${needs}`);
    }
  }
  return { fronts, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function supergateway(folder: string, server: string): Front {
  execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-package-lock', SUPERGATEWAY], {
    stdio: 'pipe',
  });
  return {
    name: 'supergateway --stateful',
    processEach: true,
    command: port => [
      process.execPath,
      '--require',
      fixture('loopback.cjs'),
      path.join(folder, 'node_modules/supergateway/dist/index.js'),
      '--stdio',
      `${process.execPath} ${server} stdio`,
      '--outputTransport',
      'streamableHttp',
      '--stateful',
      '--port',
      String(port),
      '--logLevel',
      'none',
    ],
  };
}

function mcpProxy(folder: string, server: string): Front {
  const uv = path.join(execFileSync('bash', ['scripts/uv.sh'], { cwd: root, encoding: 'utf8' }).trim(), 'uv');
  const environment = path.join(folder, 'python');
  execFileSync(uv, ['venv', '--quiet', environment], { stdio: 'pipe' });
  execFileSync(uv, ['pip', 'install', '--quiet', '--python', environment, MCP_PROXY], { stdio: 'pipe' });
  return {
    name: 'mcp-proxy',
    processEach: false,
    command: port => [
      path.join(environment, 'bin/mcp-proxy'),
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--log-level',
      'ERROR',
      process.execPath,
      server,
      'stdio',
    ],
  };
}
