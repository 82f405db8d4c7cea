import { Fn, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Where clients send their requests. The runtime's ARN is one segment of the path, hence escaped;
 * it is known to CloudFormation alone, hence escaped by splitting and joining.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-mcp.html
 */
export function invocationUrl(scope: IConstruct, runtimeArn: string): string {
  const { region, urlSuffix } = Stack.of(scope);
  const escapedArn = replaceAll(replaceAll(runtimeArn, ':', '%3A'), '/', '%2F');
  return `https://bedrock-agentcore.${region}.${urlSuffix}/runtimes/${escapedArn}/invocations?qualifier=${DEFAULT_ENDPOINT}`;
}

function replaceAll(text: string, search: string, replacement: string): string {
  return Fn.join(replacement, Fn.split(search, text));
}

/** The endpoint that AgentCore Runtime gives every runtime and moves to each new version. */
export const DEFAULT_ENDPOINT = 'DEFAULT';
