// Servers in processes of their own, bundled the way they are deployed.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';

const ROOT = path.join(__dirname, '..', '..');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** The server's own log, and whatever else it writes. */
  readonly lines: readonly string[];
  readonly exited: Promise<Exit>;
}

const children: ChildProcess[] = [];
const folders: string[] = [];

/** Ends every server that is still running. */
export async function closeChildren(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      continue;
    }
    const exited = new Promise(resolve => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }
}

export function removeBundles(): void {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One CommonJS file with everything in it; gives its path back. */
export function bundle(entry: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-server-'));
  folders.push(folder);
  const outfile = path.join(folder, 'index.js');
  buildSync({
    entryPoints: [entry],
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    alias: {
      'stateful-mcp-server/bedrock': path.join(ROOT, 'server', 'src', 'bedrock.ts'),
      'stateful-mcp-server': path.join(ROOT, 'server', 'src', 'index.ts'),
    },
    logLevel: 'silent',
  });
  return outfile;
}

/** Starts a bundle on a free port of this machine, or gives its end back when it does not get that far. */
export async function startChild(
  file: string,
  environment: Record<string, string> = {},
  interpreter = process.execPath,
): Promise<ChildServer> {
  const child = spawn(interpreter, [file], {
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: string[] = [];
  const exited = new Promise<Exit>(resolve => child.once('close', (code, signal) => resolve({ code, signal })));
  createInterface(child.stdout).on('line', line => lines.push(line));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on('line', line => {
      lines.push(line);
      const [, found] = /"event":"listening".*"url":"([^"]*)"/.exec(line) ?? [];
      if (found) {
        resolve(found);
      }
    });
    void exited.then(({ code }) => reject(new Error(`the server ended with code ${code}:\n${lines.join('\n')}`)));
  });
  return { url, process: child, lines, exited };
}
