// The official suite: obtained from npm once, run as a child process, its verdict read from what it prints and saves.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseSummary, type Scenario } from './suite-summary';

export const SUITE = '@modelcontextprotocol/conformance';
export const SUITE_VERSION = '0.2.0-alpha.12';
/** The suite imports `fs.globSync`. */
const NODE_FROM = 22;
const NODE_VERSION = '22.23.3';
const LONGEST_RUN_MS = 10 * 60_000;

export interface Suite {
  /** The Node.js that runs the suite; the servers run on the one that runs this program. */
  readonly nodeVersion: string;
  run(requirements: string, url: string, results: string, signal: AbortSignal): Promise<readonly Scenario[]>;
  /** @param command - what starts a client; the suite appends the URL of its server */
  runClient(requirements: string, command: string, results: string, signal: AbortSignal): Promise<readonly Scenario[]>;
}

export function obtainSuite(root: string): Suite {
  const node = obtainNode(root);
  const entry = path.join(obtainPackage(), 'node_modules', SUITE, 'dist', 'index.js');
  const run = async (
    side: 'server' | 'client',
    subject: string[],
    requirements: string,
    results: string,
    signal: AbortSignal,
  ): Promise<readonly Scenario[]> => {
    const { output, code } = await runToEnd(
      node,
      [entry, side, ...subject, '--requirements', requirements, '--output-dir', results],
      signal,
    );
    const scenarios = parseSummary(output);
    const failsRequired = scenarios.some(({ required, failed }) => required && failed > 0);
    if (code !== (failsRequired ? 1 : 0)) {
      throw new Error(`the suite's exit code is ${code}, which does not fit what it printed:\n${output}`);
    }
    return scenarios.map(scenario => ({
      ...scenario,
      failures: failuresOf(side === 'server' ? `server-${scenario.name}` : scenario.name, results),
    }));
  };
  return {
    nodeVersion: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    run: (requirements, url, ...rest) => run('server', ['--url', url], requirements, ...rest),
    runClient: (requirements, command, ...rest) => run('client', ['--command', command], requirements, ...rest),
  };
}

function obtainNode(root: string): string {
  if (Number.parseInt(process.versions.node) >= NODE_FROM) {
    return process.execPath;
  }
  const script = path.join(root, 'scripts', 'node-version.sh');
  const bin = execFileSync('bash', [script, NODE_VERSION], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  return path.join(bin, 'node');
}

/** Not a devDependency: it cannot be loaded by the oldest Node.js that the project supports. */
function obtainPackage(): string {
  const cache = path.join(process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache'), 'stateful-mcp');
  const folder = path.join(cache, `conformance-${SUITE_VERSION}`);
  if (existsSync(folder)) {
    return folder;
  }
  // Appears in one step, so that an interrupted installation is not taken for a whole one.
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    const options = ['--no-save', '--no-audit', '--no-fund', '--loglevel', 'error', '--ignore-scripts'];
    execFileSync('npm', ['install', ...options, '--prefix', unfinished, `${SUITE}@${SUITE_VERSION}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function runToEnd(node: string, args: string[], signal: AbortSignal): Promise<{ output: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(node, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      timeout: LONGEST_RUN_MS,
      env: { ...process.env, NO_COLOR: '1' },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.on('error', reject).on('close', code => resolve({ output, code }));
  });
}

/** What the failed checks of a scenario say. */
function failuresOf(scenario: string, results: string): readonly string[] {
  // Names of scenarios have directories in them.
  const home = path.join(results, path.dirname(scenario));
  const folder = (existsSync(home) ? readdirSync(home) : []).find(
    name => name.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '') === path.basename(scenario),
  );
  if (folder === undefined) {
    return [];
  }
  const checks = JSON.parse(readFileSync(path.join(home, folder, 'checks.json'), 'utf8')) as {
    id: string;
    status: string;
    errorMessage?: string;
  }[];
  return checks
    .filter(({ status }) => status === 'FAILURE')
    .map(({ id, errorMessage }) => `${id}: ${errorMessage ?? 'no message'}`);
}
