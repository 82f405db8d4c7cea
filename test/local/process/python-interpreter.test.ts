import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pythonInterpreter } from '../../../local/src/process/python-interpreter';

let folder: string;
const before = process.env.PATH;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stateful-mcp-python-'));
  process.env.PATH = `${folder}${path.delimiter}/bin`;
});
afterEach(() => {
  process.env.PATH = before;
  rmSync(folder, { recursive: true });
});

/** A program that writes a line, or fails as the shims of version managers do. */
function program(name: string, line: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${line === '' ? 'exit 127' : `echo "${line}"`}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('is python3 where it is of the version, where the version is not known, and where there is none', () => {
  program('python3.13', 'Python 3.13.2');
  expect(pythonInterpreter(undefined)).toEqual({ program: 'python3', notes: [] });
  program('python3', 'Python 3.13.1');
  expect(pythonInterpreter('3.13')).toEqual({ program: 'python3', notes: [] });
});

test('is the one that is named after the version', () => {
  program('python3', 'Python 3.1.7');
  program('python3.13', 'Python 3.13.2');
  expect(pythonInterpreter('3.13')).toEqual({ program: 'python3.13', notes: [] });
});

test('is the one that uv has installed, where the other does not work', () => {
  program('python3', 'Python 3.11.7');
  program('python3.13', '');
  const ofUv = program('of-uv', 'Python 3.13.0');
  program('uv', ofUv);
  expect(pythonInterpreter('3.13')).toEqual({ program: ofUv, notes: [] });
});

test('is python3 of another version where there is no other, with a note', () => {
  program('python3', 'Python 3.11.7');
  program('uv', '');
  expect(pythonInterpreter('3.13')).toEqual({
    program: 'python3',
    notes: [
      'AgentCore runs it with Python 3.13, here it runs with Python 3.11.7: install that version, such as by "uv python install 3.13"',
    ],
  });
});
