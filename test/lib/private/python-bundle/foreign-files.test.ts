import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { withoutForeignFiles } from '../../../../lib/private/python-bundle/foreign-files';
import { contentsOf } from '../../../../lib/private/program/program-files';
import { ARM64_BINARY, elfBinary, windowsBinary } from '../../fixtures/binaries';

const X86_64 = elfBinary(62);
const MACOS = Buffer.from('cffaedfe0c00000100000000060000000f000000', 'hex');

/** What is left of a package, and what is said about it. */
function left(files: Record<string, Uint8Array>): { names: string[]; record: string; warnings: number } {
  const stack = new Stack(new App(), 'Stack');
  const record = [...Object.keys(files), 'greet-1.0.0.dist-info/RECORD'].map(name => `${name},,\n`).join('');
  const all = { ...files, 'greet-1.0.0.dist-info/RECORD': Buffer.from(record), 'other.so': X86_64 };
  const kept = withoutForeignFiles(
    stack,
    Object.entries(all).map(([name, contents]) => ({ name, contents })),
  );
  const recorded = kept.find(({ name }) => name.endsWith('/RECORD'));
  const found = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('foreignBinaries'));
  return {
    names: kept.map(({ name }) => name).filter(name => name.startsWith('greet/')),
    record: recorded === undefined ? '' : Buffer.from(contentsOf(recorded)).toString(),
    warnings: found.length,
  };
}

test.each<[string, Record<string, Uint8Array>, string[], number]>([
  // SpeechRecognition
  [
    'programs for several platforms',
    { 'greet/flac-linux': X86_64, 'greet/flac-mac': MACOS, 'greet/a.py': MACOS.subarray(8) },
    ['greet/a.py'],
    1,
  ],
  // debugpy: what is for Windows by its name does no harm
  ['a library with one for Windows', { 'greet/a.so': X86_64, 'greet/a.dll': windowsBinary() }, ['greet/a.dll'], 1],
  // Selenium
  [
    'the right one beside others',
    { 'greet/linux-arm64/run': ARM64_BINARY, 'greet/linux/run': X86_64 },
    ['greet/linux-arm64/run'],
    0,
  ],
  ['what is for one other platform alone', { 'greet/a.so': X86_64 }, ['greet/a.so'], 0],
  [
    'what is for one other platform beside its own',
    { 'greet/a.so': ARM64_BINARY, 'greet/run': MACOS },
    ['greet/a.so', 'greet/run'],
    0,
  ],
  // mssql-python: texts of a driver for Linux
  [
    'resources in a form of Windows',
    { 'greet/a.so': ARM64_BINARY, 'greet/a.rll': windowsBinary() },
    ['greet/a.so', 'greet/a.rll'],
    0,
  ],
])('%s', (_case, files, names, warnings) => {
  const found = left(files);
  expect(found).toMatchObject({ names, warnings });
  expect(found.record).toBe([...names, 'greet-1.0.0.dist-info/RECORD'].map(name => `${name},,\n`).join(''));
});
