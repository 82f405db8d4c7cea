import {
  CreateAgentRuntimeCommand,
  type CreateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { newFolder } from '../assembly';
import { controlClient } from '../aws-clients';
import { newRuntime } from '../running';
import { artifact, createInput, settled, startPlanes } from './planes';

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
  const { control } = await startPlanes();
  await expect(control.send(new CreateAgentRuntimeCommand(createInput(more)))).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(message) as string,
    $metadata: { httpStatusCode: 400 },
  });
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
      ...createInput({ agentRuntimeArtifact: artifact(newFolder(), SERVER_OF_PATH) }),
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
    const { status, body } = await create(await open(), { ...createInput(), protocolConfiguration });
    expect([status, body.message]).toEqual([400, expect.stringMatching(/protocolConfiguration\.(port|path)/)]);
  });

  test('ports, hooks and memory are given back', async () => {
    const url = await open();
    const members = {
      platformVersion: 'V2',
      allowedPorts: [{ port: 9000 }, { portRange: { from: 9100, to: 9199 } }],
      hooksConfiguration: { build: { warmup: { action: { httpPost: { path: '/warmup', port: 9000 } } } } },
      resourceConfigurations: [{ minimumMemoryInMiB: 4096 }],
      authorizerConfiguration: {
        customJWTAuthorizer: {
          discoveryUrl: 'https://idp.example/.well-known/oauth-authorization-server/tenant',
          allowedClients: ['a'],
        },
      },
    };
    const { status, body } = await create(url, { ...createInput(), ...members });
    expect(status).toBe(202);
    await settled(controlClient(url), body.agentRuntimeId);
    const got = await fetch(`${url}/runtimes/${body.agentRuntimeId}/`);
    expect(await got.json()).toMatchObject(members);
  });

  test.each<[string, object, string]>([
    ['an allowed port of the platform', { allowedPorts: [{ port: 8443 }] }, 'allowedPorts'],
    ['an allowed port out of range', { allowedPorts: [{ port: 7999 }] }, 'allowedPorts.1.member.port'],
    ['no allowed port', { allowedPorts: [] }, 'allowedPorts'],
    [
      'six of them',
      { allowedPorts: Array.from({ length: 6 }, (_, index) => ({ port: 9000 + index })) },
      'allowedPorts',
    ],
    ['one that is both', { allowedPorts: [{ port: 9000, portRange: { from: 9000, to: 9001 } }] }, 'exactly one member'],
    [
      'ports that overlap',
      { allowedPorts: [{ port: 9000 }, { portRange: { from: 8999, to: 9001 } }] },
      'must not overlap',
    ],
    [
      'a hook without V2',
      { hooksConfiguration: { build: { warmup: { action: { httpPost: { path: '/warmup' } } } } } },
      'need platformVersion V2',
    ],
    [
      'a hook that is too long',
      {
        platformVersion: 'V2',
        hooksConfiguration: { build: { warmup: { action: { httpPost: { path: `/${'a'.repeat(32)}` } } } } },
      },
      'hooksConfiguration.build.warmup.action.httpPost.path',
    ],
    [
      'two resource configurations',
      { resourceConfigurations: [{ minimumMemoryInMiB: 1 }, { minimumMemoryInMiB: 2 }] },
      'resourceConfigurations',
    ],
    ['memory without an amount', { resourceConfigurations: [{}] }, 'minimumMemoryInMiB'],
    [
      'a discovery document with a query',
      {
        authorizerConfiguration: {
          customJWTAuthorizer: { discoveryUrl: 'https://idp.example/.well-known/openid-configuration?a=b' },
        },
      },
      'discoveryUrl',
    ],
  ])('is refused: %s', async (_, members, message) => {
    const { status, body } = await create(await open(), { ...createInput(), ...members });
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test('a member that is null is one that is left out', async () => {
    const url = await open();
    const { status, body } = await create(url, {
      ...createInput(),
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
    const refused = await create(url, { ...createInput(), roleArn: null });
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
