import { type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { McpAuth, type CognitoAuth, type CognitoAuthOptions } from '../../../lib';
import { greetingServer, unbundledStack } from '../fixtures/stacks';

export const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
export const POOL = 'AWS::Cognito::UserPool';
export const CLIENT = 'AWS::Cognito::UserPoolClient';

/** A stack with a server whose people are in Amazon Cognito. */
export function stackWith(options?: CognitoAuthOptions): { stack: Stack; auth: CognitoAuth; template: Template } {
  const stack = unbundledStack();
  const auth = McpAuth.cognito(options);
  greetingServer(stack, { auth });
  return { stack, auth, template: Template.fromStack(stack) };
}

/** The properties of all clients of the user pool. */
export function clientsOf(template: Template): Record<string, unknown>[] {
  return Object.values(template.findResources(CLIENT)).map(
    client => (client as { Properties: Record<string, unknown> }).Properties,
  );
}
