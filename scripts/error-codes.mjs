// Writes docs/errors.md from the comments beside the error codes, or with --check says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(path.dirname(new URL(import.meta.url).pathname), '..');
const page = path.join(root, 'docs/errors.md');

const SOURCES = [
  [
    'server/src/common/errors.ts',
    'Server kit',
    '`ServerKitError` of `stateful-mcp-server`; see [server-kit.md](server-kit.md).',
  ],
  ['client/src/errors.ts', 'Client', '`StatefulMcpClientError` of `stateful-mcp-client`.'],
  [
    'local/src/common/errors.ts',
    'Local runtime',
    '`LocalRuntimeError` of `stateful-mcp-local`. What AgentCore Runtime itself would answer comes to clients as the platform words it.',
  ],
  [
    'lambda/image-assembler/common/failures.ts',
    'Image assembly',
    'The reason of a failed deployment in CloudFormation: `CODE: message`. See [packaging.md](packaging.md).',
  ],
];

const sections = SOURCES.map(([file, title, introduction]) => {
  const source = readFileSync(path.join(root, file), 'utf8');
  const declared = new Set([...source.matchAll(/^\s*(?:= )?\| '(ERR_[A-Z_]+)'/gm)].map(([, code]) => code));
  const comment = source
    .slice(0, source.indexOf(' */'))
    .replace(/^ ?\* ?/gm, '')
    .replace(/\n {2,}/g, ' ');
  const rows = [...comment.matchAll(/^- `(ERR_[A-Z_]+)`: (.+)$|^\| `(ERR_[A-Z_]+)` \| (.+) \|$/gm)].map(
    ([, code, text, inTable, textInTable]) => [code ?? inTable, text ?? textInTable],
  );
  const documented = new Set(rows.map(([code]) => code));
  for (const code of declared) {
    if (!documented.has(code)) {
      throw new Error(`${file} does not say what ${code} means`);
    }
  }
  for (const code of documented) {
    if (!declared.has(code)) {
      throw new Error(`${file} explains ${code}, which it does not have`);
    }
  }
  return `## ${title}\n\n${introduction}\n\n| code | what happened |\n|---|---|\n${rows.map(([code, text]) => `| \`${code}\` | ${text.replaceAll('|', '\\|').replace(/\{@link (\w+)\}/g, '`$1`')} |`).join('\n')}\n`;
});

const text = `# Error codes\n\nEvery error that the server kit, the client, the local runtime and the image assembler throw on purpose has a code from a closed set; the message says what to do. The constructs have no codes: what they refuse, \`cdk synth\` shows with the path of the construct. This page is made from the sources by \`node scripts/error-codes.mjs\`.\n\n${sections.join('\n')}`;

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  throw new Error('docs/errors.md is not current: run node scripts/error-codes.mjs');
}
