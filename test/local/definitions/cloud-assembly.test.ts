import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DynamoDBClient, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { LocalRuntime, LocalRuntimeOptions } from 'stateful-mcp-local';
import {
  imageRuntimeResource,
  newFolder,
  PYTHON_SERVER,
  runtimeResource,
  tableResource,
  writeAssembly,
} from '../assembly';
import { failingServer, McpEndpoint, newRuntime, sessionServer, type Described } from '../running';

const parent = { ...process.env };
beforeAll(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) {
      Reflect.deleteProperty(process.env, name);
    }
  }
});
afterAll(() => {
  Object.assign(process.env, parent);
});

async function start(assembly: string, options: Partial<LocalRuntimeOptions> = {}): Promise<LocalRuntime> {
  const runtime = newRuntime({ assembly, ...options });
  await runtime.ready;
  return runtime;
}

async function describe_(runtime: LocalRuntime, name = 'my_mcp'): Promise<Described> {
  const response = await runtime.fetch(new Request(`http://localhost/${name}/mcp`, { method: 'POST', body: '{}' }));
  return ((await response.json()) as { result: Described }).result;
}

test.each(['53.0.0', '54.0.0', '55.0.0'])('a runtime is served from its asset (schema %s)', async version => {
  const folder = writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource() } } } }, {}, version);
  const runtime = await start(folder);
  expect(runtime.runtimes).toEqual([
    {
      name: 'my_mcp',
      arn: expect.stringMatching(
        /^arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime\/my_mcp-[0-9a-z]{10}$/,
      ) as string,
      invocationPath: expect.stringMatching(/^\/runtimes\/arn%3Aaws.*\/invocations\?qualifier=DEFAULT$/) as string,
      idleTimeoutSeconds: 900,
      maxLifetimeSeconds: 28_800,
      version: '1',
      directory: expect.stringMatching(/asset\.code$/) as string,
      source: undefined,
    },
  ]);
  const { cwd } = await describe_(runtime);
  expect(cwd).toBe(realpathSync(runtime.runtimes[0]?.directory ?? ''));
  // A copy, so that nothing above it is found, and nothing is written into what is deployed.
  expect(cwd.startsWith(realpathSync(folder))).toBe(false);
  await runtime.close();
  expect(existsSync(cwd)).toBe(false);
});

test('the ARN is the same in every run, and another one for another stack', async () => {
  const arns: string[] = [];
  for (const stack of ['Stack', 'Stack', 'Other']) {
    const runtime = await start(
      writeAssembly({ [stack]: { template: { Resources: { Server: runtimeResource() } } } }),
      { pooledProcesses: 0 },
    );
    arns.push(runtime.runtimes[0]?.arn as string);
  }
  expect(arns[0]).toBe(arns[1]);
  expect(arns[2]).not.toBe(arns[0]);
});

