// Writes docs/reference/cli.md from the definitions of the commands, and docs/reference/cli-json.md from the types of
// what they print as JSON; with --check says whether both are current. Run by tsx.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseCommandLine } from '../command/src/command-line/command-line.ts';

/** Width of the help on the page, whatever the terminal. */
const COLUMNS = 100;

const root = path.join(path.dirname(new URL(import.meta.url).pathname), '..');
const page = path.join(root, 'docs/reference/cli.md');
const jsonPage = path.join(root, 'docs/reference/cli-json.md');

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

write(page, text);
write(jsonPage, jsonText());

function write(file, content) {
  if (!process.argv.includes('--check')) {
    writeFileSync(file, content);
  } else if (readFileSync(file, 'utf8') !== content) {
    throw new Error(`docs/reference/${path.basename(file)} is not current: run \`npm run docs:cli\``);
  }
}

/** One section for each type: what its comment names, and the type itself. */
function jsonText() {
  const source = readFileSync(path.join(root, 'command/src/common/json-documents.ts'), 'utf8');
  const blocks = [...source.matchAll(/^\/\*\* (.+?) \*\/\n(?=export )(.+?)(?=\n\n\/\*\* |\n*$(?![\s\S]))/gms)];
  const sections = blocks.map(([, comment, type]) => {
    const [, commands, more = ''] = /^(?:Each line of )?(.*?)[.:]\s*(.*)$/s.exec(comment) ?? [];
    const each = comment.startsWith('Each line of') ? ' One document a line.' : '';
    const intro = `${more}${each}`.trim();
    return `## ${commands}\n\n${intro === '' ? '' : `${intro}\n\n`}\`\`\`text\n${type.replace(/^export /, '').trimEnd()}\n\`\`\`\n`;
  });
  return `# JSON of the command line

What the commands of \`stateful-mcp\` print to stdout with \`--json\`: one document, on one line. Whatever else there is to say goes to stderr. When a command fails before it has a document, stdout stays empty, and the exit code is 1 or 2. Members may be added; those that are here stay. \`proxy\` has none: its standard output is the protocol. A command that asks a person does it on stderr, where the page of a sign-in is shown, too; \`init --json\` asks nothing. \`Tool\`, \`Prompt\` and \`Resource\` are those of MCP.

<!-- Written by \`npm run docs:cli\` from command/src/common/json-documents.ts: edits are lost. -->

${sections.join('\n')}`;
}

async function helpOf(...command) {
  const shown = await parseCommandLine([...command, '--help']);
  return shown.text.trimEnd();
}
