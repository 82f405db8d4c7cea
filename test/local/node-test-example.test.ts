import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { newFolder } from './assembly';

test('the example for node:test passes', () => {
  const root = path.join(__dirname, '../..');
  const folder = newFolder();
  cpSync(path.join(__dirname, 'examples'), path.join(folder, 'examples'), { recursive: true });
  mkdirSync(path.join(folder, 'node_modules/stateful-mcp-local'), { recursive: true });
  symlinkSync(path.join(root, 'node_modules/undici'), path.join(folder, 'node_modules/undici'));
  buildSync({
    absWorkingDir: root,
    entryPoints: ['local/src/index.ts'],
    outfile: path.join(folder, 'node_modules/stateful-mcp-local/index.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    alias: { 'stateful-mcp-contract': './contract/src/index.ts' },
  });
  const { status, stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', 'examples/node-test.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toContain('# pass 1');
  expect(status).toBe(0);
});
