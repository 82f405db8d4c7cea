// A run of the tests has a temporary directory of its own, which goes with it. What the product or a test leaves in it
// fails the run. The caches are meant to stay, and the CDK keeps a cloud assembly for each `new App()`. The preloaded
// file of snapshot mode goes at the exit of the program, which jest does not tell.
const { mkdtempSync, readdirSync, rmSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const LEFT_BY_OTHERS =
  /^(cdk\.out|program-cache|stateful-mcp-snapshot-|tsx-|node-compile-cache$|jiti$|v8-compile-cache|uv-|puppeteer|podman-run-|containers-user-)/;
const VARIABLE = 'STATEFUL_MCP_TEST_DIRECTORY';

exports.create = () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-tests-'));
  process.env[VARIABLE] = directory;
  process.env.TMPDIR = directory;
  // What a synthesis keeps for the next one, apart from that of the user.
  process.env.CDK_STATEFUL_MCP_CACHE = path.join(directory, 'program-cache');
};

exports.remove = () => {
  const directory = process.env[VARIABLE];
  const left = readdirSync(directory).filter(name => !LEFT_BY_OTHERS.test(name));
  rmSync(directory, { recursive: true, force: true });
  if (left.length > 0) {
    throw new Error(
      `the tests left ${left.length} entries in the temporary directory: ${left.sort().slice(0, 20).join(', ')}`,
    );
  }
};
