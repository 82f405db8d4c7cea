import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ExpenseTrackerStack } from '../../bin/expense-tracker-stack';
import { nagFindings } from './fixtures/cdk-nag';

function demoApp(context: Record<string, unknown> = {}): { app: App; template: () => Template } {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [], ...context } });
  const stack = new ExpenseTrackerStack(app, 'ExpenseTracker');
  return { app, template: () => Template.fromStack(stack) };
}

test('the server knows its table, and may use it', () => {
  const template = demoApp().template();
  const [table] = Object.keys(template.findResources('AWS::DynamoDB::Table'));
  template.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
    ProtocolConfiguration: 'MCP',
    EnvironmentVariables: { TABLE_NAME: { Ref: table } },
  });
  template.hasResourceProperties('AWS::DynamoDB::Table', {
    KeySchema: [
      { AttributeName: 'userAlias', KeyType: 'HASH' },
      { AttributeName: 'expenseId', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: Match.arrayWith(['dynamodb:Query', 'dynamodb:PutItem']) }),
      ]),
    },
  });
  template.hasOutput('Url', {});
  template.hasOutput('RuntimeArn', {});
  template.hasOutput('TableName', { Value: { Ref: table } });
});

test('with `python`, the same server in Python stands beside it, on the same table', () => {
  const template = demoApp({ python: '3.12' }).template();
  const [table] = Object.keys(template.findResources('AWS::DynamoDB::Table'));
  template.resourceCountIs('AWS::BedrockAgentCore::Runtime', 2);
  template.allResourcesProperties('AWS::BedrockAgentCore::Runtime', {
    EnvironmentVariables: { TABLE_NAME: { Ref: table } },
  });
});

test('it may not call models', () => {
  expect(JSON.stringify(demoApp().template().toJSON())).not.toMatch(/bedrock:Invoke|BEDROCK_MODEL_ID/);
});

test.each([
  ['amazon.nova-lite-v1:0', [':bedrock:', '::foundation-model/amazon.nova-lite-v1:0']],
  [
    'us.amazon.nova-lite-v1:0',
    [':inference-profile/us.amazon.nova-lite-v1:0', ':bedrock:*::foundation-model/amazon.nova-lite-v1:0'],
  ],
])('it may call the model %s, and that alone, when asked to', (bedrockModelId, parts) => {
  const template = demoApp({ bedrockModelId }).template();
  template.hasResourceProperties('AWS::BedrockAgentCore::Runtime', {
    EnvironmentVariables: { BEDROCK_MODEL_ID: bedrockModelId },
  });
  const statements = Object.values(template.findResources('AWS::IAM::Policy'))
    .flatMap(
      policy =>
        (policy.Properties as { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } })
          .PolicyDocument.Statement,
    )
    .filter(({ Action }) => JSON.stringify(Action).includes('bedrock:InvokeModel'));
  expect(statements).toHaveLength(1);
  for (const part of parts) {
    expect(JSON.stringify(statements[0]?.Resource)).toContain(part);
  }
});

test('cdk-nag finds nothing', () => {
  expect(nagFindings(demoApp().app)).toEqual([]);
});
