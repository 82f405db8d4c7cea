import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvokeAgentRuntimeCommand, type BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateAgentRuntimeCommand,
  CreateAgentRuntimeEndpointCommand,
  DeleteAgentRuntimeCommand,
  DeleteAgentRuntimeEndpointCommand,
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  ListAgentRuntimeEndpointsCommand,
  ListAgentRuntimesCommand,
  ListAgentRuntimeVersionsCommand,
  UpdateAgentRuntimeCommand,
  UpdateAgentRuntimeEndpointCommand,
  type BedrockAgentCoreControlClient,
  type CreateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { newFolder, PYTHON_SERVER } from '../assembly';
import { controlClient, dataClient } from '../aws-clients';
import { newRuntime, nextStop, sessionServer } from '../running';

const roleArn = 'arn:aws:iam::123456789012:role/server';
const SERVER = `
  require('node:http').createServer((request, response) => {
    let body = '';
    request.on('data', chunk => body += chunk).on('end', () => {
      const { id, method } = JSON.parse(body);
      const headers = method === 'initialize' ? { 'mcp-session-id': require('node:crypto').randomUUID() } : {};
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ jsonrpc: '2.0', id, result: { release: process.env.RELEASE } }));
    });
  }).listen(process.env.PORT, process.env.HOST);
`;

function artifact(folder = newFolder(), code = SERVER): CreateAgentRuntimeCommandInput['agentRuntimeArtifact'] {
  writeFileSync(path.join(folder, 'index.js'), code);
  return {
    codeConfiguration: {
      code: { s3: { bucket: 'local', prefix: folder } },
      runtime: 'NODE_22',
      entryPoint: ['index.js'],
    },
  };
}

interface Planes {
  readonly control: BedrockAgentCoreControlClient;
  readonly data: BedrockAgentCoreClient;
  readonly runtime: ReturnType<typeof newRuntime>;
}

async function start(): Promise<Planes> {
  const runtime = newRuntime({ artifacts: {} });
  const { url } = await runtime.listen();
  return { runtime, control: controlClient(url), data: dataClient(url) };
}

const input = (more: Partial<CreateAgentRuntimeCommandInput> = {}): CreateAgentRuntimeCommandInput => ({
  agentRuntimeName: 'expenses',
  agentRuntimeArtifact: artifact(),
  roleArn,
  protocolConfiguration: { serverProtocol: 'MCP' },
  environmentVariables: { RELEASE: 'one' },
  ...more,
});

async function settled(
  control: BedrockAgentCoreControlClient,
  agentRuntimeId: string | undefined,
): Promise<{ status?: string; failureReason?: string }> {
  for (;;) {
    const answer = await control.send(new GetAgentRuntimeCommand({ agentRuntimeId }));
    if (!answer.status?.endsWith('ING')) {
      return answer;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

async function endpointReady(
  control: BedrockAgentCoreControlClient,
  agentRuntimeId: string | undefined,
  endpointName: string,
): Promise<object> {
  for (;;) {
    const answer = await control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName }));
    if (answer.status === 'READY') {
      return answer;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

interface More {
  readonly mcpSessionId?: string;
  readonly qualifier?: string;
}

async function invoke(
  data: BedrockAgentCoreClient,
  agentRuntimeArn: string | undefined,
  method: string,
  more: More = {},
): Promise<{ mcpSessionId?: string; release?: string }> {
  const payload = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method }));
  const answer = await data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload, ...more }));
  const { result } = JSON.parse((await answer.response?.transformToString()) ?? '') as { result?: { release: string } };
  return { mcpSessionId: answer.mcpSessionId, release: result?.release };
}

