// Holds the packages against both ends of the ranges of their peers, which the registry knows: the lowest version that
// a range admits, and the newest. Each end is installed with the packed package into a project of its own, type-checked
// and used: a conversation of the server kit, and the synthesis of a server. Needs `npm run build` before it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A tool that asks, its client, and what comes of it. */
const CONVERSATION = `import { McpServer } from '@modelcontextprotocol/server';
import { interactive } from 'stateful-mcp-server';
import { bedrockSampling } from 'stateful-mcp-server/bedrock';
import { openTestClient } from 'stateful-mcp-server/testing';
import { z } from 'zod';

function createServer(): McpServer {
  const server = new McpServer({ name: 'peers', version: '1.0.0' });
  server.registerTool(
    'ask',
    { description: 'Asks', inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      const { amount } = await io.elicitContent('How much?', z.object({ amount: z.number() }));
      return { content: [{ type: 'text', text: amount.toFixed(2) }] };
    }),
  );
  return server;
}

for (const era of ['legacy', 'modern'] as const) {
  const client = await openTestClient(createServer, { era, elicitation: [{ accept: { amount: 12.5 } }] });
  const { text } = await client.callTool('ask');
  if (text !== '12.50') {
    throw new Error(\`the tool answers \${text}\`);
  }
  await client.close();
}
if (typeof bedrockSampling !== 'function') {
  throw new Error('the entry for Amazon Bedrock exports nothing');
}
`;

/** A server in a zip file, a client of it, and the template. */
const SYNTHESIS = `import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { McpServerCode, Packaging, StatefulMcpServer } from 'cdk-stateful-mcp';

const stack = new Stack(new App(), 'Stack');
for (const [id, packaging] of Object.entries({ Image: Packaging.image(), Zip: Packaging.zip() })) {
  const code = McpServerCode.fromBundle('server', 'main.js', { packaging });
  const server = new StatefulMcpServer(stack, id, { code, idleTimeout: Duration.minutes(5) });
  server.grants.invoke(new Role(stack, \`\${id}Client\`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
}
Template.fromStack(stack).resourceCountIs('AWS::BedrockAgentCore::Runtime', 2);
`;

const PACKAGES = [
  {
    directory: 'server',
    files: { 'main.mts': CONVERSATION },
    besides: { zod: versionOf('zod'), '@types/node': versionOf('@types/node'), typescript: versionOf('typescript') },
  },
  {
    directory: '.',
    files: { 'main.mts': SYNTHESIS, 'server/main.js': 'console.log(1);\n' },
    besides: { '@types/node': versionOf('@types/node'), typescript: versionOf('typescript') },
  },
];

for (const { directory, files, besides } of PACKAGES) {
  const { name, peerDependencies } = JSON.parse(readFileSync(path.join(root, directory, 'package.json'), 'utf8'));
  const ends = Object.entries(peerDependencies).map(([peer, range]) => ({ peer, range, ...endsOf(peer, range) }));
  for (const { peer, range, lowest, newest } of ends) {
    const told = lowest === newest ? `${lowest}, where both ends coincide today` : `${lowest} to ${newest}`;
    console.log(`${name}: ${peer} ${range} is ${told}`);
  }
  check(name, directory, files, { ...besides, ...versions(ends, 'lowest') });
  if (ends.some(({ lowest, newest }) => lowest !== newest)) {
    check(name, directory, files, { ...besides, ...versions(ends, 'newest') });
  }
}

function versions(ends, end) {
  return Object.fromEntries(ends.map(({ peer, [end]: version }) => [peer, version]));
}

/** The registry is asked which versions the range admits: npm answers with one, or with a list. */
function endsOf(peer, range) {
  const found = [JSON.parse(run(root, 'npm', 'view', `${peer}@${range}`, 'version', '--json'))].flat();
  const sorted = found.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  if (sorted.length === 0) {
    throw new Error(`the registry has no version of ${peer} that ${range} admits`);
  }
  return { lowest: sorted[0], newest: sorted.at(-1) };
}

function check(name, directory, files, dependencies) {
  const folder = mkdtempSync(path.join(tmpdir(), 'peers-'));
  try {
    const workspace = directory === '.' ? [] : ['--workspace', directory];
    const [{ filename }] = JSON.parse(run(root, 'npm', 'pack', '--json', ...workspace, '--pack-destination', folder));
    const manifest = { private: true, type: 'module', dependencies: { ...dependencies, [name]: `file:${filename}` } };
    write(folder, { 'package.json': JSON.stringify(manifest), ...files });
    // No `--force` and no `--legacy-peer-deps`: npm refuses peers that do not fit.
    run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error');
    const parameters = ['--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
    run(folder, process.execPath, path.join(root, 'node_modules/typescript/lib/tsc.js'), ...parameters, 'main.mts');
    run(folder, process.execPath, 'main.mjs');
    const shown = Object.entries(dependencies).map(([peer, version]) => `${peer}@${version}`);
    console.log(`${name}: works with ${shown.join(', ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function write(folder, files) {
  for (const [file, contents] of Object.entries(files)) {
    const target = path.join(folder, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, contents);
  }
}

function versionOf(name) {
  return JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

function run(cwd, command, ...args) {
  return execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
}
