// What `npm run integ` deploys: the sample for callers who sign, the same for those with a token, and a server that tells
// what the platform does with it. Everything is removed with its stack.
import path from 'node:path';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { AllowedPort, McpAuth, McpServerCode, StatefulMcpServer } from '../../lib';
import { RUNTIMES, STACK } from './names';

const app = new App();
const stack = new Stack(app, STACK);
const table = new Table(stack, 'Expenses', {
  partitionKey: { name: 'userAlias', type: AttributeType.STRING },
  sortKey: { name: 'expenseId', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  removalPolicy: RemovalPolicy.DESTROY,
});
const sample = McpServerCode.fromTypeScript(
  path.join(__dirname, '..', '..', 'samples', 'expense-tracker', 'server.ts'),
  {
    mainFields: ['module', 'main'],
  },
);
const environment = { TABLE_NAME: table.tableName };
const removalPolicy = RemovalPolicy.DESTROY;

const signed = new StatefulMcpServer(stack, 'Signed', {
  runtimeName: RUNTIMES.signed,
  code: sample,
  environment,
  removalPolicy,
});
table.grantReadWriteData(signed.role);
new CfnOutput(stack, 'SignedUrl', { value: signed.url });

const probe = new StatefulMcpServer(stack, 'Probe', {
  runtimeName: RUNTIMES.probe,
  code: McpServerCode.fromTypeScript(path.join(__dirname, 'probe-server.ts')),
  allowedPorts: [AllowedPort.single(8000)],
  removalPolicy,
});
new CfnOutput(stack, 'ProbeUrl', { value: probe.url });

// The rehearsal has no user pool.
if (app.node.tryGetContext('rehearsal') === undefined) {
  const auth = McpAuth.cognito({ machineClient: true, removalPolicy: RemovalPolicy.DESTROY });
  const tokens = new StatefulMcpServer(stack, 'Tokens', {
    runtimeName: RUNTIMES.tokens,
    code: sample,
    environment,
    auth,
    removalPolicy,
  });
  table.grantReadWriteData(tokens.role);
  new CfnOutput(stack, 'TokensUrl', { value: tokens.url });
  new CfnOutput(stack, 'UserPoolId', { value: auth.userPool.userPoolId });
  new CfnOutput(stack, 'MachineClientId', { value: auth.machineClient?.userPoolClientId ?? '' });
}
