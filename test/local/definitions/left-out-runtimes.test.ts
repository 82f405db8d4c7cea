import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalRuntimeOptions } from 'stateful-mcp-local';
import { runtimeResource, tableResource, writeAssembly } from '../assembly';
import { newRuntime, sessionServer } from '../running';

const HERE = `${process.platform}/${process.arch}`;
const IMAGE = { AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: 'image' } } };

/** One runtime that runs here, and what a real app may have beside it. */
function mixedAssembly(more: object = {}): string {
  const template = {
    Resources: {
      Server: runtimeResource(),
      Image: runtimeResource({ AgentRuntimeName: 'image', ...IMAGE }),
      Python: runtimeResource(
        { AgentRuntimeName: 'python' },
        { Code: { S3: { Prefix: 'python.zip' } }, EntryPoint: ['main.py'], Runtime: 'PYTHON_3_13' },
      ),
      ...more,
    },
  };
  const folder = writeAssembly({ Stack: { template } });
  const asset = {
    source: { path: 'asset.python', packaging: 'zip' },
    destinations: { here: { bucketName: 'cdk', objectKey: 'python.zip' } },
  };
  writeFileSync(
    path.join(folder, 'Stack.assets.json'),
    JSON.stringify({
      version: '53.0.0',
      files: {
        python: asset,
        code: {
          source: { path: 'asset.code', packaging: 'zip' },
          destinations: { here: { bucketName: 'cdk', objectKey: 'code.zip' } },
        },
      },
    }),
  );
  mkdirSync(path.join(folder, 'asset.python/pydantic_core'), { recursive: true });
  writeFileSync(path.join(folder, 'asset.python/main.py'), '');
  writeFileSync(path.join(folder, 'asset.python/pydantic_core/_pydantic_core.so'), foreignHeader());
  return folder;
}

// With uv the packages of a Python server are exchanged, see local-wheels.test.ts.
const { PATH } = process.env;
beforeAll(() => {
  process.env.PATH = PATH?.split(path.delimiter)
    .filter(folder => !existsSync(path.join(folder, 'uv')))
    .join(path.delimiter);
});
afterAll(() => {
  process.env.PATH = PATH;
});

/** Of a binary for Linux on the other processor. */
function foreignHeader(): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46);
  header.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
  return header;
}

const FOREIGN = process.arch === 'arm64' ? 'linux/x64' : 'linux/arm64';

async function start(
  options: Partial<LocalRuntimeOptions> = {},
): Promise<{ runtime: ReturnType<typeof newRuntime>; notes: string[] }> {
  const notes: string[] = [];
  const runtime = newRuntime({
    assembly: mixedAssembly(),
    log: ({ stream, runtimeName, line }) => {
      if (stream === 'runtime' && line.includes('left out')) {
        notes.push(`${runtimeName}: ${line}`);
      }
    },
    ...options,
  });
  await runtime.ready;
  return { runtime, notes };
}

test('the others are served, and the log says once of each what is in the way and what to do', async () => {
  const { runtime, notes } = await start();
  expect(runtime.runtimes.map(({ name }) => name)).toEqual(['my_mcp']);
  expect(notes).toEqual([
    "image: is left out: it is a container image; say how to start it here: `runtimes: [{ name: 'image', command: [...] }]`",
    `python: is left out: it brings pydantic_core/_pydantic_core.so for ${FOREIGN}, which cannot run on ${HERE}; with uv installed (https://docs.astral.sh/uv/) it runs with the same versions of its packages for this machine; say how to start it here: \`runtimes: [{ name: 'python', command: [...] }]\``,
  ]);
  expect(runtime.leftOut).toMatchObject([
    { name: 'image', code: 'image', command: undefined },
    { name: 'python', code: 'binary', command: ['python3', 'main.py'] },
  ]);
  await runtime.reload(mixedAssembly());
  expect(notes).toHaveLength(2);
});

test('whoever calls one of them hears the reason, by its name and by its ARN', async () => {
  const { runtime } = await start();
  const [{ arn } = { arn: '' }] = runtime.leftOut;
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'initialize' });
  for (const url of ['/image/mcp', `/runtimes/${encodeURIComponent(arn)}/invocations?qualifier=DEFAULT`]) {
    const response = await runtime.fetch(
      new Request(`http://localhost${url}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
    );
    expect(await response.json()).toMatchObject({
      id: 7,
      error: {
        code: -32004,
        message: expect.stringMatching(/^not served here: runtime `image` is a container image; say how/) as string,
      },
    });
  }
});

test('a definition with the name takes the place of one of them', async () => {
  const { runtime } = await start({ runtimes: [sessionServer({ name: 'image' })] });
  expect(runtime.runtimes.map(({ name }) => name)).toEqual(['my_mcp', 'image']);
  expect(runtime.leftOut.map(({ name }) => name)).toEqual(['python']);
});

test('what is advised may come from outside', async () => {
  const { notes } = await start({ adviceFor: ({ name }) => (name === 'image' ? 'pull it' : undefined) });
  expect(notes).toEqual([
    'image: is left out: it is a container image; pull it',
    expect.stringMatching(/for this machine$/) as string,
  ]);
});

test('when none is left, the error names each of them', async () => {
  const Server = runtimeResource(IMAGE);
  const Other = runtimeResource({ AgentRuntimeName: 'other', ...IMAGE });
  const assembly = writeAssembly({ Stack: { template: { Resources: { Server, Other, T: tableResource() } } } });
  const runtime = newRuntime({ assembly, adviceFor: () => undefined });
  await expect(runtime.ready).rejects.toMatchObject({
    code: 'ERR_UNSUPPORTED_ARTIFACT',
    message: 'runtime `my_mcp` is a container image\nruntime `other` is a container image',
  });
});
