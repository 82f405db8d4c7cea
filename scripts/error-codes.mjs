// Writes docs/reference/errors.md from the tables of error codes, or with --check says whether it is current. Run by
// tsx.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CLIENT_ERRORS } from '../client/src/common/errors.ts';
import { IMAGE_ASSEMBLY_ERRORS } from '../lambda/image-assembler/common/failures.ts';
import { RELEASE_CHECK_ERRORS } from '../lambda/release-check/common/failures.ts';
import { LOCAL_RUNTIME_ERRORS } from '../local/src/common/errors.ts';
import { SERVER_KIT_ERRORS } from '../server/src/common/errors.ts';

const page = path.join(path.dirname(new URL(import.meta.url).pathname), '../docs/reference/errors.md');

const text = `# Error codes

The server kit, the client, the local runtime, the image assembler and the release check throw errors with a code from a closed set. The message says what to do in the case at hand. The constructs have no codes: \`cdk synth\` shows what they refuse, with the path of the construct.

<!-- Written by \`npm run docs:errors\` from the tables in the sources: edits are lost. -->

${section('Server kit', '`ServerKitError` of `stateful-mcp-server` ([server kit](server-kit.md)); the codes are exported as `SERVER_KIT_ERRORS`.', SERVER_KIT_ERRORS)}
${section('Client', '`StatefulMcpClientError` of `stateful-mcp-client`; the codes are exported as `CLIENT_ERRORS`.', CLIENT_ERRORS)}
${section('Local runtime', '`LocalRuntimeError` of `stateful-mcp-local` ([local runtime](local-runtime.md)); the codes are exported as `LOCAL_RUNTIME_ERRORS`. Clients get what AgentCore Runtime itself would answer in the words of the platform.', LOCAL_RUNTIME_ERRORS)}
${section('Image assembly', 'CloudFormation shows `CODE: message` as the reason of a failed deployment ([packaging](packaging.md)).', IMAGE_ASSEMBLY_ERRORS)}
${section('Release check', 'CloudFormation shows `CODE: message` as the reason of a failed deployment. The endpoint that users call stays where it was.', RELEASE_CHECK_ERRORS)}`;

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  throw new Error('docs/reference/errors.md is not current: run `npm run docs:errors`');
}

function section(title, introduction, errors) {
  const rows = Object.entries(errors).map(([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} |`);
  return `## ${title}\n\n${introduction}\n\n| code | what happened, and what to do |\n|---|---|\n${rows.join('\n')}\n`;
}
