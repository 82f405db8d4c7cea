import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SourceWatch } from '../../../command/src/development/source-watch';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';

let watch: SourceWatch | undefined;

afterEach(() => watch?.close());
afterAll(removeTemporaryFolders);

async function watching(folder: string, paths = [folder], files: string[] = []) {
  const changes: string[][] = [];
  let told: () => void = () => {};
  watch = new SourceWatch({
    paths,
    onChange: changed => {
      changes.push(changed.map(file => path.relative(folder, file)).sort());
      told();
    },
    onError: error => {
      throw error;
    },
  });
  await watch.start(files);
  return {
    changes,
    next: () =>
      new Promise<void>(resolve => {
        told = resolve;
      }),
  };
}

test('tells of what changes, once', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'a.ts'), 'a');
  const { changes, next } = await watching(folder);
  let changed = next();
  writeFileSync(path.join(folder, 'a.ts'), 'b');
  mkdirSync(path.join(folder, 'new'));
  writeFileSync(path.join(folder, 'b.ts'), 'b');
  // Together, unless the machine is busy.
  while (changes.flat().length < 2) {
    await changed;
    changed = next();
  }
  expect(changes.flat()).toEqual(['a.ts', 'b.ts']);
});

test('takes a file that is written with the same content for unchanged', async () => {
  const folder = temporaryFolder();
  const [known, other] = [path.join(folder, 'known.ts'), path.join(folder, 'other.ts')];
  for (const file of [known, other]) {
    writeFileSync(file, 'same');
  }
  const { changes, next } = await watching(folder, [folder], [known]);
  const changed = next();
  writeFileSync(known, 'same');
  writeFileSync(other, 'another');
  await changed;
  expect(changes).toEqual([['other.ts']]);
});

test('notices a file that an editor replaces, and one that goes', async () => {
  const folder = temporaryFolder();
  const [file, draft] = [path.join(folder, 'a.ts'), path.join(temporaryFolder(), 'draft')];
  writeFileSync(file, 'a');
  const { changes, next } = await watching(folder, [], [file]);
  let changed = next();
  writeFileSync(draft, 'b');
  renameSync(draft, file);
  await changed;
  changed = next();
  rmSync(file);
  await changed;
  expect(changes).toEqual([['a.ts'], ['a.ts']]);
});
