import { foreignBinaries } from '../../../../lib/private/program/native-binaries';
import { ARM64_BINARY, elfBinary, windowsBinary } from '../../fixtures/binaries';

const named = (name: string, contents: Uint8Array) => ({ name, contents });

test.each(['addon.node', 'lib/libvips.so', 'lib/libvips.so.42', 'lib/libvips.so.42.17.1'])(
  '%s for Linux on arm64 is fine',
  name => {
    expect(foreignBinaries([named(name, ARM64_BINARY)])).toEqual([]);
  },
);

test.each([
  ['Linux on x86-64', elfBinary(62)],
  ['Linux on 32-bit ARM', elfBinary(40)],
  ['Linux on machine 21', elfBinary(21)],
  ['macOS', Buffer.from('cffaedfe0c00000100000000060000000f000000', 'hex')],
  ['macOS', Buffer.from('cafebabe00000002010000070000000300004000', 'hex')],
  ['Windows', windowsBinary()],
  ['no ELF file', Buffer.from('/* GNU ld script */ INPUT(libm.so.6)')],
  ['no ELF file', Buffer.alloc(0)],
])('a binary for %s is found', (platform, contents) => {
  expect(foreignBinaries([named('addon.node', contents)])).toEqual([`addon.node (${platform})`]);
});

test.each([
  ['Linux on x86-64', elfBinary(62)],
  ['Linux on x86-64', elfBinary(62, 2)],
  ['macOS', Buffer.from('cffaedfe0c00000100000000060000000f000000', 'hex')],
  ['Windows', windowsBinary()],
])('a program for %s is found, whatever its name', (platform, contents) => {
  expect(foreignBinaries([named('bin/tool', contents), named('also.js', contents)])).toEqual([
    `bin/tool (${platform})`,
    `also.js (${platform})`,
  ]);
});

test.each([
  ['a program for Linux on arm64', 'bin/tool', ARM64_BINARY],
  ['a script', 'bin/tool', Buffer.from('#!/bin/sh\necho hello, this is longer than a header\n')],
  ['an empty file', 'tool', Buffer.alloc(0)],
  ['the beginning of an ELF file', 'tool', elfBinary(62).subarray(0, 12)],
  ['an object file of a compiler', 'obj/addon.o', elfBinary(62, 1)],
  ['a class file of Java', 'Main.class', Buffer.from('cafebabe00000041001d0a00020003070004', 'hex')],
  ['text that begins as programs for Windows do', 'notes.txt', Buffer.from(`MZ${' and more text'.repeat(20)}`)],
  ['a program that says it is for Windows', 'vendor/gui-arm64.exe', windowsBinary()],
  [
    'a program that says it is for macOS',
    'vendor/notifier.app/Contents/MacOS/notifier',
    Buffer.from('cffaedfe0c00000100000000060000000f000000', 'hex'),
  ],
])('%s is left alone', (_case, name, contents) => {
  expect(foreignBinaries([named(name, contents)])).toEqual([]);
});
