// What serves tables is for those alone who have one: of the built package, in processes of their own.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { dependencies } from '../../../local/package.json';
import { removeTemporaryFolders, synthesizedAssembly, temporaryFolder } from '../../command/assembly';

const root = path.join(__dirname, '..', '..', '..');

const SERVER = path.join(root, 'test', 'local', 'fixtures', 'session-server.mjs');
const WITHOUT = { runtimes: [{ name: 'without', command: [process.execPath, SERVER] }] };

afterAll(removeTemporaryFolders);

/** Starts a local runtime; prints the packages of tables that were loaded for it, or why it does not start. */
const START = `
const { LocalRuntime } = require('stateful-mcp-local');
const runtime = new LocalRuntime({ ...JSON.parse(process.argv[1]), environment: {} });
runtime.ready
  .then(
    () => ['dynalite', 'client-dynamodb'].filter(name => Object.keys(require.cache).some(file => file.includes('/' + name + '/'))),
    ({ code, message }) => [code, message],
  )
  .then(said => console.log(JSON.stringify(said)))
  .then(() => runtime.close());
`;

function start(cwd: string, options: object): unknown {
  return JSON.parse(
    execFileSync(process.execPath, ['-e', START, JSON.stringify(options)], {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, TMPDIR: temporaryFolder() },
    }),
  );
}

test('they are loaded for an app with a table, and for no other', () => {
  expect(start(root, { assembly: synthesizedAssembly('with') })).toEqual(['dynalite', 'client-dynamodb']);
  expect(start(root, WITHOUT)).toEqual([]);
});

test('where they are not installed, an app with a table is told what to install', () => {
  const folder = temporaryFolder();
  const installed = path.join(folder, 'node_modules', 'stateful-mcp-local');
  mkdirSync(installed, { recursive: true });
  cpSync(path.join(root, 'local', 'dist'), path.join(installed, 'dist'), { recursive: true });
  cpSync(path.join(root, 'local', 'package.json'), path.join(installed, 'package.json'));
  for (const name of Object.keys(dependencies)) {
    const link = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), link);
  }
  expect(start(folder, { assembly: synthesizedAssembly('with') })).toEqual([
    'ERR_TABLE_FAILED',
    expect.stringMatching(/is not installed: npm install --save-dev .*dynalite@4\.0\.0$/),
  ]);
  expect(start(folder, WITHOUT)).toEqual([]);
});
