#!/usr/bin/env node
// Committed, so that npm can link the command before its first build.
import './dist/stateful-mcp.mjs';
