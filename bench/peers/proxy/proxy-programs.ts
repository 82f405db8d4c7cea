import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const MCP_REMOTE = 'mcp-remote@0.15.1';
const MCP_PROXY_FOR_AWS = 'mcp-proxy-for-aws==1.7.0';

const root = path.join(__dirname, '../../..');

/** A program that stands in for a remote server at a host of stdio servers. */
export interface ProxyProgram {
  readonly name: string;
  readonly command: string;
  /** Its arguments for the server at a URL. */
  readonly args: (url: string) => string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Ours, and those of others, installed in a folder. One that cannot be installed is said, and left out. */
export function installProxies(): { readonly programs: readonly ProxyProgram[]; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-proxies-'));
  const programs = [ours('proxy', [], {}), ours('proxy, signing', ['--sigv4', '--region', 'us-east-1'], KEYS)];
  for (const [install, needs] of [
    [mcpRemote, `${MCP_REMOTE} (needs a registry of npm)`],
    [proxyForAws, `${MCP_PROXY_FOR_AWS} (needs uv and a registry of Python)`],
  ] as const) {
    try {
      programs.push(install(folder));
    } catch {
      console.log(`LEFT OUT, cannot be installed: ${needs}`);
    }
  }
  return { programs, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
  AWS_SECRET_ACCESS_KEY: 'local-secret',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

function ours(name: string, flags: readonly string[], environment: Readonly<Record<string, string>>): ProxyProgram {
  const script = path.join(root, 'command/dist/stateful-mcp.mjs');
  return { name, command: process.execPath, args: url => [script, 'proxy', url, ...flags], environment };
}

function mcpRemote(folder: string): ProxyProgram {
  execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-package-lock', MCP_REMOTE], {
    stdio: 'pipe',
  });
  const known = path.join(folder, 'known-servers');
  mkdirSync(known);
  const script = path.join(folder, 'node_modules/mcp-remote/dist/proxy.js');
  return {
    name: 'mcp-remote 0.15',
    command: process.execPath,
    args: url => [script, url, '--transport', 'http-only', '--silent'],
    environment: { MCP_REMOTE_CONFIG_DIR: known },
  };
}

function proxyForAws(folder: string): ProxyProgram {
  const uv = path.join(execFileSync('bash', ['scripts/uv.sh'], { cwd: root, encoding: 'utf8' }).trim(), 'uv');
  const environment = path.join(folder, 'python');
  execFileSync(uv, ['venv', '--quiet', environment], { stdio: 'pipe' });
  execFileSync(uv, ['pip', 'install', '--quiet', '--python', environment, MCP_PROXY_FOR_AWS], { stdio: 'pipe' });
  const flags = ['--service', 'bedrock-agentcore', '--region', 'us-east-1', '--disable-telemetry'];
  return {
    name: 'mcp-proxy-for-aws 1.7, signing',
    command: path.join(environment, 'bin/mcp-proxy-for-aws'),
    args: url => [url, ...flags, '--log-level', 'CRITICAL'],
    environment: KEYS,
  };
}
