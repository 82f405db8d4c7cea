#!/usr/bin/env node
// Committed, so that npm can link the command before its first build.
import module from 'node:module';

// From Node.js 22 on, what was compiled once is kept in the directory for temporary files.
module.enableCompileCache?.();
await import('./dist/stateful-mcp.mjs');
