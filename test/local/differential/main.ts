// Compares what the local runtime makes of requests and of servers' responses with what Node.js makes of them:
// `npm run test:http -- 20000`. A second number is the seed. It ends after a minute, however many it has compared.
import { compareMany } from './run';

const LIMIT_MS = 28_000;

async function main(): Promise<void> {
  const [count = 20_000, seed = 1] = process.argv.slice(2).map(Number);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`the count must be a whole number of 1 or more, got ${process.argv[2]}`);
  }
  for (const kind of ['requests', 'responses'] as const) {
    const compared = await compareMany(kind, count, LIMIT_MS, seed);
    console.log(`${compared.count} of ${count} ${kind}, ${compared.differing.length} with another outcome`);
    for (const { seed: of, text, difference } of compared.differing.slice(0, 10)) {
      console.error(`${kind} ${of}: ${difference}\n${JSON.stringify(text.slice(0, 1000))}`);
      process.exitCode = 1;
    }
  }
}

void main();
