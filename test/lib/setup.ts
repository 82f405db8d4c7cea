import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// The newest CDK validates every template that it renders, for seconds in each test file. strict.test.ts does it once,
// and strictly.
process.env.CDK_VALIDATION ??= 'false';

// Each test file loads the modules anew, and with them one listener that removes temporary folders.
process.setMaxListeners(0);

// The CDK says which asset it bundles, and a synthesis what it takes its time for, straight to stderr.
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = ((...args: Parameters<typeof write>) =>
  /^Bundling asset |^\[.*\] .* (?:for linux\/arm64|of Python [\d.]+): /.test(String(args[0])) ||
  write(...args)) as typeof write;

// What one test file makes must not be there already for another, or for the same one with another CDK.
process.env.CDK_STATEFUL_MCP_CACHE = mkdtempSync(path.join(os.tmpdir(), 'program-cache-'));
