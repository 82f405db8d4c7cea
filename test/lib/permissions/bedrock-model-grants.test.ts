import { CfnParameter } from 'aws-cdk-lib';
import { FoundationModel, FoundationModelIdentifier, ProvisionedModel } from 'aws-cdk-lib/aws-bedrock';
import { BedrockModelGrants, ImageAssembler, ReleaseChecker } from '../../../lib';
import { errorOf, greetingServer, permissionsOf, unbundledStack } from '../fixtures/stacks';

const ACTION = 'bedrock:InvokeModel';

test('a model of the L2 construct', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  const model = FoundationModel.fromFoundationModelId(
    stack,
    'Model',
    FoundationModelIdentifier.ANTHROPIC_CLAUDE_3_HAIKU_20240307_V1_0,
  );
  BedrockModelGrants.fromModel(model).invoke(server).assertSuccess();
  const permissions = permissionsOf(stack, server.role);
  expect(permissions[ACTION]).toEqual(stack.resolve(model.modelArn));
  expect(permissions['bedrock:InvokeModelWithResponseStream']).toEqual(stack.resolve(model.modelArn));
});

test('a model by its id', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  BedrockModelGrants.fromModelId(stack, 'anthropic.claude-haiku-4-5-v1:0').invoke(server);
  expect(JSON.stringify(permissionsOf(stack, server.role)[ACTION])).toContain(
    '::foundation-model/anthropic.claude-haiku-4-5-v1:0',
  );
});

test.each(['us', 'eu', 'apac', 'global', 'us-gov', 'sa', 'il'])(
  'an inference profile of %s, with its model anywhere',
  prefix => {
    const stack = unbundledStack();
    const server = greetingServer(stack);
    BedrockModelGrants.fromModelId(stack, `${prefix}.anthropic.claude-haiku-4-5-v1:0`).invoke(server);
    const [profile, model] = permissionsOf(stack, server.role)[ACTION] as unknown[];
    expect(JSON.stringify(profile)).toContain(`:inference-profile/${prefix}.anthropic.claude-haiku-4-5-v1:0`);
    expect(JSON.stringify(model)).toContain(':bedrock:*::foundation-model/anthropic.claude-haiku-4-5-v1:0');
  },
);

test('what is no model is refused', () => {
  const stack = unbundledStack();
  expect(errorOf(() => BedrockModelGrants.fromModel('a' as never))).toContain('`model` is "a"; an IModel is allowed');
  expect(errorOf(() => BedrockModelGrants.fromModelId(stack, new CfnParameter(stack, 'Id').valueAsString))).toContain(
    '`modelId` is a token',
  );
  expect(errorOf(() => BedrockModelGrants.fromModelId(stack, 'a.b').invoke({} as never))).toContain('`grantee` is');
});

test.each([
  'zai.glm-4.6',
  'minimax.minimax-m2.1',
  'deepseek.v3-v1:0',
  'ai21.jamba-1-5-large-v1:0',
  'openai.gpt-oss-120b-1:0',
  'amazon.nova-pro-v1:0:300k',
])('%s is the id of a model', modelId => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  BedrockModelGrants.fromModelId(stack, modelId).invoke(server);
  const arn = permissionsOf(stack, server.role)[ACTION];
  expect(arn).toEqual({
    'Fn::Join': [
      '',
      ['arn:', { Ref: 'AWS::Partition' }, ':bedrock:', { Ref: 'AWS::Region' }, `::foundation-model/${modelId}`],
    ],
  });
});

test.each([
  '',
  ' anthropic.claude-haiku-4-5-v1:0',
  'claude-haiku-4-5',
  'anthropic/claude-haiku-4.5',
  'Anthropic.Claude',
  'anthropic.claude*',
  'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-v1:0',
  'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl',
])('%j is none', modelId => {
  expect(errorOf(() => BedrockModelGrants.fromModelId(unbundledStack(), modelId))).toContain(
    `\`modelId\` is ${JSON.stringify(modelId)}; the id of a model such as`,
  );
});

test('what has an ARN of its own is given by that', () => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl';
  BedrockModelGrants.fromModel(ProvisionedModel.fromProvisionedModelArn(stack, 'Profile', arn)).invoke(server);
  expect(permissionsOf(stack, server.role)[ACTION]).toBe(arn);
});

test.each([undefined, null, 'anthropic.claude-haiku-4-5-v1:0', {}])('a scope that is %j is refused', scope => {
  const id = 'anthropic.claude-haiku-4-5-v1:0';
  expect(errorOf(() => BedrockModelGrants.fromModelId(scope as never, id))).toMatch(
    /^`scope` is .*; a construct is allowed: pass `this`/,
  );
  for (const made of [ImageAssembler, ReleaseChecker]) {
    expect(errorOf(() => made.of(scope as never))).toContain('; a construct is allowed');
  }
});
