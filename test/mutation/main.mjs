// Mutates the sources of a folder or a file with Stryker, and says which mutants no test of theirs notices.
// Usage: npm run test:mutation -- local/src/auth/jwt-verifier.ts [test/local/auth/jwt-verifier.test.ts]
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const [given, ...givenTests] = process.argv.slice(2);
if (given === undefined || !existsSync(path.join(root, given))) {
  throw new Error(`test:mutation needs a folder or a file of sources, such as \`local/src/auth\`, got ${given}`);
}
const sources = path.normalize(given).replace(/\/$/, '');
const isFolder = statSync(path.join(root, sources)).isDirectory();
const tests =
  givenTests.length > 0 ? givenTests : [`${testsOf(isFolder ? sources : path.dirname(sources))}/**/*.test.ts`];

/** The folder that mirrors the one of the sources, or the nearest one above it that does. */
function testsOf(folder) {
  const mirror = path.join('test', folder.replace(/^(\w+)\/src/, '$1'));
  return existsSync(path.join(root, mirror)) ? mirror : testsOf(path.dirname(folder));
}

const stryker = execFileSync('bash', [path.join(root, 'scripts/stryker.sh')], { encoding: 'utf8' }).trim();
const runner = path.join(stryker, 'node_modules/@stryker-mutator/jest-runner/dist/src');
const name = sources.replace(/\W+/g, '-');
const configuration = path.join(tmpdir(), `stateful-mcp-mutation-${name}.json`);
writeFileSync(
  configuration,
  JSON.stringify({
    mutate: [isFolder ? `${sources}/**/*.ts` : sources],
    plugins: [path.join(runner, 'index.js')],
    testRunner: 'jest',
    jest: { configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: 1,
    timeoutMS: 10_000,
    // Texts are not what a test is about.
    mutator: { excludedMutations: ['StringLiteral', 'ObjectLiteral'] },
    // With a tsconfig.json, Stryker asks for a TypeScript of its own.
    ignorePatterns: ['tsconfig*.json'],
    tempDirName: path.join(tmpdir(), `stateful-mcp-mutation-${name}`),
    // A second run repeats what has changed alone.
    incremental: true,
    incrementalFile: `coverage/mutation/${name}.json`,
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  }),
);
const { status } = spawnSync(
  process.execPath,
  [path.join(stryker, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', configuration],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      STATEFUL_MCP_MUTATION_TESTS: tests.join(' '),
      STATEFUL_MCP_MUTATION_ENVIRONMENT: path.join(runner, 'jest-plugins/jest-environment-node.cjs'),
    },
  },
);
process.exitCode = status ?? 1;