test('lifecycle, account and region come from template and stack', async () => {
  const Server = runtimeResource({ LifecycleConfiguration: { IdleRuntimeSessionTimeout: 120, MaxLifetime: 3600 } });
  const runtime = await start(
    writeAssembly({ Stack: { template: { Resources: { Server } }, environment: 'aws://111122223333/cn-north-1' } }),
  );
  expect(runtime.runtimes[0]).toMatchObject({ idleTimeoutSeconds: 120, maxLifetimeSeconds: 3600 });
  expect(runtime.runtimes[0]?.arn).toMatch(/^arn:aws-cn:bedrock-agentcore:cn-north-1:111122223333:runtime\//);
  expect((await describe_(runtime)).environment.AWS_REGION).toBe('cn-north-1');
});

test('references in the environment have the values of here', async () => {
  const Server = runtimeResource({
    EnvironmentVariables: {
      PLAIN: 'text',
      TABLE: { Ref: 'Expenses' },
      TABLE_ARN: { 'Fn::GetAtt': ['Expenses', 'Arn'] },
      NAMED: { Ref: 'Named' },
      URL: {
        'Fn::Join': [
          '',
          ['https://x.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/', { Ref: 'AWS::StackName' }],
        ],
      },
      STAGE: { Ref: 'Stage' },
      SELF: { 'Fn::GetAtt': ['Server', 'AgentRuntimeArn'] },
    },
  });
  const template = {
    Resources: {
      Server,
      Expenses: tableResource(),
      Named: tableResource({ TableName: 'named' }, 'AWS::DynamoDB::GlobalTable'),
    },
    Parameters: { Stage: { Type: 'String', Default: 'test' } },
  };
  const runtime = await start(writeAssembly({ Stack: { template, stackName: 'Deployed' } }));
  const { environment } = await describe_(runtime);
  expect(environment).toMatchObject({
    PLAIN: 'text',
    TABLE: 'Deployed-Expenses',
    TABLE_ARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/Deployed-Expenses',
    NAMED: 'named',
    URL: 'https://x.us-east-1.amazonaws.com/Deployed',
    STAGE: 'test',
    SELF: runtime.runtimes[0]?.arn,
    AWS_ENDPOINT_URL_DYNAMODB: runtime.tables()[0]?.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  expect(runtime.tables().map(({ name, logicalId }) => [name, logicalId])).toEqual([
    ['Deployed-Expenses', 'Expenses'],
    ['named', 'Named'],
  ]);
});

test('a key for request state that exists only on AWS stays there', async () => {
  const key = { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Key' }, ':SecretString:::}}']] };
  const template = {
    Resources: {
      Server: runtimeResource({ EnvironmentVariables: { STATEFUL_MCP_REQUEST_STATE_KEY: key } }),
      Key: { Type: 'AWS::SecretsManager::Secret' },
    },
  };
  const { environment } = await describe_(await start(writeAssembly({ Stack: { template } })));
  expect(Buffer.from(environment.STATEFUL_MCP_REQUEST_STATE_KEY ?? '', 'base64').length).toBeGreaterThanOrEqual(32);
});

test('credentials that are there are left alone', async () => {
  const runtime = await start(
    writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(), Expenses: tableResource() } } } }),
    { environment: { AWS_PROFILE: 'work' } },
  );
  const { environment } = await describe_(runtime);
  expect(environment.AWS_PROFILE).toBe('work');
  expect(environment).not.toHaveProperty('AWS_ACCESS_KEY_ID');
});

test('without tables there is no DynamoDB', async () => {
  const runtime = await start(writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource() } } } }));
  const { environment } = await describe_(runtime);
  expect(environment).not.toHaveProperty('AWS_ENDPOINT_URL_DYNAMODB');
  expect(environment).not.toHaveProperty('AWS_ACCESS_KEY_ID');
  expect(runtime.tables()).toEqual([]);
});

test('exports of another stack and outputs of a nested one are found', async () => {
  const Server = runtimeResource({
    EnvironmentVariables: {
      TABLE: { 'Fn::ImportValue': 'Data:Table' },
      NESTED: { 'Fn::GetAtt': ['Nested', 'Outputs.Name'] },
    },
  });
  const nested = {
    Resources: {
      Inner: tableResource({ TableName: { Ref: 'Given' } }),
      Deep: runtimeResource({ AgentRuntimeName: 'deep' }),
    },
    Parameters: { Given: { Type: 'String' } },
    Outputs: { Name: { Value: { Ref: 'Inner' } } },
  };
  const folder = writeAssembly(
    {
      App: {
        template: {
          Resources: {
            Server,
            Nested: {
              Type: 'AWS::CloudFormation::Stack',
              Properties: { Parameters: { Given: { 'Fn::Join': ['-', ['given', { Ref: 'AWS::Region' }]] } } },
              Metadata: { 'aws:asset:path': 'nested.template.json' },
            },
          },
        },
      },
      Data: {
        template: {
          Resources: { Table: tableResource() },
          Outputs: { Out: { Value: { Ref: 'Table' }, Export: { Name: { 'Fn::Sub': 'Data:Table' } } } },
        },
      },
    },
    { 'nested.template.json': JSON.stringify(nested) },
  );
  const runtime = await start(folder);
  expect((await describe_(runtime)).environment).toMatchObject({ TABLE: 'Data-Table', NESTED: 'given-us-east-1' });
  expect(runtime.runtimes.map(({ name }) => name)).toEqual(['my_mcp', 'deep']);
});

