import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SessionFile } from '../../../server/src/session/session-file';

const KEY = randomBytes(32);

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'session-file-'));
  file = path.join(folder, 'one.session');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (id = 'one', keys = [KEY]): SessionFile => new SessionFile(file, id, keys);

test('gives back what was written and appended, in this order, and knows its size', async () => {
  const ours = open();
  await ours.write(['a', { b: 1 }]);
  expect(ours.bytes).toBe(statSync(file).size);
  await ours.append('c');
  await ours.append('d');
  expect(ours.bytes).toBe(statSync(file).size);
  expect(await open().read()).toEqual(['a', { b: 1 }, 'c', 'd']);
  // What is written anew is counted anew.
  await ours.write(['e']);
  await ours.append('f');
  expect(ours.bytes).toBe(statSync(file).size);
  expect(await open().read()).toEqual(['e', 'f']);
  expect(readdirSync(folder)).toEqual(['one.session']);
});

test('is of one session, and of its keys', async () => {
  await open().write(['a']);
  const other = randomBytes(32);
  expect(await open('one', [other, KEY]).read()).toEqual(['a']);
  await expect(open('two').read()).rejects.toThrow('line 1 is damaged, or of another key');
  await expect(open('one', [other]).read()).rejects.toThrow('line 1 is damaged, or of another key');
});

test('names the line that is damaged', async () => {
  const ours = open();
  await ours.write(['a', 'b']);
  await ours.append('c');
  const { size } = statSync(file);
  truncateSync(file, size - 6);
  writeFileSync(file, '\n', { flag: 'a' });
  await expect(open().read()).rejects.toThrow('line 3 is damaged, or of another key');
});

test('notices lines that were moved, repeated or taken out', async () => {
  await open().write(['a', 'b', 'c']);
  const [a, b, c] = readFileSync(file, 'utf8').split('\n');
  for (const lines of [
    [a, c, b],
    [a, b, b],
    [a, c],
  ]) {
    writeFileSync(file, `${lines.join('\n')}\n`);
    await expect(open().read()).rejects.toThrow('is damaged');
  }
});

test('is not there before it is written, nor when it was removed, whatever is appended', async () => {
  const ours = open();
  expect(await ours.read()).toBeUndefined();
  await ours.remove();
  await ours.write(['a']);
  await ours.remove();
  await expect(ours.append('b')).rejects.toThrow('ENOENT');
  expect(existsSync(file)).toBe(false);
});

test('a size that no session has is refused before it is read', async () => {
  writeFileSync(file, '');
  truncateSync(file, 64 * 1024 * 1024 + 1);
  await expect(open().read()).rejects.toThrow('it is too large');
});

test('what cannot be read is not taken for a session that is not kept', async () => {
  mkdirSync(file);
  await expect(open().read()).rejects.toThrow('EISDIR');
});

test('leaves nothing behind when it cannot be replaced, and stays what it was', async () => {
  mkdirSync(file);
  const ours = open();
  await expect(ours.write(['a'])).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['one.session']);
  expect(ours.bytes).toBe(0);
  const nowhere = new SessionFile(path.join(folder, 'none', 'file'), 'one', [KEY]);
  await expect(nowhere.write(['a'])).rejects.toThrow('ENOENT: no such file or directory, open');
});