test('a runtime is created, gets ready, and is invoked', async () => {
  const { control, data } = await start();
  const created = await control.send(new CreateAgentRuntimeCommand(input()));
  expect(created).toMatchObject({
    $metadata: { httpStatusCode: 202 },
    status: 'CREATING',
    agentRuntimeVersion: '1',
    createdAt: expect.any(Date) as Date,
  });
  expect(created.agentRuntimeId).toMatch(/^expenses-[a-zA-Z0-9]{10}$/);
  expect(created.agentRuntimeArn).toBe(
    `arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/${created.agentRuntimeId}`,
  );
  expect(await settled(control, created.agentRuntimeId)).toMatchObject({
    status: 'READY',
    agentRuntimeName: 'expenses',
    roleArn,
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 },
    platformVersion: 'V1',
    environmentVariables: { RELEASE: 'one' },
    protocolConfiguration: { serverProtocol: 'MCP' },
  });
  expect((await invoke(data, created.agentRuntimeArn, 'initialize')).release).toBe('one');
});

test('an update makes a version; new sessions get it, live ones keep theirs', async () => {
  const { control, data } = await start();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(input()));
  await settled(control, agentRuntimeId);
  const { mcpSessionId } = await invoke(data, agentRuntimeArn, 'initialize');
  const live = await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'live' }));
  expect(live).toMatchObject({
    status: 'CREATING',
    targetVersion: '1',
    agentRuntimeEndpointArn: `${agentRuntimeArn}/runtime-endpoint/live`,
  });
  await endpointReady(control, agentRuntimeId, 'live');
  const { agentRuntimeArtifact } = input();
  const updated = await control.send(
    new UpdateAgentRuntimeCommand({
      agentRuntimeId,
      agentRuntimeArtifact,
      roleArn,
      protocolConfiguration: { serverProtocol: 'MCP' },
      environmentVariables: { RELEASE: 'two' },
    }),
  );
  expect(updated).toMatchObject({ status: 'UPDATING', agentRuntimeVersion: '2' });
  await settled(control, agentRuntimeId);
  expect((await invoke(data, agentRuntimeArn, 'tools/list', { mcpSessionId })).release).toBe('one');
  expect((await invoke(data, agentRuntimeArn, 'initialize')).release).toBe('two');
  expect((await invoke(data, agentRuntimeArn, 'initialize', { qualifier: 'live' })).release).toBe('one');
  await control.send(
    new UpdateAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'live', agentRuntimeVersion: '2' }),
  );
  expect(await endpointReady(control, agentRuntimeId, 'live')).toMatchObject({ liveVersion: '2', targetVersion: '2' });
  expect((await invoke(data, agentRuntimeArn, 'initialize', { qualifier: 'live' })).release).toBe('two');
  const versions = await control.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }));
  expect(versions.agentRuntimes?.map(({ agentRuntimeVersion }) => agentRuntimeVersion)).toEqual(['2', '1']);
  expect(await control.send(new GetAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' }))).toMatchObject({
    environmentVariables: { RELEASE: 'one' },
  });
});

test('an artifact that is not here fails the version and leaves the endpoint where it was', async () => {
  const { control, data } = await start();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(input()));
  await settled(control, agentRuntimeId);
  const gone: CreateAgentRuntimeCommandInput['agentRuntimeArtifact'] = {
    codeConfiguration: {
      code: { s3: { bucket: 'local', prefix: '/does/not/exist' } },
      runtime: 'NODE_22',
      entryPoint: ['index.js'],
    },
  };
  await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: gone, roleArn }));
  expect(await settled(control, agentRuntimeId)).toMatchObject({
    status: 'UPDATE_FAILED',
    failureReason: 'the directory /does/not/exist does not exist',
  });
  expect((await invoke(data, agentRuntimeArn, 'initialize')).release).toBe('one');
  const failed = await control.send(
    new CreateAgentRuntimeCommand(input({ agentRuntimeName: 'other', agentRuntimeArtifact: gone })),
  );
  expect(await settled(control, failed.agentRuntimeId)).toMatchObject({ status: 'CREATE_FAILED' });
});

