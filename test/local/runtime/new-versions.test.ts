import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  ListAgentRuntimeVersionsCommand,
  UpdateAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { VersionPublishedEvent } from 'stateful-mcp-local';
import { newFolder, runtimeResource, tableResource, writeAssembly } from '../assembly';
import { controlClient } from '../aws-clients';
import { isAlive, nextStop, sessionServer, startRuntime, until } from '../running';

const FIXTURE = readFileSync(path.join(__dirname, '../fixtures/session-server.mjs'), 'utf8');

/** A folder with the session server in it, or with another program. */
function folderWith(program = FIXTURE): string {
  const folder = newFolder();
  writeFileSync(path.join(folder, 'server.mjs'), program);
  return folder;
}

async function startInFolder() {
  const first = folderWith();
  const started = await startRuntime({
    runtimes: [sessionServer({ command: [process.execPath, 'server.mjs'], cwd: first })],
  });
  return { ...started, first };
}

const FAILING = 'console.error("Error: no such setting"); process.exit(3);';

describe('publishing the code of another folder', () => {
  test('gives it to new sessions, while those that live keep theirs', async () => {
    const { runtime, endpoint, first } = await startInFolder();
    const published: VersionPublishedEvent[] = [];
    runtime.events.on('version-published', event => published.push(event));
    const before = await endpoint.initialize();
    const second = folderWith();
    expect(await runtime.publish('sessions', second)).toBe('2');
    const after = await endpoint.initialize();
    expect((await endpoint.describe(before)).cwd).toBe(first);
    expect((await endpoint.describe(after)).cwd).toBe(second);
    expect(runtime.sessions().map(({ sessionId, version }) => [sessionId, version])).toEqual([
      [before, '1'],
      [after, '2'],
    ]);
    expect(runtime.runtimes).toMatchObject([{ name: 'sessions', version: '2', directory: second }]);
    expect(published).toEqual([{ runtimeName: 'sessions', version: '2' }]);
    expect(runtime.eventLog).toContainEqual(expect.objectContaining({ type: 'version-published', version: '2' }));
  });

  test('is a version of the control plane too', async () => {
    const { runtime, url } = await startInFolder();
    await runtime.publish('sessions', folderWith());
    const client = controlClient(url);
    const agentRuntimeId = runtime.runtimes[0]?.arn.split('/')[1];
    const { agentRuntimes = [] } = await client.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }));
    expect(agentRuntimes.map(({ agentRuntimeVersion, status }) => [agentRuntimeVersion, status])).toEqual([
      ['2', 'READY'],
      ['1', 'READY'],
    ]);
    expect(
      await client.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' })),
    ).toMatchObject({ liveVersion: '2', status: 'READY' });
  });

  test('that does not start leaves the version before', async () => {
    const { runtime, endpoint, url, first } = await startInFolder();
    await expect(runtime.publish('sessions', folderWith(FAILING))).rejects.toMatchObject({
      code: 'ERR_SERVER_EXITED',
      startFailure: { exitCode: 3, output: ['Error: no such setting'] },
    });
    expect((await endpoint.describe(await endpoint.initialize())).cwd).toBe(first);
    const agentRuntimeId = runtime.runtimes[0]?.arn.split('/')[1];
    expect(await controlClient(url).send(new GetAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({
      agentRuntimeVersion: '2',
      status: 'UPDATE_FAILED',
      failureReason: expect.stringContaining('exit code 3') as string,
    });
    expect(await runtime.publish('sessions', folderWith())).toBe('3');
  });

  test('happens once after the other', async () => {
    const { runtime } = await startInFolder();
    const folders = [folderWith(), folderWith()];
    expect(await Promise.all(folders.map(folder => runtime.publish('sessions', folder)))).toEqual(['2', '3']);
    expect(runtime.runtimes).toMatchObject([{ version: '3', directory: folders[1] }]);
  });

  test('waits for the end of what the control plane changes', async () => {
    const { runtime, url, first } = await startInFolder();
    const client = controlClient(url);
    const agentRuntimeId = runtime.runtimes[0]?.arn.split('/')[1];
    await client.send(
      new UpdateAgentRuntimeCommand({
        agentRuntimeId,
        roleArn: 'arn:aws:iam::111122223333:role/server',
        networkConfiguration: { networkMode: 'PUBLIC' },
        protocolConfiguration: { serverProtocol: 'MCP' },
        agentRuntimeArtifact: {
          codeConfiguration: {
            code: { s3: { bucket: 'local', prefix: first } },
            runtime: 'NODE_22',
            entryPoint: ['server.mjs'],
          },
        },
      }),
    );
    await expect(runtime.publish('sessions', first)).rejects.toMatchObject({
      code: 'ERR_RUNTIME_CHANGING',
      message: expect.stringContaining('UPDATING') as string,
    });
    await until(() => runtime.runtimes[0]?.version === '2');
    await until(() => runtime.eventLog.some(({ type }) => type === 'version-published'));
    expect(await runtime.publish('sessions', first)).toBe('3');
  });

  test('comes too late once everything has ended', async () => {
    const { runtime, first } = await startInFolder();
    await runtime.close();
    await expect(runtime.publish('sessions', first)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  test('needs a runtime that is there', async () => {
    const { runtime, first } = await startInFolder();
    await expect(runtime.publish('session', first)).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_RUNTIME',
      message: 'there is no runtime named `session`; the runtimes are: sessions',
    });
  });

  test('leaves no process when the local runtime is disposed of meanwhile', async () => {
    const { runtime } = await startInFolder();
    const folder = folderWith(
      "import { writeFileSync } from 'node:fs'; writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000);",
    );
    const refused = expect(runtime.publish('sessions', folder)).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await until(() => existsSync(path.join(folder, 'pid')));
    await runtime.close();
    await refused;
    expect(isAlive(Number(readFileSync(path.join(folder, 'pid'), 'utf8')))).toBe(false);
  });
});

describe('reading another assembly', () => {
  const assembly = (
    resources: Readonly<Record<string, object>>,
    files: Readonly<Record<string, string>> = { 'asset.code/server.mjs': FIXTURE },
  ): string => writeAssembly({ Stack: { template: { Resources: resources } } }, files);
  const named = (name: string, properties: object = {}): object =>
    runtimeResource({ AgentRuntimeName: name, ...properties });

  test('updates what has changed, serves what is new and deletes what is gone', async () => {
    const { runtime, url } = await startRuntime({
      runtimes: [],
      assembly: assembly({ A: named('same'), B: named('changed'), C: named('gone') }),
    });
    const { sessionId } = await initialize(`${url}/gone/mcp`);
    const stopped = nextStop(runtime, sessionId);
    const changes = await runtime.reload(
      assembly({
        A: named('same'),
        B: named('changed', { EnvironmentVariables: { COLOUR: 'blue' } }),
        D: named('fresh'),
      }),
    );
    expect(
      Object.fromEntries(changes.map(({ runtimeName, change, version }) => [runtimeName, [change, version]])),
    ).toEqual({
      same: ['unchanged', '1'],
      changed: ['updated', '2'],
      fresh: ['added', '1'],
      gone: ['deleted', undefined],
    });
    expect(await stopped).toMatchObject({ reason: 'runtime-deleted' });
    expect(runtime.runtimes.map(({ name }) => name).sort()).toEqual(['changed', 'fresh', 'same']);
    expect((await initialize(`${url}/changed/mcp`)).environment).toMatchObject({ COLOUR: 'blue' });
    expect((await initialize(`${url}/fresh/mcp`)).status).toBe(200);
    expect((await initialize(`${url}/gone/mcp`)).status).toBe(404);
  });

  test('says which of them do not start, and why', async () => {
    const { runtime, url } = await startRuntime({ runtimes: [], assembly: assembly({ A: named('first') }) });
    const broken = assembly(
      { A: named('first', { EnvironmentVariables: { A: '1' } }), B: named('second') },
      { 'asset.code/server.mjs': FAILING },
    );
    const error = expect.objectContaining({ code: 'ERR_SERVER_EXITED' }) as Error;
    expect(await runtime.reload(broken)).toEqual([
      { runtimeName: 'second', change: 'failed', version: undefined, error },
      { runtimeName: 'first', change: 'failed', version: '1', error },
    ]);
    expect(runtime.runtimes.map(({ name }) => name)).toEqual(['first']);
    expect((await initialize(`${url}/first/mcp`)).status).toBe(200);
  });

  test('that cannot be read changes nothing', async () => {
    const { runtime } = await startRuntime({ runtimes: [], assembly: assembly({ A: named('first') }) });
    await expect(runtime.reload(newFolder())).rejects.toMatchObject({ code: 'ERR_ASSEMBLY_NOT_FOUND' });
    expect(runtime.runtimes).toMatchObject([{ name: 'first', version: '1' }]);
  });

  test('keeps the items of tables, and adds tables', async () => {
    const withTables = (tables: Readonly<Record<string, object>>): string => assembly({ A: named('first'), ...tables });
    const { runtime, log } = await startRuntime({
      runtimes: [],
      assembly: withTables({
        Kept: tableResource({ TableName: 'kept' }),
        Other: tableResource({ TableName: 'other' }),
      }),
    });
    const client = new DynamoDBClient({
      endpoint: runtime.tables()[0]?.endpoint,
      region: 'local',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await client.send(new PutItemCommand({ TableName: 'kept', Item: { id: { S: 'one' } } }));
    client.destroy();
    const byWord = {
      KeySchema: [{ AttributeName: 'word', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'word', AttributeType: 'S' }],
    };
    await runtime.reload(
      withTables({
        Kept: tableResource({ TableName: 'kept' }),
        Other: tableResource({ TableName: 'other', ...byWord }),
        Added: tableResource({ TableName: 'added' }),
      }),
    );
    expect(runtime.tables().map(({ name }) => name)).toEqual(['kept', 'other', 'added']);
    expect(await runtime.scanTable('kept')).toEqual([{ id: 'one' }]);
    expect(await runtime.scanTable('added')).toEqual([]);
    expect(log.filter(({ line }) => line.startsWith('table ')).map(({ line }) => line)).toEqual([
      'table `other` has changed; here it keeps its keys and indexes, and its items, until the local runtime starts again',
    ]);
  });

  test('an asset with another name is other code', async () => {
    const { runtime } = await startRuntime({ runtimes: [], assembly: assembly({ A: named('first') }) });
    const other = assembly({ A: named('first') });
    const manifest = path.join(other, 'Stack.assets.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"asset.code"', '"asset.another"'));
    mkdirSync(path.join(other, 'asset.another'));
    writeFileSync(path.join(other, 'asset.another/server.mjs'), FIXTURE);
    expect(await runtime.reload(other)).toMatchObject([{ change: 'updated', version: '2' }]);
  });
});

test.each(['in a file of its own', 'in the manifest'])(
  'an assembly may say what the code of a runtime was made from (%s)',
  async where => {
    const Server = { ...runtimeResource(), Metadata: { 'aws:cdk:path': 'Stack/Server/Resource' } };
    const folder = writeAssembly({ Stack: { template: { Resources: { Server } } } });
    const source = { projectRoot: '/project', esbuildOptions: { entryPoints: ['/project/server.ts'] } };
    const metadata = {
      '/Stack/Server/Resource': [
        { type: 'aws:cdk:logicalId', data: 'Server' },
        { type: 'cdk-stateful-mcp:source', data: source },
      ],
    };
    const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
      artifacts: Record<string, object>;
    };
    Object.assign(
      manifest.artifacts.Stack as object,
      where === 'in the manifest' ? { metadata } : { additionalMetadataFile: 'Stack.metadata.json' },
    );
    writeFileSync(path.join(folder, 'Stack.metadata.json'), JSON.stringify(metadata));
    writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
    const { runtime } = await startRuntime({ runtimes: [], assembly: folder });
    expect(runtime.runtimes).toMatchObject([{ directory: expect.stringMatching(/asset\.code$/) as string, source }]);
  },
);

async function initialize(
  url: string,
): Promise<{ status: number; sessionId: string; environment: Record<string, string> | undefined }> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = (method: string, params: object, more: Record<string, string> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  const response = await post('initialize', {});
  await response.text();
  const sessionId = response.headers.get('mcp-session-id') ?? '';
  if (response.status !== 200) {
    return { status: response.status, sessionId, environment: undefined };
  }
  const described = (await (
    await post('tools/call', { name: 'describe', arguments: {} }, { 'mcp-session-id': sessionId })
  ).json()) as { result: { environment: Record<string, string> } };
  return { status: response.status, sessionId, environment: described.result.environment };
}
