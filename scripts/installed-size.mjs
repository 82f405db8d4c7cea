// Writes docs/reference/installed-size.md: what each package brings into the `node_modules` of whoever installs it, from
// the lock file and what is installed here. With --check it says whether the page is current.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
const page = path.join(root, 'docs', 'reference', 'installed-size.md');
const { packages: locked } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));

const PUBLISHED = ['', 'server', 'client', 'local', 'command', 'projen', 'create'];
/** Packages that are listed one by one; the others are summed up. */
const LISTED_KB = 1000;

const own = new Map(PUBLISHED.map(directory => [locked[directory].name, directory]));
const counted = PUBLISHED.map(count);
const text = written();
if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  throw new Error('docs/reference/installed-size.md is not current: run `npm run docs:size`');
}

/** What comes along with a package, and what of it may be left out. */
function count(directory) {
  const needed = closure(directory, ({ dependencies = {} }) => Object.keys(dependencies));
  const all = closure(directory, ({ dependencies = {}, optionalDependencies = {} }) =>
    Object.keys({ ...dependencies, ...optionalDependencies }),
  );
  const optional = new Set([...all].filter(place => !needed.has(place)));
  return { name: locked[directory].name, needed: [...needed], optional: [...optional] };
}

/** Places in the lock file of everything that a package leads to, but packages of this repository. */
function closure(directory, dependenciesOf) {
  const found = new Set();
  const left = [directory];
  const seen = new Set();
  while (left.length > 0) {
    const place = left.pop();
    if (seen.has(place)) {
      continue;
    }
    seen.add(place);
    // Binaries are of other sizes on other platforms: the page tells them beside the table.
    const { os, cpu } = locked[place];
    if (os !== undefined || cpu !== undefined || place === 'node_modules/esbuild') {
      continue;
    }
    if (!PUBLISHED.includes(place)) {
      found.add(place);
    }
    left.push(...dependenciesOf(locked[place]).map(name => own.get(name) ?? resolved(place, name)));
  }
  return found;
}

/** Where a package finds another, as Node.js looks for it; optional ones may be nowhere. */
function resolved(place, name) {
  for (let above = place; ; above = above.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const candidate = `${above}${above === '' ? '' : '/'}node_modules/${name}`;
    if (candidate in locked) {
      return candidate;
    }
    if (!above.includes('node_modules')) {
      return `node_modules/${name}`;
    }
  }
}

function bytesOf(place) {
  const directory = path.join(root, place);
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const inside = path.join(place, entry.name);
      return sum + (entry.isDirectory() ? bytesOf(inside) : statSync(path.join(root, inside)).size);
    }, 0);
}

function written() {
  const sizes = new Map();
  for (const place of counted.flatMap(({ needed, optional }) => [...needed, ...optional])) {
    sizes.set(place, Math.round(bytesOf(place) / 1000));
  }
  const sum = places => places.reduce((total, place) => total + sizes.get(place), 0);
  const amount = places => (places.length === 0 ? '-' : `${places.length}, ${megabytes(sum(places))}`);
  const rows = counted.map(({ name, needed, optional }) => `| \`${name}\` | ${amount(needed)} | ${amount(optional)} |`);
  return `# Installed size

What each package brings into the \`node_modules\` of whoever installs it, besides packages of this repository and peers: how many packages, and the bytes of their files.

<!-- Written by \`npm run docs:size\` from the lock file and what is installed: edits are lost. -->

| package | needed | optional |
|---|---|---|
${rows.join('\n')}

- **Optional** packages are installed, too, unless \`npm install --omit=optional\` leaves them out.
- **Tables**: those of \`stateful-mcp-local\` serve DynamoDB tables. They are loaded for an app with a table alone; where they are missing, such an app is told what to install (\`ERR_TABLE_FAILED\`).
- **esbuild**, optional in \`cdk-stateful-mcp\`, has a binary of the platform: about 12 MB, which are not counted.
- **Peers** are yours: \`aws-cdk-lib\` and \`constructs\` of the constructs, \`@modelcontextprotocol/server\` of the server kit, \`projen\` and \`constructs\` of the project type.
${counted.map(list).filter(Boolean).join('\n')}
`;

  function list({ name, needed, optional }) {
    const places = [...needed, ...optional];
    // `npm create` brings what the command has.
    if (places.length === 0 || name === 'create-stateful-mcp') {
      return undefined;
    }
    const large = places
      .filter(place => sizes.get(place) >= LISTED_KB)
      .sort((one, other) => sizes.get(other) - sizes.get(one) || (one < other ? -1 : 1));
    const small = places.filter(place => !large.includes(place));
    const lines = large.map(
      place =>
        `| \`${place.replace(/^.*node_modules\//, '')}\` | ${locked[place].version} | ${megabytes(sizes.get(place))} | ${optional.includes(place) ? 'optional' : ''} |`,
    );
    lines.push(`| ${small.length} smaller than ${megabytes(LISTED_KB)} | | ${megabytes(sum(small))} | |`);
    return `\n## ${name}\n\n| package | version | size | |\n|---|---|---|---|\n${lines.join('\n')}`;
  }
}

function megabytes(kilobytes) {
  return `${(kilobytes / 1000).toFixed(1)} MB`;
}