test('an artifact in Python is run by the Python of this machine', async () => {
  const { control, data } = await start();
  const folder = newFolder();
  writeFileSync(path.join(folder, 'main.py'), PYTHON_SERVER);
  const python = {
    codeConfiguration: {
      code: { s3: { bucket: 'local', prefix: folder } },
      runtime: 'PYTHON_3_13' as const,
      entryPoint: ['main.py'],
    },
  };
  const { agentRuntimeId, agentRuntimeArn } = await control.send(
    new CreateAgentRuntimeCommand(input({ agentRuntimeArtifact: python })),
  );
  await settled(control, agentRuntimeId);
  const answer = await data.send(new InvokeAgentRuntimeCommand({ agentRuntimeArn, payload: Buffer.from('{}') }));
  expect(JSON.parse((await answer.response?.transformToString()) ?? '')).toMatchObject({
    result: { environment: { PYTHONDONTWRITEBYTECODE: '1', RELEASE: 'one' } },
  });
});

test('a number of a version is not used again, and the status is that of the newest version that is left', async () => {
  const { control } = await start();
  const { agentRuntimeId, workloadIdentityDetails } = await control.send(new CreateAgentRuntimeCommand(input()));
  expect(workloadIdentityDetails?.workloadIdentityArn).toMatch(
    /:workload-identity-directory\/default\/workload-identity\/expenses-/,
  );
  await settled(control, agentRuntimeId);
  const folder = newFolder();
  const addon = Buffer.alloc(64);
  addon.writeUInt32BE(0x7f454c46);
  addon.writeUInt16LE(62, 18);
  writeFileSync(path.join(folder, 'addon.node'), addon);
  await control.send(
    new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact(folder), roleArn }),
  );
  expect(await settled(control, agentRuntimeId)).toMatchObject({
    status: 'UPDATE_FAILED',
    failureReason: 'the binary addon.node is for linux/x64; AgentCore runs code on linux/arm64',
  });
  await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '2' }));
  expect(await settled(control, agentRuntimeId)).toMatchObject({ status: 'READY', agentRuntimeVersion: '1' });
  expect(
    await control.send(new UpdateAgentRuntimeCommand({ agentRuntimeId, agentRuntimeArtifact: artifact(), roleArn })),
  ).toMatchObject({ agentRuntimeVersion: '3' });
});

test('an operation that is not simulated says so', async () => {
  const runtime = newRuntime({ artifacts: {} });
  for (const [method, url] of [
    ['GET', '/tags/arn'],
    ['PUT', '/resourcepolicy/arn'],
    ['POST', '/capacity-providers'],
  ] as const) {
    const response = await runtime.fetch(new Request(`http://localhost${url}`, { method }));
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('ValidationException');
    expect(await response.json()).toMatchObject({
      message: expect.stringMatching(/^not simulated by the local runtime: /) as string,
    });
  }
});

test('READY says nothing of whether the server starts, except with V2', async () => {
  const { control } = await start();
  const broken = artifact(newFolder(), 'process.exit(1)');
  const v1 = await control.send(new CreateAgentRuntimeCommand(input({ agentRuntimeArtifact: broken })));
  expect((await settled(control, v1.agentRuntimeId)).status).toBe('READY');
  const v2 = await control.send(
    new CreateAgentRuntimeCommand(
      input({ agentRuntimeName: 'other', agentRuntimeArtifact: broken, platformVersion: 'V2' }),
    ),
  );
  expect(await settled(control, v2.agentRuntimeId)).toMatchObject({
    status: 'CREATE_FAILED',
    failureReason: expect.stringContaining('Runtime health check failed') as string,
  });
});

test('a runtime that is deleted takes its sessions with it', async () => {
  const { control, data, runtime } = await start();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(input()));
  await expect(control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }))).rejects.toMatchObject({
    name: 'ConflictException',
  });
  await settled(control, agentRuntimeId);
  await invoke(data, agentRuntimeArn, 'initialize');
  const stopped = nextStop(runtime);
  expect(await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId }))).toMatchObject({
    status: 'DELETING',
    agentRuntimeId,
  });
  expect((await stopped).reason).toBe('runtime-deleted');
  await expect(control.send(new GetAgentRuntimeCommand({ agentRuntimeId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(runtime.runtimes).toEqual([]);
});

test("the DEFAULT endpoint is the service's own", async () => {
  const { control } = await start();
  const { agentRuntimeId } = await control.send(new CreateAgentRuntimeCommand(input()));
  await settled(control, agentRuntimeId);
  const { runtimeEndpoints } = await control.send(new ListAgentRuntimeEndpointsCommand({ agentRuntimeId }));
  expect(runtimeEndpoints).toMatchObject([{ name: 'DEFAULT', liveVersion: '1', status: 'READY' }]);
  await expect(
    control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'DEFAULT' })),
  ).rejects.toMatchObject({ name: 'ConflictException', message: 'An endpoint with the specified name already exists' });
  for (const command of [
    new UpdateAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' }),
    new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'DEFAULT' }),
  ]) {
    await expect(control.send(command as DeleteAgentRuntimeEndpointCommand)).rejects.toMatchObject({
      name: 'ConflictException',
    });
  }
});

