// Sends many hostile requests to a local runtime: `npm run test:robustness -- 100000`. A second number is the seed.
import path from 'node:path';
import { attack } from './robustness';

async function main(): Promise<void> {
  const [requests = 10_000, seed = 1] = process.argv.slice(2).map(Number);
  if (!Number.isInteger(requests) || requests < 1) throw new Error(`the count of requests must be a whole number of 1 or more, got ${process.argv[2]}`);
  const findings = await attack([process.execPath, path.join(__dirname, 'fixtures/session-server.mjs')], requests, seed);
  console.log(JSON.stringify(findings, undefined, 2));
  const [before, after] = findings.descriptors ?? [0, 0];
  process.exitCode = findings.wrong.length > 0 || after > before + 20 ? 1 : 0;
}

void main();
