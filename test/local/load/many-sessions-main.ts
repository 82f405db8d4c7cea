// Opens many sessions at once in a local runtime: `npm run test:sessions -- 1000`. A Node.js server takes about 10 MB
// of memory.
import { manySessions } from './many-sessions';

async function main(): Promise<void> {
  const [sessions = 1000] = process.argv.slice(2).map(Number);
  if (!Number.isInteger(sessions) || sessions < 1) {
    throw new Error(`the count of sessions must be a whole number of 1 or more, got ${process.argv[2]}`);
  }
  const found = await manySessions(sessions);
  console.log(
    JSON.stringify(
      { ...found, wrong: found.wrong.slice(0, 20) },
      (_, value: unknown) => (typeof value === 'number' ? Math.round(value * 100) / 100 : value),
      2,
    ),
  );
  process.exitCode = found.wrong.length > 0 ? 1 : 0;
}

void main();
