import { existsSync, realpathSync } from 'node:fs';
import { PYTHON_SERVER, runtimeResource, tableResource, writeAssembly } from '../assembly';
import { failingServer, McpEndpoint, newRuntime, sessionServer, type Described } from '../running';
import { describedBy, startAssembly } from './assembly-runtime';

test.each(['53.0.0', '54.0.0', '55.0.0'])('a runtime is served from its asset (schema %s)', async version => {
  const folder = writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource() } } } }, {}, version);
  const runtime = await startAssembly(folder);
  expect(runtime.runtimes).toEqual([
    {
      name: 'my_mcp',
      command: [process.execPath, 'server.mjs'],
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
  const { cwd } = await describedBy(runtime);
  expect(cwd).toBe(realpathSync(runtime.runtimes[0]?.directory ?? ''));
  // A copy, so that nothing above it is found, and nothing is written into what is deployed.
  expect(cwd.startsWith(realpathSync(folder))).toBe(false);
  await runtime.close();
  expect(existsSync(cwd)).toBe(false);
});

test('the ARN is the same in every run, and another one for another stack', async () => {
  const arns: string[] = [];
  for (const stack of ['Stack', 'Stack', 'Other']) {
    const runtime = await startAssembly(
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
  const runtime = await startAssembly(
    writeAssembly({ Stack: { template: { Resources: { Server } }, environment: 'aws://111122223333/cn-north-1' } }),
  );
  expect(runtime.runtimes[0]).toMatchObject({ idleTimeoutSeconds: 120, maxLifetimeSeconds: 3600 });
  expect(runtime.runtimes[0]?.arn).toMatch(/^arn:aws-cn:bedrock-agentcore:cn-north-1:111122223333:runtime\//);
  expect((await describedBy(runtime)).environment.AWS_REGION).toBe('cn-north-1');
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
  const runtime = await startAssembly(folder);
  expect(runtime.runtimes.map(({ name }) => name)).toEqual(['Dev-Stack-my_mcp', 'Prod-Stack-my_mcp']);
  expect(new Set(runtime.tables().map(({ endpoint }) => endpoint)).size).toBe(2);
  const [dev, prod] = [await describedBy(runtime, 'Dev-Stack-my_mcp'), await describedBy(runtime, 'Prod-Stack-my_mcp')];
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
  const runtime = await startAssembly(
    writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(), Live, Elsewhere } } } }),
  );
  const call = async (qualifier: string): Promise<object> => {
    const url = `http://localhost${runtime.runtimes[0]?.invocationPath.replace('DEFAULT', qualifier)}`;
    return (await (await runtime.fetch(new Request(url, { method: 'POST', body: '{}' }))).json()) as object;
  };
  expect(await call('live')).toHaveProperty('result');
  expect(await call('other')).toMatchObject({ error: { code: -32004 } });
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
  await startAssembly(folder, { log: ({ line }) => lines.push(line) });
  expect(lines).toEqual([
    'runs without `opentelemetry-instrument`, which has nowhere to send traces here',
    `AgentCore runs it with Node.js 99, here it runs with ${process.version}`,
  ]);
});

test('the log says that the version of Python differs', async () => {
  const Server = runtimeResource({}, { EntryPoint: ['main.py'], Runtime: 'PYTHON_3_99' });
  const lines: string[] = [];
  const folder = writeAssembly(
    { Stack: { template: { Resources: { Server } } } },
    { 'asset.code/main.py': PYTHON_SERVER },
  );
  await startAssembly(folder, { log: ({ line }) => lines.push(line) });
  expect(lines).toContainEqual(
    expect.stringMatching(/^AgentCore runs it with Python 3\.99, here it runs with Python 3\./),
  );
});

test('a Python runtime runs with python3 and writes nothing into its asset', async () => {
  const Server = runtimeResource({}, { EntryPoint: ['main.py'], Runtime: 'PYTHON_3_13' });
  const lines: string[] = [];
  const runtime = await startAssembly(
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

test('a definition with the name of a runtime takes the place of its artifact and leaves the rest', async () => {
  const Server = runtimeResource({
    AgentRuntimeArtifact: { ContainerConfiguration: { ContainerUri: 'image' } },
    EnvironmentVariables: { FROM_TEMPLATE: 'yes', OVERRIDDEN: 'template' },
    LifecycleConfiguration: { IdleRuntimeSessionTimeout: 120 },
  });
  const runtime = await startAssembly(writeAssembly({ Stack: { template: { Resources: { Server } } } }), {
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
