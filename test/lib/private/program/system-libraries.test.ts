import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { missedLibraries } from '../../../../lib/private/program/system-libraries';
import { ARM64_BINARY, libraryNeeding } from '../../fixtures/binaries';

const file = (name: string, contents: Uint8Array) => ({ name, contents });

test('a library of a desktop that a package needs is named', () => {
  const [cv2, qt] = [
    file('cv2/cv2.abi3.so', libraryNeeding('libGL.so.1', 'libc.so.6')),
    file('cv2.libs/libQt5Core-fd04ed63.so.5', libraryNeeding('libgthread-2.0.so.0', 'libglib-2.0.so.0')),
  ];
  expect(missedLibraries([cv2, file('a.so', libraryNeeding('libstdc++.so.6', 'libz.so.1')), qt])).toEqual([
    { file: cv2, libraries: ['libGL.so.1'] },
    { file: qt, libraries: ['libglib-2.0.so.0', 'libgthread-2.0.so.0'] },
  ]);
});

test('what another package brings is not missed', () => {
  const files = [file('a/a.node', libraryNeeding('libX11.so.6')), file('lib/libX11.so.6', libraryNeeding('libc.so.6'))];
  expect(missedLibraries(files)).toEqual([]);
});

const NEEDING = libraryNeeding('libGL.so.1');

test.each([
  ['is no library', 'tool', NEEDING],
  ['is empty', 'a.so', Buffer.alloc(0)],
  ['is another file', 'a.so', Buffer.from('/* GNU ld script */ INPUT(libGL.so.1)'.padEnd(80))],
  ['has a header alone', 'a.so', ARM64_BINARY],
  ['ends in its table', 'a.so', NEEDING.subarray(0, 130)],
  ['ends before its names', 'a.so', NEEDING.subarray(0, 500)],
])('what %s needs nothing', (_case, name, contents) => {
  expect(missedLibraries([file(name, contents)])).toEqual([]);
});

test.each<[string, (contents: Buffer) => unknown]>([
  ['more segments than it has', contents => contents.writeUInt16LE(0xffff, 56)],
  ['its segments beyond its end', contents => contents.writeBigUInt64LE(2n ** 63n, 32)],
  ['a table of all the memory that there is', contents => contents.writeBigUInt64LE(2n ** 62n, 64 + 56 + 32)],
  ['a table before any segment', contents => contents.writeBigUInt64LE(2n ** 63n, 64 + 56 + 8)],
  ['32 bits', contents => contents.writeUInt8(1, 4)],
])('what says that it has %s is read as far as it is there', (_case, change) => {
  const contents = Buffer.from(NEEDING);
  change(contents);
  const source = path.join(mkdtempSync(path.join(os.tmpdir(), 'library-')), 'a.so');
  writeFileSync(source, contents);
  try {
    const found = missedLibraries([{ name: 'a.so', source }]).map(({ libraries }) => libraries);
    expect(found).toEqual(missedLibraries([file('a.so', contents)]).map(({ libraries }) => libraries));
  } finally {
    rmSync(path.dirname(source), { recursive: true });
  }
});
