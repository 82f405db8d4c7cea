// Sends many hostile requests to a local runtime: `npm run test:robustness -- 100000`.
import path from 'node:path';
import { attack } from './robustness';

const requests = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? 1);
if (!Number.isInteger(requests) || requests < 1) throw new Error(`the count of requests must be a whole number of 1 or more, got ${process.argv[2]}`);
const server = path.join(process.cwd(), 'test/local/fixtures/session-server.mjs');
const findings = await attack([process.execPath, server], requests, seed);
console.log(JSON.stringify(findings, undefined, 2));
const [before, after] = findings.descriptors ?? [0, 0];
process.exitCode = findings.wrong.length > 0 || after > before + 20 ? 1 : 0;
