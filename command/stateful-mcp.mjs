#!/usr/bin/env node
// Committed, so that npm can link the command before its first build.
import { existsSync } from 'node:fs';
import module from 'node:module';

const program = new URL('dist/stateful-mcp.mjs', import.meta.url);
if (existsSync(program)) {
  // From Node.js 22 on, what was compiled once is kept in the directory for temporary files.
  module.enableCompileCache?.();
  await import(program);
} else {
  console.error('error: stateful-mcp is not built yet in this clone. Run `npm run bundle` in it first.');
  process.exitCode = 1;
}