test('an endpoint comes and goes, and its version can be deleted when nothing points to it', async () => {
  const { control, data } = await start();
  const { agentRuntimeId, agentRuntimeArn } = await control.send(new CreateAgentRuntimeCommand(input()));
  await settled(control, agentRuntimeId);
  await control.send(new CreateAgentRuntimeEndpointCommand({ agentRuntimeId, name: 'live', agentRuntimeVersion: '1' }));
  await endpointReady(control, agentRuntimeId, 'live');
  await control.send(
    new UpdateAgentRuntimeCommand({
      agentRuntimeId,
      agentRuntimeArtifact: input().agentRuntimeArtifact,
      roleArn,
      protocolConfiguration: { serverProtocol: 'MCP' },
    }),
  );
  await settled(control, agentRuntimeId);
  await expect(
    control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' })),
  ).rejects.toMatchObject({
    name: 'ConflictException',
    message: 'Version 1 is used by the endpoint live',
  });
  await control.send(new DeleteAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'live' }));
  const gone = (): Promise<string> =>
    control.send(new GetAgentRuntimeEndpointCommand({ agentRuntimeId, endpointName: 'live' })).then(
      () => 'there',
      (error: Error) => error.name,
    );
  while ((await gone()) === 'there') {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(await gone()).toBe('ResourceNotFoundException');
  const answer = await data.send(
    new InvokeAgentRuntimeCommand({
      agentRuntimeArn,
      qualifier: 'live',
      payload: Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'),
    }),
  );
  expect(await answer.response?.transformToString()).toContain('-32004');
  await control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId, agentRuntimeVersion: '1' }));
  expect((await control.send(new ListAgentRuntimeVersionsCommand({ agentRuntimeId }))).agentRuntimes).toHaveLength(1);
});

