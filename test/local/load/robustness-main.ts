// Sends many hostile requests to a local runtime: `npm run test:robustness -- 100000`. A second number is the seed.
import path from 'node:path';
import { attack } from './robustness';

const MORE_DESCRIPTORS = 20;
/** The event log and the descriptions of the last sessions stay, and are bounded. */
const MORE_HEAP_BYTES = 30_000_000;

async function main(): Promise<void> {
  const [requests = 10_000, seed = 1] = process.argv.slice(2).map(Number);
  if (!Number.isInteger(requests) || requests < 1) {
    throw new Error(`the count of requests must be a whole number of 1 or more, got ${process.argv[2]}`);
  }
  const findings = await attack(
    [process.execPath, path.join(__dirname, '../fixtures/session-server.mjs')],
    requests,
    seed,
  );
  console.log(JSON.stringify(findings, undefined, 2));
  const [descriptors, descriptorsAfter] = findings.descriptors ?? [0, 0];
  const [heap, heapAfter] = findings.heap;
  const problems = [
    ...findings.wrong,
    ...(descriptorsAfter > descriptors + MORE_DESCRIPTORS
      ? [`${descriptorsAfter - descriptors} descriptors more than before`]
      : []),
    ...(heapAfter > heap + MORE_HEAP_BYTES ? [`${heapAfter - heap} bytes of heap more than before`] : []),
  ];
  for (const problem of problems) {
    console.error(problem);
  }
  process.exitCode = problems.length > 0 ? 1 : 0;
}

void main();
