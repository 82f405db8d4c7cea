import { CfnParameter } from 'aws-cdk-lib';
import { FoundationModel, FoundationModelIdentifier } from 'aws-cdk-lib/aws-bedrock';
import { BedrockModelGrants } from '../../../lib';
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

test.each(['us', 'eu', 'apac', 'global', 'us-gov'])('an inference profile of %s, with its model anywhere', prefix => {
  const stack = unbundledStack();
  const server = greetingServer(stack);
  BedrockModelGrants.fromModelId(stack, `${prefix}.anthropic.claude-haiku-4-5-v1:0`).invoke(server);
  const [profile, model] = permissionsOf(stack, server.role)[ACTION] as unknown[];
  expect(JSON.stringify(profile)).toContain(`:inference-profile/${prefix}.anthropic.claude-haiku-4-5-v1:0`);
  expect(JSON.stringify(model)).toContain(':bedrock:*::foundation-model/anthropic.claude-haiku-4-5-v1:0');
});

test('what is no model is refused', () => {
  const stack = unbundledStack();
  expect(errorOf(() => BedrockModelGrants.fromModel('a' as never))).toContain('`model` is "a"; an IModel is allowed');
  expect(errorOf(() => BedrockModelGrants.fromModelId(stack, ''))).toContain('`modelId` is empty');
  expect(errorOf(() => BedrockModelGrants.fromModelId(stack, new CfnParameter(stack, 'Id').valueAsString))).toContain(
    '`modelId` is a token',
  );
  expect(errorOf(() => BedrockModelGrants.fromModelId(stack, 'a').invoke({} as never))).toContain('`grantee` is');
});
