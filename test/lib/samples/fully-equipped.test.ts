import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ByHandStack } from '../../../samples/fully-equipped/by-hand/stack';
import { FullyEquippedStack } from '../../../samples/fully-equipped/stack';
import { allFindings, nagFindings } from '../fixtures/cdk-nag';

const SAMPLE = path.join(__dirname, '../../../samples/fully-equipped');

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

const stackOf = (kind: typeof FullyEquippedStack | typeof ByHandStack): Stack =>
  new kind(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack');
const resourcesOf = (stack: Stack): Resource[] =>
  Object.values((Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> }).Resources);

const ours = resourcesOf(stackOf(FullyEquippedStack));
const byHand = resourcesOf(stackOf(ByHandStack));

const only = (resources: readonly Resource[], type: string): Record<string, unknown>[] =>
  resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);

function countOf(resources: readonly Resource[], types: readonly string[] = []): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { Type: type } of resources) {
    if (!types.includes(type)) {
      counts[type] = (counts[type] ?? 0) + 1;
    }
  }
  return counts;
}

/** Lines of a program without blanks, comments and imports. */
function linesOf(file: string): string[] {
  const program = readFileSync(path.join(SAMPLE, file), 'utf8')
    .replace(/^import [^;]*;$/gm, '')
    .replace(/^ *\/\*\*.*?\*\/$/gms, '')
    .replace(/^ *\/\/.*$/gm, '');
  return program.split('\n').filter(line => line.trim() !== '');
}

test('it takes 15 lines, and by hand more than ten times as many', () => {
  expect(linesOf('stack.ts').length).toBeLessThanOrEqual(15);
  const byHandLines = [...linesOf('by-hand/stack.ts'), ...linesOf('by-hand/check.ts')];
  expect(byHandLines.length).toBeGreaterThan(250);
});

/** What the program by hand does without, or does otherwise. */
const WITHOUT_COUNTERPART: Readonly<Record<string, string>> = {
  'AWS::ECR::Repository': 'an image without Docker',
  'Custom::ImageAssembly': 'an image without Docker',
  'Custom::McpReleaseCheck': 'the check of a new version, before and after the endpoint moves',
  'AWS::CloudFormation::CustomResource': 'the check by hand, before it moves',
  'AWS::Lambda::Function': 'an image without Docker; the check; the metadata of the authorization server',
  'AWS::Lambda::Permission': 'the metadata of the authorization server, without which Claude Code refuses Cognito',
  'AWS::ApiGatewayV2::Api': 'the metadata of the authorization server',
  'AWS::ApiGatewayV2::Integration': 'the metadata of the authorization server',
  'AWS::ApiGatewayV2::Route': 'the metadata of the authorization server',
  'AWS::ApiGatewayV2::Stage': 'the metadata of the authorization server',
  'AWS::SecretsManager::Secret': 'the key that signs request state',
  // By hand there are more: one resource policy for each stack, of which an account may have 10.
  'AWS::Logs::ResourcePolicy': 'that of Transaction Search alone',
  'AWS::XRay::ResourcePolicy': 'made by the service',
  'AWS::Logs::LogGroup': 'those of the functions, too',
  'AWS::IAM::Role': 'those of the functions, too',
  'AWS::IAM::Policy': 'those of the functions, too',
};
const OTHERWISE = Object.keys(WITHOUT_COUNTERPART);

test('both make the same resources, but for those that are explained', () => {
  expect(countOf(ours, OTHERWISE)).toEqual(countOf(byHand, OTHERWISE));
  const both = new Set([...ours, ...byHand].map(({ Type }) => Type));
  expect(OTHERWISE.filter(type => !both.has(type))).toEqual([]);
});

test('neither spends resource policies but for Transaction Search; by hand it takes one for each stack', () => {
  expect(only(ours, 'AWS::Logs::ResourcePolicy')).toHaveLength(1);
  expect(only(byHand, 'AWS::Logs::ResourcePolicy').length).toBeGreaterThan(1);
});

