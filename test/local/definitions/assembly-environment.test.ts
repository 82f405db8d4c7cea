import { runtimeResource, tableResource, writeAssembly } from '../assembly';
import { newRuntime } from '../running';
import { describedBy, startAssembly } from './assembly-runtime';

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
  const runtime = await startAssembly(writeAssembly({ Stack: { template, stackName: 'Deployed' } }));
  const { environment } = await describedBy(runtime);
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
  const { environment } = await describedBy(await startAssembly(writeAssembly({ Stack: { template } })));
  expect(Buffer.from(environment.STATEFUL_MCP_REQUEST_STATE_KEY ?? '', 'base64').length).toBeGreaterThanOrEqual(32);
});

test('credentials that are there are left alone', async () => {
  const runtime = await startAssembly(
    writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(), Expenses: tableResource() } } } }),
    { environment: { AWS_PROFILE: 'work' } },
  );
  const { environment } = await describedBy(runtime);
  expect(environment.AWS_PROFILE).toBe('work');
  expect(environment).not.toHaveProperty('AWS_ACCESS_KEY_ID');
});

test('without tables there is no DynamoDB', async () => {
  const runtime = await startAssembly(
    writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource() } } } }),
  );
  const { environment } = await describedBy(runtime);
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
  const runtime = await startAssembly(folder);
  expect((await describedBy(runtime)).environment).toMatchObject({ TABLE: 'Data-Table', NESTED: 'given-us-east-1' });
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
  const runtime = await startAssembly(folder, { environment: { BUCKET: 'local-bucket' } });
  expect((await describedBy(runtime)).environment.BUCKET).toBe('local-bucket');
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
