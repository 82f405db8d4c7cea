import { statSync } from 'node:fs';
import path from 'node:path';
import { ignoredInApp } from '../../../command/src/development/app-sources';
import { type WatchSettings } from '../../../command/src/app/synthesize';

const folder = path.resolve(__dirname, '../../..');
const isFile = statSync(__filename);
const isFolder = statSync(__dirname);
const ignored = (file: string, settings?: WatchSettings, stats = isFile): boolean =>
  ignoredInApp(folder, settings)(path.resolve(folder, file), stats);

test.each([
  'app.ts',
  'lib/stack.ts',
  'cdk.json',
  'server/main.py',
  'server/requirements.txt',
  '../elsewhere/server.ts',
  '.',
])('%s is a source', file => {
  expect(ignored(file)).toBe(false);
});

test.each([
  'node_modules',
  'lib/node_modules',
  '.git',
  'lib/.cache',
  'cdk.out',
  'lib/stack.d.ts',
  'main.pyc',
  '../elsewhere/.venv',
  '../elsewhere/__pycache__',
])('%s is none', file => {
  expect(ignored(file)).toBe(true);
});

test('cdk.json says what is one besides', () => {
  const settings = { include: ['lib/**', '*.json'], exclude: 'lib/**/*.js' };
  expect(ignored('lib/deep/stack.ts', settings)).toBe(false);
  expect(ignored('cdk.json', settings)).toBe(false);
  expect(ignored('lib/deep/stack.js', settings)).toBe(true);
  expect(ignored('docs/page.md', settings)).toBe(true);
  expect(ignored('docs', settings, isFolder)).toBe(false);
  expect(ignored('lib/node_modules', { include: '**' }, isFolder)).toBe(true);
});
