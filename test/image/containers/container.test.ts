import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { converseWithEverything } from '../../packaging/everything-conversation';
import { serverEverything, SERVER_EVERYTHING_OPTIONS } from '../../packaging/server-everything';
import { bundledExpenseTracker, bundledFiles, bundledPython, zipped } from './application';
import { pushBaseImage, pushPythonImage, type Architecture } from './base-image';
import { converse } from './conversation';
import { endAll } from '../assembly/disposal';
import { assembleInProcess } from '../assembly/in-process';
import { Podman } from './podman';
import { freePort } from '../../free-port';
import { until } from './program';
import { startRegistry, type Registry } from '../registries/registry';
import { startTable } from '../assembly/table';

// An assembled image, started by podman, which has checked every digest of it: the expense tracker inside holds a
// conversation.

let podman: Podman;
let registry: Registry;

beforeAll(async () => {
  podman = new Podman();
  registry = await startRegistry();
  await pushBaseImage(podman, `${registry.host}/node:22`, ['amd64', 'arm64']);
});

afterAll(endAll);

/** Starts a container and waits until its server listens. */
async function serving(
  imageUri: string,
  architecture: Architecture,
  environment: Record<string, string>,
): Promise<string> {
  await podman.pull(imageUri, architecture);
  const port = await freePort();
  const container = podman.runContainer(imageUri, { ...environment, HOST: '127.0.0.1', PORT: String(port) });
  const url = `http://127.0.0.1:${port}/mcp`;
  await until(
    () =>
      fetch(url).then(
        () => true,
        () => {
          if (container.process.exitCode !== null) {
            throw new Error(`the container ended: ${container.output()}`);
          }
          return false;
        },
      ),
    'the server listens',
  );
  return url;
}

test.each<[Architecture, string]>([
  ['amd64', 'on this machine'],
  ['arm64', 'as on AgentCore Runtime, emulated by qemu'],
])('the expense tracker for %s, %s, holds a stateful conversation', async architecture => {
  const { imageUri } = await assembleInProcess({
    repositoryUri: `${registry.host}/expenses-${architecture}`,
    baseImage: `${registry.host}/node:22`,
    application: await zipped(bundledExpenseTracker()),
    architecture,
  });
  const url = await serving(imageUri, architecture, await startTable());
  const { sessionId, questions, recorded, analysis, progress } = await converse(url);
  expect(sessionId).toMatch(/^[\w-]+$/);
  expect(questions).toHaveLength(4);
  expect(recorded).toContain('12.50 for lunch (food)');
  expect(analysis).toContain('You eat well.');
  expect(progress.length).toBeGreaterThanOrEqual(4);
});

test('a server that nobody here wrote, with its packages beside the bundle, holds a stateful conversation', async () => {
  const { imageUri } = await assembleInProcess({
    repositoryUri: `${registry.host}/everything`,
    baseImage: `${registry.host}/node:22`,
    application: await zipped(bundledFiles(serverEverything(), SERVER_EVERYTHING_OPTIONS)),
    architecture: 'amd64',
  });
  const { echoed, elicited, sampled } = await converseWithEverything(await serving(imageUri, 'amd64', {}));
  expect(JSON.stringify(echoed)).toContain('Echo: hello');
  expect(JSON.stringify(elicited)).toContain('Ada');
  expect(JSON.stringify(sampled)).toContain('a borrowed answer');
});

test('a server in Python is started as the construct says, and answers a call of its tool', async () => {
  await pushPythonImage(podman, `${registry.host}/python:3.11`, 'amd64');
  const { files, ...start } = bundledPython(path.join(__dirname, 'python-server'));
  const { imageUri } = await assembleInProcess({
    ...start,
    repositoryUri: `${registry.host}/python-server`,
    baseImage: `${registry.host}/python:3.11`,
    application: await zipped(files),
    architecture: 'amd64',
  });
  const client = new Client({ name: 'image-tests', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(await serving(imageUri, 'amd64', {}))));
  const { structuredContent } = await client.callTool({ name: 'whoami', arguments: {} });
  await client.close();
  expect(structuredContent).toEqual({ user: 1000, folder: '/app', python: '3.11', unbuffered: '1' });
});

test('the files belong to root, and the program runs as the user it was given', async () => {
  const { imageUri } = await assembleInProcess({
    repositoryUri: `${registry.host}/whoami`,
    baseImage: `${registry.host}/node:22`,
    application: await zipped({
      'index.js': `
      const { uid } = require('node:fs').statSync(__filename);
      console.log(JSON.stringify({ runsAs: process.getuid(), ownedBy: uid, folder: process.cwd(), platform: process.arch, node: process.version }));
    `,
    }),
    architecture: 'arm64',
  });
  await podman.pull(imageUri, 'arm64');
  const output = await podman.command('run', '--rm', '--network', 'none', imageUri);
  expect(JSON.parse(output)).toEqual({ runsAs: 1000, ownedBy: 0, folder: '/app', platform: 'arm64', node: 'v22.23.3' });
});
