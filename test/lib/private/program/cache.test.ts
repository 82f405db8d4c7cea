import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cachedFolder, recall, remember, removeOld } from '../../../../lib/private/program/cache';
import { project, removeProjects } from '../../fixtures/projects';

const before = process.env.CDK_STATEFUL_MCP_CACHE;
let root: string;
beforeEach(() => {
  root = path.join(project({}), 'cache');
  process.env.CDK_STATEFUL_MCP_CACHE = root;
});
afterEach(() => {
  process.env.CDK_STATEFUL_MCP_CACHE = before;
  removeProjects();
});

const write = (text: string) => (folder: string) => writeFileSync(path.join(folder, 'file'), text);
const read = (folder: string): string => readFileSync(path.join(folder, 'file'), 'utf8');

test('equal inputs are made once, others apart', () => {
  expect(read(cachedFolder(['a'], write('first')))).toBe('first');
  expect(read(cachedFolder(['a'], write('second')))).toBe('first');
  expect(read(cachedFolder(['b'], write('other')))).toBe('other');
});

test('what failed leaves nothing', () => {
  expect(() =>
    cachedFolder(['a'], () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(readdirSync(root)).toEqual([]);
});

test('of two that are made at the same time, the first stays', () => {
  const outer = cachedFolder(['a'], folder => {
    write('outer')(folder);
    cachedFolder(['a'], write('inner'));
  });
  expect(read(outer)).toBe('inner');
  expect(readdirSync(root)).toHaveLength(1);
});

test('values are remembered, and nothing of a broken file', () => {
  expect(recall(['k'])).toBeUndefined();
  remember(['k'], { a: 1 });
  remember(['k'], { a: 2 });
  expect(recall(['k'])).toEqual({ a: 2 });
  for (const name of readdirSync(root)) {
    writeFileSync(path.join(root, name), '{');
  }
  expect(recall(['k'])).toBeUndefined();
});

test('what nobody used for long goes, and the oldest of too many', () => {
  mkdirSync(root);
  const day = 24 * 3600_000;
  const now = Date.now();
  for (const [name, days] of [
    ['new', 0],
    ['used', 1],
    ['older', 2],
    ['old', 15],
  ] as const) {
    mkdirSync(path.join(root, name));
    utimesSync(path.join(root, name), new Date(now - days * day), new Date(now - days * day));
  }
  removeOld(root, now);
  expect(readdirSync(root).sort()).toEqual(['new', 'older', 'used']);
  removeOld(root, now, 1);
  expect(readdirSync(root)).toEqual(['new']);
});

test('a folder that cannot be made is done without', () => {
  writeFileSync(root, 'a file');
  const folder = cachedFolder(['a'], write('kept'));
  expect(read(folder)).toBe('kept');
  expect(existsSync(root) && readFileSync(root, 'utf8')).toBe('a file');
});
