import { randomBytes } from 'node:crypto';
import { truncateSync } from 'node:fs';
import path from 'node:path';
import { imageProblems, withinLimits, zipProblems } from '../../../../lib/private/program/bundle-limits';
import { type ProgramFile } from '../../../../lib/private/program/program-files';
import { project, removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

/** A file that has a size, and takes no space. */
function sparse(name: string, megabytes: number): ProgramFile {
  const source = path.join(project({ file: '' }), 'file');
  truncateSync(source, megabytes * 1024 ** 2);
  return { name, source };
}

test('a zip file may have 750 MB unpacked, and not a byte more', () => {
  expect(zipProblems([sparse('index.js', 1), sparse('node_modules/a/a.js', 100)])).toEqual([]);
  expect(zipProblems([sparse('index.js', 750), { name: 'a', contents: Buffer.from('a') }])).toEqual([
    '`code` has 750.1 MB unpacked; 750 MB are allowed in a zip file: use `Packaging.image()`, or ship less; the largest parts are index.js (750 MB), a (0.1 MB)',
  ]);
});

test('an image may have 2048 MB', () => {
  expect(imageProblems([sparse('index.js', 2048)])).toEqual([]);
  expect(
    imageProblems([
      sparse('node_modules/@a/b/c.js', 2000),
      sparse('node_modules/@a/b/d.js', 20),
      sparse('node_modules/c/d.js', 30),
      sparse('assets/e', 2),
    ]),
  ).toEqual([
    '`code` has 2052 MB unpacked; 2048 MB are allowed in an image: ship less; ' +
      'the largest parts are node_modules/@a/b (2020 MB), node_modules/c (30 MB), assets (2 MB)',
  ]);
});

describe('what a zip file has compressed', () => {
  const limits = { zipBytes: 1024 ** 2, unpackedBytes: 10 * 1024 ** 2 };

  test('counts when it cannot be compressed', () => {
    const files = [{ name: 'model.bin', contents: randomBytes(1024 ** 2 + 1) }];
    expect(zipProblems(files, limits)).toEqual([
      '`code` has 1.1 MB compressed; 1 MB are allowed in a zip file: use `Packaging.image()`, or ship less; the largest parts are model.bin (1.1 MB)',
    ]);
  });

  test('counts when it can be compressed', () => {
    expect(zipProblems([{ name: 'zeros.bin', contents: Buffer.alloc(9 * 1024 ** 2) }], limits)).toEqual([]);
  });
});

test('what is made of other files stays behind where it would be too much alone', () => {
  const own = sparse('main.py', 700);
  const derived: ProgramFile = { ...sparse('__pycache__/main.cpython-313.pyc', 100), derived: true };
  const problemsOf = (files: readonly ProgramFile[]): string[] => imageProblems(files, 750 * 1024 ** 2);
  expect(withinLimits({ files: [own, derived] }, problemsOf).files).toEqual([own]);
  const fitting = { files: [own, { ...sparse('a.pyc', 1), derived: true }] };
  expect(withinLimits(fitting, problemsOf)).toBe(fitting);
});
