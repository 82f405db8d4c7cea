// What `npm pack` would put into each package, as a list that is reviewed with the change that alters it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './programs';
import { publishedPackages, ROOT } from './published-packages';

const LIST = path.join(ROOT, 'scripts', 'release', 'package-contents.txt');

interface Packed {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** Lines `NAME/FILE`. Hashes in the names of files, which each change of a source alters, are left out. */
function contents(): string[] {
  return publishedPackages()
    .flatMap(({ directory }) => {
      const workspace = directory === '.' ? [] : ['--workspace', directory];
      return JSON.parse(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', ...workspace])) as Packed[];
    })
    .flatMap(({ name, files }) => files.map(file => `${name}/${file.path.replace(/-[A-Z0-9]{8}(?=\.mjs)/, '-HASH')}`))
    .filter((line, index, lines) => lines.indexOf(line) === index)
    .sort();
}

export function writeContents(): void {
  writeFileSync(LIST, `${contents().join('\n')}\n`);
}

export function checkContents(): void {
  const reviewed = readFileSync(LIST, 'utf8').trimEnd().split('\n');
  const packed = contents();
  const added = packed.filter(line => !reviewed.includes(line));
  const removed = reviewed.filter(line => !packed.includes(line));
  if (added.length + removed.length > 0) {
    const lines = [...added.map(line => `+ ${line}`), ...removed.map(line => `- ${line}`)];
    throw new Error(
      `the packages have other files than scripts/release/package-contents.txt; if that is meant, run \`npm run release contents\`:\n${lines.join('\n')}`,
    );
  }
  console.log(`contents: ${packed.length} files, all reviewed`);
}
