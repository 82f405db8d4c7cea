// `npm run conformance`: the official suite against the fixture server, for both protocol revisions, straight and
// through the local runtime, with calls replayed and parked. Writes docs/reference/conformance.md; ends with 1 when a
// required scenario does not pass.
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { obtainSuite, SUITE, SUITE_VERSION, type Suite } from './official-suite';
import { report, table, type Run } from './report';
import { serveDirectly, serveThroughLocalRuntime, type Mode, type Serve } from './served-fixture';
import { hasPassed } from './suite-summary';

const REVISIONS = ['2025-11-25', '2026-07-28'];
const WAYS: Readonly<Record<string, Serve>> = { direct: serveDirectly, 'local runtime': serveThroughLocalRuntime };
const MODES: readonly Mode[] = ['replay', 'park'];

const root = path.join(__dirname, '..', '..');
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interruption.abort());
}

void main();

async function main(): Promise<void> {
  const suite = obtainSuite(root);
  // Kept when a required scenario fails.
  const results = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-conformance-'));
  const script = path.join(results, 'server', 'index.js');
  const entryPoint = path.join(__dirname, 'fixture-server.ts');
  buildSync({
    entryPoints: [entryPoint],
    outfile: script,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  try {
    const runs = await runAll(suite, script, results);
    write(runs, suite);
    if (runs.every(passesRequired)) {
      rmSync(results, { recursive: true });
    } else {
      fail(runs, results);
    }
  } catch (error) {
    if (!interruption.signal.aborted) {
      throw error;
    }
    rmSync(results, { recursive: true });
    console.error('interrupted');
    process.exitCode = 130;
  }
}

async function runAll(suite: Suite, script: string, results: string): Promise<Run[]> {
  const runs: Run[] = [];
  for (const requirements of REVISIONS) {
    for (const [way, serve] of Object.entries(WAYS)) {
      for (const mode of MODES) {
        console.error(`${requirements}, ${way}, ${mode} …`);
        const folder = path.join(results, [requirements, way.replace(' ', '-'), mode].join('-'));
        runs.push({
          requirements,
          way,
          mode,
          scenarios: await runOnce(suite, requirements, { script, serve, mode, folder }),
        });
      }
    }
  }
  return runs;
}

async function runOnce(
  suite: Suite,
  requirements: string,
  { script, serve, mode, folder }: { script: string; serve: Serve; mode: Mode; folder: string },
): Promise<Run['scenarios']> {
  mkdirSync(folder);
  const log = createWriteStream(`${folder}.log`);
  const served = await serve(script, mode, line => log.write(`${line}\n`));
  try {
    return await suite.run(requirements, served.url, folder, interruption.signal);
  } finally {
    await served.close();
    log.end();
  }
}

function passesRequired({ scenarios }: Run): boolean {
  const required = scenarios.filter(scenario => scenario.required);
  return required.length > 0 && required.every(hasPassed);
}

function write(runs: readonly Run[], suite: Suite): void {
  const version = (folder: string): string =>
    (JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as { version: string }).version;
  writeFileSync(
    path.join(root, 'docs', 'reference', 'conformance.md'),
    report(runs, {
      date: new Date().toISOString().slice(0, 10),
      suite: `${SUITE}@${SUITE_VERSION}`,
      nodeOfSuite: suite.nodeVersion.slice(1),
      nodeOfServer: process.versions.node,
      platform: `${os.platform()} ${os.arch()}`,
      kit: version('server'),
      localRuntime: version('local'),
      sdk: version('node_modules/@modelcontextprotocol/server'),
    }),
  );
  console.log(`${table(runs)}\nwritten to docs/reference/conformance.md`);
}

function fail(runs: readonly Run[], results: string): void {
  for (const { requirements, way, mode, scenarios } of runs) {
    for (const { name, failures } of scenarios.filter(scenario => scenario.required && !hasPassed(scenario))) {
      console.error(
        `${requirements}, ${way}, ${mode}: ${name} does not pass: ${failures.join('; ') || 'it made no check'}`,
      );
    }
  }
  console.error(`checks and server logs: ${results}`);
  process.exitCode = 1;
}
