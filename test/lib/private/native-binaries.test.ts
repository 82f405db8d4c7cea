import { foreignBinaries } from '../../../lib/private/native-binaries';
import { ARM64_BINARY, elfBinary } from '../fixtures/binaries';

const named = (name: string, contents: Uint8Array) => ({ name, contents });

test.each(['addon.node', 'lib/libvips.so', 'lib/libvips.so.42', 'lib/libvips.so.42.17.1'])('%s for Linux on arm64 is fine', (name) => {
  expect(foreignBinaries([named(name, ARM64_BINARY)])).toEqual([]);
});

test.each([
  ['Linux on x86-64', elfBinary(62)],
  ['Linux on 32-bit ARM', elfBinary(40)],
  ['Linux on machine 21', elfBinary(21)],
  ['macOS', Buffer.from('cffaedfe0c00000100000000060000000f000000', 'hex')],
  ['macOS', Buffer.from('cafebabe00000002010000070000000300004000', 'hex')],
  ['Windows', Buffer.from('MZ and more of it, with text')],
  ['no ELF file', Buffer.from('/* GNU ld script */ INPUT(libm.so.6)')],
  ['no ELF file', Buffer.alloc(0)],
])('a binary for %s is found', (platform, contents) => {
  expect(foreignBinaries([named('addon.node', contents)])).toEqual([`addon.node (${platform})`]);
});

test('other files are left alone', () => {
  const others = ['index.js', 'addon.node.js', 'libvips.so.md', 'also', 'so', 'node'].map(name => named(name, elfBinary(62)));
  expect(foreignBinaries(others)).toEqual([]);
});
