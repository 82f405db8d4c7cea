import path from 'node:path';
import type * as cdk from 'aws-cdk-lib';
import type * as agentcore from 'aws-cdk-lib/aws-bedrockagentcore';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as assets from 'aws-cdk-lib/aws-s3-assets';
import { closeClients, connectClient, textOf } from '../../server/clients';
import { newFolder } from '../assembly';
import { bundleConversationServer } from '../fixtures/conversation';
import { startRuntime } from '../running';

const loaders = {
  minimum: async () => ({
    cdk: await import('aws-cdk-lib'),
    agentcore: await import('aws-cdk-lib/aws-bedrockagentcore'),
    dynamodb: await import('aws-cdk-lib/aws-dynamodb'),
    assets: await import('aws-cdk-lib/aws-s3-assets'),
  }),
  newest: async () => ({
    cdk: (await import('aws-cdk-lib-latest')) as unknown as typeof cdk,
    agentcore: (await import('aws-cdk-lib-latest/aws-bedrockagentcore')) as unknown as typeof agentcore,
    dynamodb: (await import('aws-cdk-lib-latest/aws-dynamodb')) as unknown as typeof dynamodb,
    assets: (await import('aws-cdk-lib-latest/aws-s3-assets')) as unknown as typeof assets,
  }),
};

afterEach(closeClients);

/**
 * An app with a data stack and a server stack, once by itself and once in a Stage, with and without a fixed account and
 * region.
 */
async function synthesize(version: keyof typeof loaders, server: string): Promise<string> {
  const { cdk, agentcore, dynamodb, assets } = await loaders[version]();
  const outdir = path.join(newFolder(), 'cdk.out');
  const app = new cdk.App({ outdir, ...(version === 'newest' && { builtinCloudFormationValidation: false }) });
  const deploy = (scope: cdk.App | cdk.Stage, env?: cdk.Environment): void => {
    const data = new cdk.Stack(scope, 'Data', { env });
    const table = new dynamodb.Table(data, 'Words', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    });
    const stack = new cdk.Stack(scope, 'App', { env });
    const code = new assets.Asset(stack, 'Code', { path: server });
    new agentcore.CfnRuntime(stack, 'Server', {
      agentRuntimeName: 'conversation',
      protocolConfiguration: 'MCP',
      agentRuntimeArtifact: {
        codeConfiguration: {
          code: { s3: { bucket: code.s3BucketName, prefix: code.s3ObjectKey } },
          entryPoint: ['index.js'],
          runtime: 'NODE_22',
        },
      },
      networkConfiguration: { networkMode: 'PUBLIC' },
      roleArn: `arn:${stack.partition}:iam::${stack.account}:role/server`,
      lifecycleConfiguration: { idleRuntimeSessionTimeout: 600 },
      environmentVariables: {
        TABLE_NAME: table.tableName,
        TABLE_ARN: table.tableArn,
        HOME_PAGE: `https://example.${stack.urlSuffix}/${stack.region}/${stack.account}`,
      },
    });
  };
  deploy(app);
  deploy(new cdk.Stage(app, 'Production'), { account: '111122223333', region: 'eu-west-1' });
  app.synth();
  return outdir;
}

test.each(['minimum', 'newest'] as const)('what aws-cdk-lib synthesizes is served as it is (%s)', async version => {
  const folder = newFolder();
  bundleConversationServer(folder);
  const { runtime, url } = await startRuntime({ assembly: await synthesize(version, folder), runtimes: [] });
  expect(runtime.runtimes).toMatchObject([
    { name: 'App-conversation', idleTimeoutSeconds: 600, maxLifetimeSeconds: 28_800 },
    {
      name: 'Production-App-conversation',
      arn: expect.stringMatching(/^arn:aws:bedrock-agentcore:eu-west-1:111122223333:runtime\/conversation-/) as string,
    },
  ]);
  const client = await connectClient('SDK v2 legacy', url + runtime.runtimes[1]?.invocationPath);
  const stored = textOf(await client.call('store', { word: 'hello' }));
  const tables = runtime.tables();
  expect(tables).toHaveLength(2);
  expect(stored).toBe(`stored in ${tables[1]?.name}`);
  expect(await runtime.scanTable(tables[1]?.name as string)).toEqual([{ id: 'hello' }]);
  expect(await runtime.scanTable(tables[0]?.name as string)).toEqual([]);
});
