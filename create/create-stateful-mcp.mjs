#!/usr/bin/env node
// `npm create stateful-mcp DIR` is `stateful-mcp init DIR`.
process.argv.splice(2, 0, 'init');
await import('stateful-mcp/stateful-mcp.mjs');
