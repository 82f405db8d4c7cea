import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { COMMAND } from '../command/run-command';
import { newFolder } from '../local/assembly';

const ROOT = path.join(__dirname, '../..');

/** Hosts in the versions that the documentation speaks of, by the file that starts them. */
const HOSTS = {
  claude: { install: '@anthropic-ai/claude-code@2.1.332', file: '@anthropic-ai/claude-code/bin/claude.exe' },
  gemini: { install: '@google/gemini-cli@0.61.0', file: '@google/gemini-cli/bundle/gemini.js' },
  inspector: {
    install: '@modelcontextprotocol/inspector@2.12.0',
    file: '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
  },
} as const;

export type InstalledHost = keyof typeof HOSTS;

/** Programs that run in a home directory of their own, with `npx stateful-mcp` being the command that was built. */
export interface InstalledHosts {
  readonly home: string;
  /** Runs a host; gives back what it printed on both streams. */
  readonly host: (name: InstalledHost, ...args: string[]) => Promise<string>;
  /** Runs `stateful-mcp install`. */
  readonly install: (...args: string[]) => Promise<string>;
}

let modules: string;

/** Installs the hosts once. */
export function installHosts(): void {
  const folder = newFolder();
  execFileSync(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      ...Object.values(HOSTS).map(host => host.install),
    ],
    { stdio: 'pipe' },
  );
  modules = path.join(folder, 'node_modules');
}

export function newHome(): InstalledHosts {
  const home = newFolder();
  const node = execFileSync('bash', ['scripts/node-version.sh', '24.21.0'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const bin = path.join(home, 'bin');
  mkdirSync(bin);
  // As `npx -y stateful-mcp@VERSION` does it, without a registry.
  writeFileSync(path.join(bin, 'npx'), `#!/bin/sh\nshift 2\nexec '${process.execPath}' '${COMMAND}' "$@"\n`);
  chmodSync(path.join(bin, 'npx'), 0o755);
  const env = {
    HOME: home,
    PATH: `${bin}:${node}:${process.env.PATH ?? ''}`,
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    MCP_INSPECTOR_SECRET_STORE: 'memory',
    DISABLE_AUTOUPDATER: '1',
  };
  const run = async (program: string, args: string[]): Promise<string> => {
    const running = promisify(execFile)(program, args, { env, cwd: home, timeout: 120_000 });
    running.child.stdin?.end();
    const { stdout, stderr } = await running;
    return stdout + stderr;
  };
  return {
    home,
    host: (name, ...args) => {
      const file = path.join(modules, HOSTS[name].file);
      return name === 'claude' ? run(file, args) : run(path.join(node, 'node'), [file, ...args]);
    },
    install: (...args) => run(process.execPath, [COMMAND, 'install', ...args]),
  };
}
