// `npm run conformance:client`: the official suite's scenarios for clients against `connect()`, for both protocol
// revisions. Prints what did not pass; ends with 1 when a required scenario did not.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { obtainSuite } from './official-suite';
import { hasPassed } from './suite-summary';

const REVISIONS = ['2025-11-25', '2026-07-28'];

const root = path.join(__dirname, '..', '..');
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interruption.abort());
}

void main();

async function main(): Promise<void> {
  const suite = obtainSuite(root);
  // Kept when a required scenario fails.
  const results = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-conformance-client-'));
  const program = path.join(results, 'client.cjs');
  buildSync({
    entryPoints: [path.join(__dirname, 'client-program.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['@napi-rs/keyring', '@opentelemetry/api'],
    logLevel: 'error',
  });
  let failed = false;
  for (const requirements of REVISIONS) {
    const folder = path.join(results, requirements);
    mkdirSync(folder);
    const scenarios = await suite.runClient(
      requirements,
      `${process.execPath} ${program}`,
      folder,
      interruption.signal,
    );
    const required = scenarios.filter(scenario => scenario.required);
    console.log(`${requirements}: ${required.filter(hasPassed).length}/${required.length} required scenarios pass`);
    for (const scenario of scenarios.filter(each => !hasPassed(each))) {
      const reason = scenario.failures.join('; ') || 'it made no check';
      console.log(`  ${scenario.required ? 'required' : scenario.notScoredBecause}: ${scenario.name}: ${reason}`);
    }
    failed ||= required.length === 0 || !required.every(hasPassed);
  }
  if (failed) {
    console.error(`checks: ${results}`);
    process.exitCode = 1;
  } else {
    rmSync(results, { recursive: true });
  }
}
