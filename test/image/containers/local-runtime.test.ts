import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { LocalRuntime, type SessionLogEntry } from 'stateful-mcp-local';
import { converseWithEverything } from '../../packaging/everything-conversation';
import { serverEverything, SERVER_EVERYTHING_OPTIONS } from '../../packaging/server-everything';
import { bundledFiles, zipped } from './application';
import { pushBaseImage } from './base-image';
import { endAll } from '../assembly/disposal';
import { assembleInProcess } from '../assembly/in-process';
import { Podman } from './podman';
import { until } from './program';
import { startRegistry } from '../registries/registry';

// The local runtime with an assembled image: a container a session.

let podman: Podman;
let image: string;
const searchPath = process.env.PATH;

beforeAll(async () => {
  podman = new Podman();
  const registry = await startRegistry();
  await pushBaseImage(podman, `${registry.host}/node:22`, ['amd64', 'arm64']);
  const application = await zipped(bundledFiles(serverEverything(), SERVER_EVERYTHING_OPTIONS));
  const { imageUri } = await assembleInProcess({
    repositoryUri: `${registry.host}/everything`,
    baseImage: `${registry.host}/node:22`,
    application,
    architecture: 'amd64',
  });
  await podman.pull(imageUri, 'amd64');
  image = imageUri;
  process.env.PATH = `${podman.asProgram()}${path.delimiter}${searchPath}`;
});

afterAll(async () => {
  process.env.PATH = searchPath;
  await endAll();
});

const containers = async (): Promise<string[]> =>
  (await podman.command('ps', '--all', '--format', '{{.Names}}')).split('\n').filter(Boolean);

const initialize = (url: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
    }),
  });

test('each session has a container of its own, which ends with it', async () => {
  const runtime = new LocalRuntime({ runtimes: [{ name: 'everything', image }], pooledProcesses: 0 });
  try {
    const { url } = await runtime.listen({ port: 0 });
    const sessionIds: string[] = [];
    for (let session = 0; session < 2; session++) {
      const response = await initialize(`${url}/mcp`);
      expect(response.status).toBe(200);
      await response.text();
      sessionIds.push(response.headers.get('mcp-session-id') ?? '');
    }
    expect(new Set(sessionIds).size).toBe(2);
    expect(await containers()).toHaveLength(2);
    await fetch(`${url}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': sessionIds[0] ?? '' } });
    await until(async () => (await containers()).length === 1, 'the container of the ended session is gone');
  } finally {
    await runtime.close();
  }
  expect(await containers()).toEqual([]);
});

test('an image whose program ends at the start is an error with what it wrote', async () => {
  const log: SessionLogEntry[] = [];
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'nowhere', image: `${image.split('@')[0] ?? ''}:no-such-tag` }],
    log: entry => log.push(entry),
  });
  try {
    await expect(runtime.ready).rejects.toMatchObject({
      code: 'ERR_SERVER_EXITED',
      message: expect.stringMatching(
        /^runtime `nowhere`: the server ended with exit code 125 before it listened on port 8000 of its container\nimage: .*no-such-tag \(in podman\)/,
      ) as string,
    });
  } finally {
    await runtime.close();
  }
});

test('no container outlives a program that is killed', async () => {
  const program = spawn(
    process.execPath,
    [
      '-e',
      `
    const { LocalRuntime } = require(${JSON.stringify(path.join(__dirname, '../../../local'))});
    new LocalRuntime({ runtimes: [{ name: 'everything', image: ${JSON.stringify(image)} }] }).ready.then(() => console.log('ready'));
  `,
    ],
    { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(program.stdout, 'data');
  expect(await containers()).toHaveLength(1);
  program.kill('SIGKILL');
  await until(async () => (await containers()).length === 0, 'the container is gone');
});

test('the server holds a stateful conversation by `dev --image`', async () => {
  const command = spawn(
    process.execPath,
    [path.join(__dirname, '../../../command/stateful-mcp.mjs'), 'dev', '--port', '0', '--image', image],
    { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  command.stdout.on('data', chunk => (output += String(chunk)));
  await until(() => output.includes('Ctrl-C ends it.'), 'the command serves');
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(output) ?? [];
  expect(output).toContain('everything  (idle timeout 15 min');
  expect(JSON.stringify((await converseWithEverything(url)).elicited)).toContain('Ada');
  command.kill('SIGINT');
  await once(command, 'exit');
  expect(await containers()).toEqual([]);
});
