// Writes docs/reference/cli.md from the definitions of the commands, or with --check says whether it is current. Run by
// tsx.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseCommandLine } from '../command/src/command-line/command-line.ts';

/** Width of the help on the page, whatever the terminal. */
const COLUMNS = 100;

const page = path.join(path.dirname(new URL(import.meta.url).pathname), '../docs/reference/cli.md');

Object.defineProperty(process.stdout, 'columns', { value: COLUMNS });
const overview = await helpOf();
const names = [...overview.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name).filter(name => name !== 'help');
const sections = [];
for (const name of names) {
  sections.push(`## ${name}\n\n\`\`\`text\n${await helpOf(name)}\n\`\`\`\n`);
}

const text = `# Command line

All commands of \`stateful-mcp\`, as \`--help\` shows them.

<!-- Written by \`npm run docs:cli\` from the definitions of the commands: edits are lost. -->

\`\`\`text
${overview}
\`\`\`

${sections.join('\n')}`;

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  throw new Error('docs/reference/cli.md is not current: run `npm run docs:cli`');
}

async function helpOf(...command) {
  const shown = await parseCommandLine([...command, '--help']);
  return shown.text.trimEnd();
}
