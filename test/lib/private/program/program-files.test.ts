import { chmodSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import {
  beginningOf,
  contentsOf,
  digestOf,
  filesBelow,
  sizeOf,
  writeFiles,
  type ProgramFile,
} from '../../../../lib/private/program/program-files';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

const inMemory = (name: string, text: string): ProgramFile => ({ name, contents: Buffer.from(text) });

test.each<[string, () => ProgramFile]>([
  ['in memory', () => inMemory('a.txt', 'hello')],
  ['on disk', () => ({ name: 'a.txt', source: path.join(project({ 'a.txt': 'hello' }), 'a.txt') })],
])('a file %s has a size, contents and a beginning', (_where, make) => {
  const file = make();
  expect(sizeOf(file)).toBe(5);
  expect(Buffer.from(contentsOf(file)).toString()).toBe('hello');
  expect(beginningOf(file, 2).toString()).toBe('he');
  expect(beginningOf(file, 20).toString()).toBe('hello');
});

describe('the files below a folder', () => {
  test('have their paths in it, and an order', () => {
    const folder = project({ 'b.txt': '', 'a/b/c.txt': '', 'a.txt': '' });
    expect(filesBelow(folder)).toEqual(
      ['a/b/c.txt', 'a.txt', 'b.txt'].map(name => ({ name, source: path.join(folder, name) })),
    );
  });

  test('may be left out, with whole folders', () => {
    const folder = project({ 'b.txt': '', 'a/b/c.txt': '', 'a/d.txt': '' });
    expect(filesBelow(folder, name => name === 'a/b' || name === 'b.txt').map(({ name }) => name)).toEqual(['a/d.txt']);
  });

  test('travel in the place of the links to them', () => {
    const folder = project({ 'a.txt': 'hello' });
    const other = project({ 'c.txt': 'other' });
    symlinkSync(path.join(folder, 'a.txt'), path.join(folder, 'b.txt'));
    symlinkSync(other, path.join(folder, 'other'));
    expect(filesBelow(folder).map(file => [file.name, Buffer.from(contentsOf(file)).toString()])).toEqual([
      ['a.txt', 'hello'],
      ['b.txt', 'hello'],
      ['other/c.txt', 'other'],
    ]);
  });

  test('fail for a link in a circle', () => {
    const folder = project({ 'a/b.txt': '' });
    symlinkSync('..', path.join(folder, 'a', 'back'));
    expect(() => filesBelow(folder)).toThrow(`${path.join(folder, 'a/back')} is a link to a folder that it is in`);
  });
});

describe('the digest', () => {
  const files = [inMemory('a', '1'), inMemory('b', '2')];

  test('is the same in another order', () => {
    expect(digestOf([...files].reverse())).toBe(digestOf(files));
  });

  test.each([
    [[inMemory('a', '1')]],
    [[inMemory('a', '1'), inMemory('c', '2')]],
    [[inMemory('a', '1'), inMemory('b', '3')]],
    [[inMemory('a', '12'), inMemory('b', '')]],
  ])('is another for other files', others => {
    expect(digestOf(others)).not.toBe(digestOf(files));
  });
});

test('what is written has the modes that the runtime wants', () => {
  const source = project({ tool: '#!/bin/sh\n', 'secret.txt': 'hello' });
  chmodSync(path.join(source, 'tool'), 0o700);
  chmodSync(path.join(source, 'secret.txt'), 0o600);
  const target = project({ 'there.txt': '' });
  const before = process.umask(0o077);
  try {
    writeFiles(target, [
      inMemory('index.js', 'program'),
      ...filesBelow(source).map(file => ({ ...file, name: `bin/deep/${file.name}` })),
    ]);
  } finally {
    process.umask(before);
  }
  const modeOf = (name: string): number => statSync(path.join(target, name)).mode & 0o777;
  expect(readFileSync(path.join(target, 'bin/deep/secret.txt'), 'utf8')).toBe('hello');
  expect(['index.js', 'bin/deep/secret.txt', 'bin/deep/tool', 'bin/deep', 'bin'].map(modeOf)).toEqual([
    0o644, 0o644, 0o755, 0o755, 0o755,
  ]);
});