test('lists have pages', async () => {
  const { control } = await start();
  for (const agentRuntimeName of ['one', 'two', 'three']) {
    await control.send(new CreateAgentRuntimeCommand(input({ agentRuntimeName })));
  }
  const first = await control.send(new ListAgentRuntimesCommand({ maxResults: 2 }));
  const second = await control.send(new ListAgentRuntimesCommand({ maxResults: 2, nextToken: first.nextToken }));
  expect(
    [first, second].map(({ agentRuntimes }) => agentRuntimes?.map(({ agentRuntimeName }) => agentRuntimeName)),
  ).toEqual([['one', 'two'], ['three']]);
  expect(second.nextToken).toBeUndefined();
  await expect(control.send(new ListAgentRuntimesCommand({ maxResults: 101 }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
  await expect(control.send(new ListAgentRuntimesCommand({ nextToken: 'made-up' }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('a request that comes twice with one client token is done once', async () => {
  const { control } = await start();
  const request = input({ clientToken: 'a-client-token-of-more-than-33-characters' });
  const [first, again] = [
    await control.send(new CreateAgentRuntimeCommand(request)),
    await control.send(new CreateAgentRuntimeCommand(request)),
  ];
  expect(again.agentRuntimeId).toBe(first.agentRuntimeId);
  await expect(
    control.send(new CreateAgentRuntimeCommand({ ...request, agentRuntimeName: 'other' })),
  ).rejects.toMatchObject({ name: 'ValidationException', reason: 'IdempotentParameterMismatchException' });
  await expect(control.send(new CreateAgentRuntimeCommand(input()))).rejects.toMatchObject({
    name: 'ConflictException',
  });
});

test.each<[string, Partial<CreateAgentRuntimeCommandInput>, string]>([
  ['a name with a hyphen', { agentRuntimeName: 'my-server' }, 'agentRuntimeName'],
  ['no artifact', { agentRuntimeArtifact: {} as never }, 'AgentArtifact must have exactly one configuration'],
  ['a role that is none', { roleArn: 'role' }, 'roleArn'],
  [
    'an idle timeout below a minute',
    { lifecycleConfiguration: { idleRuntimeSessionTimeout: 59 } },
    'idleRuntimeSessionTimeout',
  ],
  [
    'an idle timeout above the max lifetime',
    { lifecycleConfiguration: { idleRuntimeSessionTimeout: 600, maxLifetime: 300 } },
    'must be less than or equal to maxLifeTime',
  ],
  [
    'an unknown language',
    {
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: 'abc', prefix: 'x' } },
          runtime: 'RUBY_3' as never,
          entryPoint: ['a'],
        },
      },
    },
    'runtime',
  ],
  [
    'a Python entry that is none',
    {
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: 'abc', prefix: 'x' } },
          runtime: 'PYTHON_3_13',
          entryPoint: ['a.js'],
        },
      },
    },
    'Entrypoint file type does not match your selected runtime',
  ],
  [
    'a restricted header',
    { requestHeaderConfiguration: { requestHeaderAllowlist: ['Cookie'] } },
    'Cookie is restricted',
  ],
  [
    'Authorization without an authorizer',
    { requestHeaderConfiguration: { requestHeaderAllowlist: ['Authorization'] } },
    'needs a custom JWT authorizer',
  ],
  [
    'an S3 endpoint that is required',
    {
      networkConfiguration: {
        networkMode: 'VPC',
        networkModeConfig: {
          securityGroups: ['sg-12345678'],
          subnets: ['subnet-12345678'],
          requireServiceS3Endpoint: true,
        },
      },
    },
    'requireServiceS3Endpoint is not supported',
  ],
  [
    'an access point without a VPC',
    {
      networkConfiguration: { networkMode: 'PUBLIC' },
      filesystemConfigurations: [{ efsAccessPoint: { accessPointArn: 'arn', mountPath: '/mnt/a' } }],
    },
    'need networkMode VPC',
  ],
  ['a platform version that does not exist', { platformVersion: 'V9' }, 'must be one of V1, V2, got V9'],
  [
    'a capacity provider',
    { capacityProviderConfiguration: { capacityProviderArn: 'arn' } },
    'not simulated by the local runtime: capacityProviderConfiguration',
  ],
  [
    'workloads that alone may call',
    {
      authorizerConfiguration: {
        customJWTAuthorizer: {
          discoveryUrl: 'https://idp.example/.well-known/openid-configuration',
          allowedWorkloadConfiguration: {},
        },
      },
    },
    'not simulated by the local runtime: allowedWorkloadConfiguration',
  ],
  [
    'two session storages',
    {
      filesystemConfigurations: [
        { sessionStorage: { mountPath: '/mnt/a' } },
        { sessionStorage: { mountPath: '/mnt/b' } },
      ],
    },
    'At most one sessionStorage',
  ],
  ['a mount path elsewhere', { filesystemConfigurations: [{ sessionStorage: { mountPath: '/data/a' } }] }, 'mountPath'],
  [
    'a discovery URL that is none',
    { authorizerConfiguration: { customJWTAuthorizer: { discoveryUrl: 'https://idp.example' } } },
    'discoveryUrl',
  ],
  [
    'too many variables',
    { environmentVariables: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`V${index}`, ''])) },
    'environmentVariables',
  ],
  ['variables that are too large together', { environmentVariables: { A: 'x'.repeat(4096) } }, 'at most 4096 bytes'],
  [
    'variables that are too large for a snapshot',
    { environmentVariables: { A: 'x'.repeat(1600) }, platformVersion: 'V2' },
    'at most 1536 bytes',
  ],
])('what the service refuses is refused: %s', async (_, more, message) => {
  const { control } = await start();
  await expect(control.send(new CreateAgentRuntimeCommand(input(more)))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(message) as string,
    $metadata: { httpStatusCode: 400 },
  });
});