test.each([
  ['AWS::BedrockAgentCore::Runtime', ['ProtocolConfiguration', 'NetworkConfiguration', 'LifecycleConfiguration']],
  ['AWS::Logs::DeliverySource', ['LogType']],
  ['AWS::Logs::DeliveryDestination', ['DeliveryDestinationType']],
  [
    'AWS::CloudWatch::Alarm',
    ['MetricName', 'Threshold', 'ComparisonOperator', 'Statistic', 'Period', 'TreatMissingData', 'EvaluationPeriods'],
  ],
  [
    'AWS::Cognito::UserPool',
    ['MfaConfiguration', 'EnabledMfas', 'Policies', 'DeletionProtection', 'UserPoolTier', 'AdminCreateUserConfig'],
  ],
  ['AWS::Cognito::UserPoolDomain', ['ManagedLoginVersion']],
  ['AWS::Cognito::UserPoolClient', ['AllowedOAuthFlows', 'GenerateSecret', 'RefreshTokenRotation']],
  ['AWS::XRay::TransactionSearchConfig', ['IndexingPercentage']],
])('%s is the same in %j', (type, properties) => {
  const picked = (resources: readonly Resource[]): unknown[] =>
    only(resources, type).map(resource => properties.map(name => resource[name]));
  expect(picked(ours).length).toBeGreaterThan(0);
  expect(picked(ours)).toEqual(expect.arrayContaining(picked(byHand)));
});

test.each([
  ['ours', ours],
  ['by hand', byHand],
])('%s lets in tokens of the two clients with the scope, and no others', (_program, resources) => {
  const [runtime] = only(resources, 'AWS::BedrockAgentCore::Runtime');
  expect(runtime?.AuthorizerConfiguration).toEqual({
    CustomJWTAuthorizer: {
      DiscoveryUrl: expect.anything() as unknown,
      AllowedClients: [{ Ref: expect.any(String) as unknown }, { Ref: expect.any(String) as unknown }],
      AllowedScopes: [expect.stringMatching(/\/invoke$/)],
    },
  });
});

test('both keep logs for a month', () => {
  for (const resources of [ours, byHand]) {
    const retentions = only(resources, 'AWS::Logs::LogGroup').filter(({ LogGroupName }) => LogGroupName !== undefined);
    expect(retentions.map(({ RetentionInDays }) => RetentionInDays)).toEqual([30, 30]);
  }
});

test('cdk-nag finds nothing of AwsSolutions in it, and something in the program by hand', () => {
  expect(nagFindings(stackOf(FullyEquippedStack))).toEqual([]);
  expect(nagFindings(stackOf(ByHandStack)).length).toBeGreaterThan(0);
});

/** What NIST 800-53 finds by default, and why it is for the user to decide; a test of accounts with rules has the props. */
const LEFT_TO_THE_USER: Readonly<Record<string, string>> = {
  SNSEncryptedKMS: 'the topic is the user’s',
  SecretsManagerRotationEnabled: 'a rotation has to keep the earlier key: `requestStateKey` takes both',
  SecretsManagerUsingKMSKey: 'a key costs money each month: `requestStateKey` takes a secret with one',
  IAMNoInlinePolicy: 'a policy for one role goes with it; roles of the user, which may not be changed, get none',
  CloudWatchLogGroupEncrypted: 'a key costs money each month: `McpLogging.standard({ encryptionKey })`',
  LambdaConcurrency:
    'it takes from those of the account: `ImageAssembler` and `ReleaseChecker` take `reservedConcurrentExecutions`',
  LambdaDLQ:
    'the callers, CloudFormation and clients, get the error: `ImageAssembler` and `ReleaseChecker` take `deadLetterQueue`',
  LambdaInsideVPC: 'they call services of AWS alone, or none: `ImageAssembler` and `ReleaseChecker` take `vpc`',
};

test('NIST 800-53 finds what is left to the user, and no more', () => {
  const found = allFindings(stackOf(FullyEquippedStack)).filter(finding => finding.startsWith('NIST'));
  const rules = found.map(finding => /-(\w+) /.exec(finding)?.[1] ?? finding);
  expect([...new Set(rules)].sort()).toEqual(Object.keys(LEFT_TO_THE_USER).sort());
});