test('a variable that refers to something on AWS is an error that names it, and is supplied from outside', async () => {
  const Server = runtimeResource({
    EnvironmentVariables: { BUCKET: { 'Fn::Join': ['/', [{ Ref: 'Files' }, 'prefix']] } },
  });
  const folder = writeAssembly({ Stack: { template: { Resources: { Server, Files: { Type: 'AWS::S3::Bucket' } } } } });
  await expect(newRuntime({ assembly: folder }).ready).rejects.toMatchObject({
    code: 'ERR_UNRESOLVED_REFERENCE',
    message:
      'runtime `my_mcp`: its environment variable `BUCKET` is Ref: Files (AWS::S3::Bucket), which exists only on AWS; ' +
      "give the value to use here: `environment: { BUCKET: '...' }`",
  });
  const runtime = await start(folder, { environment: { BUCKET: 'local-bucket' } });
  expect((await describe_(runtime)).environment.BUCKET).toBe('local-bucket');
});

test('a parameter that comes from SSM has no value here', async () => {
  const Server = runtimeResource({ EnvironmentVariables: { KEY: { Ref: 'Key' } } });
  const folder = writeAssembly({
    Stack: {
      template: {
        Resources: { Server },
        Parameters: { Key: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/key' } },
      },
    },
  });
  await expect(newRuntime({ assembly: folder }).ready).rejects.toMatchObject({
    code: 'ERR_UNRESOLVED_REFERENCE',
    message: expect.stringContaining('Ref: Key (parameter)') as string,
  });
});

test('Stages are read, each with tables of its own; runtimes of one name are told apart by their stacks', async () => {
  const stage = (name: string): Record<string, string> => ({
    [`assembly-${name}/manifest.json`]: JSON.stringify({
      version: '53.0.0',
      artifacts: {
        Stack: {
          type: 'aws:cloudformation:stack',
          properties: { templateFile: 'Stack.template.json', stackName: `${name}-Stack` },
        },
        Assets: { type: 'cdk:asset-manifest', properties: { file: 'Stack.assets.json' } },
      },
    }),
    [`assembly-${name}/Stack.template.json`]: JSON.stringify({
      Resources: {
        Server: runtimeResource({ EnvironmentVariables: { TABLE: { Ref: 'Table' } } }),
        Table: tableResource({ TableName: 'expenses' }),
      },
    }),
    [`assembly-${name}/Stack.assets.json`]: JSON.stringify({
      files: {
        code: {
          source: { path: '../asset.code', packaging: 'zip' },
          destinations: { here: { objectKey: 'code.zip' } },
        },
      },
    }),
  });
  const folder = writeAssembly(
    {},
    {
      ...stage('Dev'),
      ...stage('Prod'),
      'manifest.json': JSON.stringify({
        version: '53.0.0',
        artifacts: Object.fromEntries(
          ['Dev', 'Prod'].map(name => [
            `assembly-${name}`,
            { type: 'cdk:cloud-assembly', properties: { directoryName: `assembly-${name}`, displayName: name } },
          ]),
        ),
      }),
    },
  );
  const runtime = await start(folder);
  expect(runtime.runtimes.map(({ name }) => name)).toEqual(['Dev-Stack-my_mcp', 'Prod-Stack-my_mcp']);
  expect(new Set(runtime.tables().map(({ endpoint }) => endpoint)).size).toBe(2);
  const [dev, prod] = [await describe_(runtime, 'Dev-Stack-my_mcp'), await describe_(runtime, 'Prod-Stack-my_mcp')];
  expect(dev.environment.TABLE).toBe('expenses');
  expect(dev.environment.AWS_ENDPOINT_URL_DYNAMODB).not.toBe(prod.environment.AWS_ENDPOINT_URL_DYNAMODB);
  await expect(runtime.scanTable('expenses')).rejects.toMatchObject({
    code: 'ERR_UNKNOWN_TABLE',
    message: expect.stringContaining('more than one Stage has a table named `expenses`') as string,
  });
});

test('endpoints of the template can be called by their qualifier', async () => {
  const Live = {
    Type: 'AWS::BedrockAgentCore::RuntimeEndpoint',
    Properties: { AgentRuntimeId: { 'Fn::GetAtt': ['Server', 'AgentRuntimeId'] }, Name: 'live' },
  };
  const Elsewhere = {
    Type: 'AWS::BedrockAgentCore::RuntimeEndpoint',
    Properties: { AgentRuntimeId: { 'Fn::ImportValue': 'other-app' }, Name: 'other' },
  };
  const runtime = await start(
    writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(), Live, Elsewhere } } } }),
  );
  const call = async (qualifier: string): Promise<object> => {
    const url = `http://localhost${runtime.runtimes[0]?.invocationPath.replace('DEFAULT', qualifier)}`;
    return (await (await runtime.fetch(new Request(url, { method: 'POST', body: '{}' }))).json()) as object;
  };
  expect(await call('live')).toHaveProperty('result');
  expect(await call('other')).toMatchObject({ error: { code: -32004 } });
});

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
  const runtime = await start(folder, {
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

test('the log says what differs from AgentCore: the version of Node.js, and traces', async () => {
  const lines: string[] = [];
  const folder = writeAssembly({
    Stack: {
      template: {
        Resources: {
          Server: runtimeResource({}, { EntryPoint: ['opentelemetry-instrument', 'server.mjs'], Runtime: 'NODE_99' }),
        },
      },
    },
  });
  await start(folder, { log: ({ line }) => lines.push(line) });
  expect(lines).toEqual([
    'runs without `opentelemetry-instrument`, which has nowhere to send traces here',
    `AgentCore runs it with Node.js 99, here it runs with ${process.version}`,
  ]);
});

test('a Python runtime runs with python3 and writes nothing into its asset', async () => {
  const Server = runtimeResource({}, { EntryPoint: ['main.py'], Runtime: 'PYTHON_3_13' });
  const lines: string[] = [];
  const runtime = await start(
    writeAssembly({ Stack: { template: { Resources: { Server } } } }, { 'asset.code/main.py': PYTHON_SERVER }),
    { log: ({ line }) => lines.push(line) },
  );
  const response = await runtime.fetch(
    new Request('http://localhost/mcp', { method: 'POST', body: '{}', headers: { 'content-length': '2' } }),
  );
  expect(((await response.json()) as { result: Described }).result.environment).toMatchObject({
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  });
  expect(lines).toContain('python is starting');
});

describe('an image that the deployment makes of a program', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
  });
  const startImage = (program: object, files?: Readonly<Record<string, string>>): Promise<LocalRuntime> =>
    start(writeAssembly({ Stack: { template: { Resources: { Server: imageRuntimeResource(program) } } } }, files), {
      log: ({ line }) => lines.push(line),
    });

  test('is served by the program, from the asset, with the environment of the image', async () => {
    const { cwd, environment } = await describe_(await startImage({ environment: { OF_THE_IMAGE: 'yes' } }));
    expect(path.basename(cwd)).toBe('asset.code');
    expect(environment).toMatchObject({ OF_THE_IMAGE: 'yes' });
  });

  test('in Python is run by the Python of this machine', async () => {
    const runtime = await startImage(
      { command: ['python3', 'main.py'], environment: { PYTHONUNBUFFERED: '1' } },
      { 'asset.code/main.py': PYTHON_SERVER },
    );
    const response = await runtime.fetch(
      new Request('http://localhost/mcp', { method: 'POST', body: '{}', headers: { 'content-length': '2' } }),
    );
    expect(((await response.json()) as { result: Described }).result.environment).toMatchObject({
      PYTHONDONTWRITEBYTECODE: '1',
    });
    expect(lines).toContain('python is starting');
  });

  test('starts without the tracing that has nowhere to send to', async () => {
    const register = '@aws/aws-distro-opentelemetry-node-autoinstrumentation/register';
    await describe_(await startImage({ command: ['node', '--require', register, 'server.mjs'] }));
    expect(lines).toEqual([
      expect.stringContaining(`runs without \`${register}\`, which has nowhere to send traces here`),
    ]);
  });

  test('has the time to start that a container has', async () => {
    const { ready } = newRuntime({
      assembly: writeAssembly({
        Stack: { template: { Resources: { Server: imageRuntimeResource({ command: ['node', 'missing.js'] }) } } },
      }),
    });
    await expect(ready).rejects.toMatchObject({
      code: 'ERR_ENTRY_NOT_FOUND',
      message: expect.stringMatching(
        /^runtime `my_mcp`: its program "missing\.js" is not in its asset .* would get: Runtime initialization time exceeded\. .* 120s\.$/s,
      ) as string,
    });
  });
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

test('a definition with the name of a runtime takes the place of its artifact and leaves the rest', async () => {
  const Server = runtimeResource({
    AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: 'image' } },
    EnvironmentVariables: { FROM_TEMPLATE: 'yes', OVERRIDDEN: 'template' },
    LifecycleConfiguration: { IdleRuntimeSessionTimeout: 120 },
  });
  const runtime = await start(writeAssembly({ Stack: { template: { Resources: { Server } } } }), {
    runtimes: [
      sessionServer({ name: 'my_mcp', environment: { OVERRIDDEN: 'definition' } }),
      sessionServer({ name: 'another' }),
    ],
  });
  expect(runtime.runtimes).toMatchObject([
    { name: 'my_mcp', idleTimeoutSeconds: 120 },
    { name: 'another', idleTimeoutSeconds: 900 },
  ]);
  const listener = await runtime.listen();
  expect((await new McpEndpoint(`${listener.url}/my_mcp/mcp`).describe()).environment).toMatchObject({
    FROM_TEMPLATE: 'yes',
    OVERRIDDEN: 'definition',
  });
});