test('runtimes of definitions are there too, and can be updated', async () => {
  const runtime = newRuntime({ runtimes: [sessionServer()] });
  const { url } = await runtime.listen();
  const control = controlClient(url);
  const { agentRuntimes = [] } = await control.send(new ListAgentRuntimesCommand({}));
  expect(agentRuntimes).toMatchObject([{ agentRuntimeName: 'sessions', status: 'READY', agentRuntimeVersion: '1' }]);
  const [{ agentRuntimeId, agentRuntimeArn } = {}] = agentRuntimes;
  await control.send(
    new UpdateAgentRuntimeCommand({ agentRuntimeId, ...input(), agentRuntimeName: undefined } as never),
  );
  await settled(control, agentRuntimeId);
  expect((await invoke(dataClient(url), agentRuntimeArn, 'initialize')).release).toBe('one');
});

describe('what the AWS SDK does not send yet', () => {
  const SERVER_OF_PATH = `
    require('node:http').createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 'Healthy', path: request.url }));
    }).listen(process.env.PORT, process.env.HOST);
  `;
  const create = async (url: string, body: unknown): Promise<{ status: number; body: Record<string, string> }> => {
    const response = await fetch(`${url}/runtimes/`, {
      method: 'PUT',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const open = async (): Promise<string> => (await newRuntime({ artifacts: {} }).listen()).url;

  test('the path and port of its protocol are given back, and the server is called at the path', async () => {
    const url = await open();
    const protocolConfiguration = { serverProtocol: 'HTTP', port: 9000, path: '/chat' };
    const { body } = await create(url, {
      ...input({ agentRuntimeArtifact: artifact(newFolder(), SERVER_OF_PATH) }),
      protocolConfiguration,
    });
    await settled(controlClient(url), body.agentRuntimeId);
    const got = await fetch(`${url}/runtimes/${body.agentRuntimeId}/`);
    expect(await got.json()).toMatchObject({ protocolConfiguration });
    const called = await fetch(`${url}/runtimes/${encodeURIComponent(body.agentRuntimeArn ?? '')}/invocations`, {
      method: 'POST',
      body: '{}',
    });
    expect(await called.json()).toMatchObject({ path: '/chat' });
  });

  test.each([
    ['a port below those allowed', { serverProtocol: 'HTTP', port: 7999 }],
    ['the port of the platform', { serverProtocol: 'HTTP', port: 8443 }],
    ['a path with a query', { serverProtocol: 'HTTP', path: '/chat?a=b' }],
    ['a path that does not begin with a slash', { serverProtocol: 'HTTP', path: 'chat' }],
  ])('is refused: %s', async (_, protocolConfiguration) => {
    const { status, body } = await create(await open(), { ...input(), protocolConfiguration });
    expect([status, body.message]).toEqual([400, expect.stringMatching(/protocolConfiguration\.(port|path)/)]);
  });

  test('a member that is null is one that is left out', async () => {
    const url = await open();
    const { status, body } = await create(url, {
      ...input(),
      description: null,
      lifecycleConfiguration: null,
      authorizerConfiguration: null,
      filesystemConfigurations: null,
      requestHeaderConfiguration: null,
      protocolConfiguration: { serverProtocol: 'MCP', port: null, path: null },
      environmentVariables: { RELEASE: 'one', OTHER: null },
      platformVersion: null,
    });
    expect(status).toBe(202);
    expect(await settled(controlClient(url), body.agentRuntimeId)).toMatchObject({ status: 'READY' });
    const refused = await create(url, { ...input(), roleArn: null });
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining("'roleArn'")]);
  });

  test('a body that is nested too deep is an error of the request', async () => {
    const deep = `{"tags":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    expect(await create(await open(), deep)).toMatchObject({
      status: 400,
      body: { message: 'the body is nested deeper than 64 levels' },
    });
  });
});
