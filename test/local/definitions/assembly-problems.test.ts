import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { newFolder, runtimeResource, tableResource, writeAssembly } from '../assembly';
import { newRuntime } from '../running';
import { startAssembly } from './assembly-runtime';

test('runtimes with another protocol are left out, and the log says so', async () => {
  const lines: string[] = [];
  const folder = writeAssembly({
    Stack: {
      template: {
        Resources: {
          Server: runtimeResource(),
          Agent: runtimeResource({ AgentRuntimeName: 'agent', ProtocolConfiguration: undefined }),
        },
      },
    },
  });
  const runtime = await startAssembly(folder, {
    log: ({ stream, line }) => {
      if (stream === 'runtime') {
        lines.push(line);
      }
    },
  });
  expect(runtime.runtimes.map(({ name }) => name)).toEqual(['my_mcp']);
  expect(lines[0]).toBe(
    'is left out: it has the protocol HTTP, and of an assembly only MCP servers run here; ' +
      "say how to start it here: `runtimes: [{ name: 'agent', protocol: 'HTTP', command: [...] }]`",
  );
});

test.each([
  [62, 'x64'],
  [183, 'arm64'],
])('binaries of another machine are named (ELF machine %d)', async (machine, architecture) => {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f454c46);
  header.writeUInt16LE(machine, 18);
  const folder = writeAssembly(
    { Stack: { template: { Resources: { Server: runtimeResource() } } } },
    { 'asset.code/node_modules/native/build/addon.node': header.toString('latin1') },
  );
  writeFileSync(path.join(folder, 'asset.code/node_modules/native/build/addon.node'), header);
  const { ready } = newRuntime({ assembly: folder });
  if (process.platform === 'linux' && process.arch === architecture) {
    await ready;
  } else {
    await expect(ready).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED_ARTIFACT',
      message:
        `runtime \`my_mcp\` brings node_modules/native/build/addon.node for linux/${architecture}, which cannot run on ${process.platform}/${process.arch}; ` +
        "say how to start it here: `runtimes: [{ name: 'my_mcp', command: [...] }]`",
    });
  }
});

describe('what cannot run is an error that says why', () => {
  const assembly = (properties: object, code?: object): string =>
    writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(properties, code) } } } });

  test.each<[string, () => string, string, string]>([
    [
      'a container image',
      () => assembly({ AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: 'image' } } }),
      'ERR_UNSUPPORTED_ARTIFACT',
      "runtime `my_mcp` is a container image; say how to start it here: `runtimes: [{ name: 'my_mcp', command: [...] }]`",
    ],
    [
      'a zip file',
      () => assembly({}, { Code: { S3: { Prefix: 'zipped.zip' } } }),
      'ERR_UNSUPPORTED_ARTIFACT',
      'asset.zipped.zip as its asset, and only a directory runs here',
    ],
    [
      'code from elsewhere',
      () => assembly({}, { Code: { S3: { Prefix: 'elsewhere.zip' } } }),
      'ERR_UNSUPPORTED_ARTIFACT',
      'has its code in the S3 object elsewhere.zip, which is not an asset of the assembly',
    ],
    [
      'an unknown language',
      () => assembly({}, { Runtime: 'COBOL_85' }),
      'ERR_UNSUPPORTED_ARTIFACT',
      'has the language runtime COBOL_85',
    ],
    [
      'an asset that was deleted',
      () => assembly({}, { Code: { S3: { Prefix: 'missing.zip' } } }),
      'ERR_ASSEMBLY_INVALID',
      'asset.missing does not exist; synthesize the `assembly` again',
    ],
    [
      'a wrong entry path',
      () => assembly({}, { EntryPoint: ['index.js'] }),
      'ERR_ENTRY_NOT_FOUND',
      'runtime `my_mcp`: its `EntryPoint` "index.js" is not in its asset',
    ],
    [
      'a name from AWS',
      () => assembly({ AgentRuntimeName: { Ref: 'Other' } }),
      'ERR_UNRESOLVED_REFERENCE',
      '`Server` of stack Stack: its `AgentRuntimeName` is Ref: Other',
    ],
    [
      'an idle timeout above the max lifetime',
      () => assembly({ LifecycleConfiguration: { IdleRuntimeSessionTimeout: 900, MaxLifetime: 600 } }),
      'ERR_INVALID_OPTION',
      '`idleTimeoutSeconds` must be at most `maxLifetimeSeconds`, which is 600, got 900',
    ],
    [
      'an assembly without MCP',
      () => assembly({ ProtocolConfiguration: 'HTTP' }),
      'ERR_NO_RUNTIME',
      'has no AWS::BedrockAgentCore::Runtime with ProtocolConfiguration MCP',
    ],
    [
      'a folder that is no assembly',
      newFolder,
      'ERR_ASSEMBLY_NOT_FOUND',
      'holds no manifest.json; give the directory that `cdk synth` writes, usually cdk.out',
    ],
    [
      'a manifest that is not JSON',
      () => writeAssembly({}, { 'manifest.json': '{' }),
      'ERR_ASSEMBLY_INVALID',
      'cannot read',
    ],
    [
      'a table with a key that has no type',
      () =>
        writeAssembly({
          Stack: {
            template: { Resources: { Server: runtimeResource(), T: tableResource({ AttributeDefinitions: [] }) } },
          },
        }),
      'ERR_TABLE_FAILED',
      'table `T` (Stack-T) cannot be created in the embedded DynamoDB server',
    ],
    [
      'a table with a name from AWS',
      () =>
        writeAssembly({
          Stack: {
            template: { Resources: { Server: runtimeResource(), T: tableResource({ TableName: { Ref: 'Other' } }) } },
          },
        }),
      'ERR_UNRESOLVED_REFERENCE',
      'table `T` of stack Stack refers to Ref: Other',
    ],
  ])('%s', async (_, write, code, text) => {
    await expect(newRuntime({ assembly: write() }).ready).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    });
  });

  test('the wrong entry path comes with what the asset holds and what the platform would have said', async () => {
    const { ready } = newRuntime({ assembly: assembly({}, { EntryPoint: ['index.js'] }) });
    await expect(ready).rejects.toThrow(
      /which holds server\.mjs\non AgentCore its caller would get: Runtime initialization time exceeded\. .* 30s\.$/,
    );
  });
});
