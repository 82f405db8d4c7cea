import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

/** Bundles a server of `bench/fixtures`. */
export function bundleFixture(name: string): string {
  return bundleServer(path.join(__dirname, 'fixtures', name));
}

/** Bundles a server the way the construct does: one minified CommonJS file. */
export function bundleServer(entryPoint: string): string {
  const outfile = path.join(mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-bench-')), 'index.js');
  buildSync({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  return outfile;
}
