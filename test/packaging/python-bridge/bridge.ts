// The bridge in Python between HTTP and a stdio server, as bundles have it, with a stdio server that is known from the
// tests of `serveStdio`.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { closeChildren, startChild, type ChildServer } from '../../server/child-server';
import { closeClients, textOf, type ConnectOptions, type TestClient } from '../../server/clients';
import { INITIALIZE, JSON_HEADERS } from '../../server/kit';

const ROOT = path.join(__dirname, '../../..');
const SERVER = path.join(ROOT, 'test/server/fixtures/stdio-server.mjs');
const SAYING_SERVER = path.join(ROOT, 'test/server/fixtures/saying-stdio-server.mjs');

let folder: string;

/** Installs what a bundle of a stdio server in Python has in it. */
export function installBridge(): void {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bridge-'));
  execFileSync('uv', ['pip', 'install', '--quiet', '--python', 'python3', '--target', folder, 'uvicorn']);
  cpSync(path.join(ROOT, 'bridge/stateful_mcp_stdio'), path.join(folder, 'stateful_mcp_stdio'), { recursive: true });
  writeFileSync(
    path.join(folder, 'main.py'),
    'import os\nfrom stateful_mcp_stdio import serve\nserve(os.environ.get("SCRIPT", "bin/server"), [], os.path.dirname(os.path.abspath(__file__)))\n',
  );
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  const node = JSON.stringify(process.execPath);
  script('server', `import os\nos.execv(${node}, [${node}, ${JSON.stringify(SERVER)}])\n`);
  script('saying', `import os\nos.execv(${node}, [${node}, ${JSON.stringify(SAYING_SERVER)}])\n`);
  script(
    'long-line',
    'import sys\nfor line in sys.stdin:\n    sys.stdout.write("x" * (65 << 20))\n    sys.stdout.flush()\n',
  );
  script('silent', 'import sys\nsys.stdin.read()\n');
  script(
    'environment',
    'import json, os, sys\nimport uvicorn\nsys.stderr.write("path of the package: " + uvicorn.__file__ + "\\n")\nsys.stderr.write("path of programs: " + os.environ["PATH"] + "\\n")\nsys.exit(7)\n',
  );
}

export async function endBridges(): Promise<void> {
  await closeClients();
  await closeChildren();
}

export function removeBridge(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Where the packages of the bundle are. */
export function packagesFolder(): string {
  return folder;
}

function script(name: string, source: string): void {
  writeFileSync(path.join(folder, 'bin', name), source);
}

export const bridge = (environment: Record<string, string> = {}): Promise<ChildServer> =>
  startChild(path.join(folder, 'main.py'), { PYTHONDONTWRITEBYTECODE: '1', ...environment }, 'python3');

export const ANSWERS: ConnectOptions = {
  elicit: ({ message }) => ({ action: 'accept', content: { answer: message.toUpperCase() } }),
  sample: prompt => `sampled ${prompt}`,
};

export async function pidOf(client: TestClient): Promise<number> {
  return Number(textOf(await client.call('pid')));
}

/** Waits for the end of a process that is not ours to wait for. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(10);
  }
}

export const post = (url: string, message: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });

export async function sessionOf(url: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const response = await post(url, INITIALIZE, headers);
  await response.text();
  return { 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' };
}

export const call = (
  name: string,
  id: number | string = 1,
  args: Record<string, unknown> = {},
): Record<string, unknown> => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

export const eventsOf = ({ lines }: ChildServer): Record<string, unknown>[] =>
  lines.map(line => JSON.parse(line) as Record<string, unknown>);

/** Waits for lines of the log, which come by another way than responses; at most ten seconds. */
export async function logged({ lines }: ChildServer, text: string, times = 1): Promise<void> {
  for (let left = 500; left > 0 && lines.filter(line => line.includes(text)).length < times; left--) {
    await pause(20);
  }
}