test('nothing of a failed start is left, tables included', async () => {
  const folder = writeAssembly({
    Stack: { template: { Resources: { Server: runtimeResource(), T: tableResource() } } },
  });
  const runtime = newRuntime({ assembly: folder, runtimes: [failingServer('exits')] });
  await expect(runtime.ready).rejects.toMatchObject({ code: 'ERR_SERVER_EXITED' });
  await expect(fetch(runtime.tables()[0]?.endpoint as string)).rejects.toThrow();
});

describe('tables', () => {
  const Expenses = tableResource({
    KeySchema: [
      { AttributeName: 'userAlias', KeyType: 'HASH' },
      { AttributeName: 'expenseId', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['userAlias', 'expenseId', 'month'].map(AttributeName => ({
      AttributeName,
      AttributeType: 'S',
    })),
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byMonth',
        KeySchema: [{ AttributeName: 'month', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'own',
        KeySchema: [
          { AttributeName: 'userAlias', KeyType: 'HASH' },
          { AttributeName: 'month', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });

  test('have the keys and indexes of the template, and can be read', async () => {
    const runtime = await start(
      writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(), Expenses } } } }),
    );
    const [{ name, endpoint } = { name: '', endpoint: '' }] = runtime.tables();
    const client = new DynamoDBClient({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    try {
      const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
      expect(table?.KeySchema).toEqual([
        { AttributeName: 'userAlias', KeyType: 'HASH' },
        { AttributeName: 'expenseId', KeyType: 'RANGE' },
      ]);
      expect(table?.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'byMonth' }]);
      expect(table?.LocalSecondaryIndexes).toMatchObject([
        { IndexName: 'own', Projection: { ProjectionType: 'KEYS_ONLY' } },
      ]);
      const { PutItemCommand } = await import('@aws-sdk/client-dynamodb');
      await client.send(
        new PutItemCommand({
          TableName: name,
          Item: {
            userAlias: { S: 'ana' },
            expenseId: { S: '1' },
            amount: { N: '12.5' },
            tags: { SS: ['a'] },
            paid: { BOOL: true },
          },
        }),
      );
    } finally {
      client.destroy();
    }
    expect(await runtime.scanTable(name)).toEqual([
      { userAlias: 'ana', expenseId: '1', amount: 12.5, tags: new Set(['a']), paid: true },
    ]);
    await expect(runtime.scanTable('expenses')).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_TABLE',
      message: `there is no table named \`expenses\`; the tables are: Stack-Expenses (${endpoint})`,
    });
  });
});
