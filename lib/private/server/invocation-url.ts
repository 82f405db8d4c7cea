import { Fn, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The endpoint that AgentCore Runtime gives every runtime and moves to each new version. */
export const DEFAULT_ENDPOINT = 'DEFAULT';

/** The endpoint that a verified release makes. */
export const LIVE_ENDPOINT = 'live';

/** CreateAgentRuntimeEndpoint, `EndpointName`. */
const ENDPOINT_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,47}$/;

export interface InvocationUrlOptions {
  /** @default - that of the stack */
  readonly region?: string;
  /** @default DEFAULT */
  readonly endpointName?: string;
}

/**
 * Where clients send their requests. The runtime's ARN is one segment of the path, hence escaped;
 * it is known to CloudFormation alone, hence escaped by splitting and joining.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-mcp.html
 */
export function invocationUrl(scope: IConstruct, runtimeArn: string, options: InvocationUrlOptions = {}): string {
  const { urlSuffix, region: ownRegion } = Stack.of(scope);
  const { region = ownRegion, endpointName = DEFAULT_ENDPOINT } = options;
  const escapedArn = Token.isUnresolved(runtimeArn)
    ? replaceAll(replaceAll(runtimeArn, ':', '%3A'), '/', '%2F')
    : encodeURIComponent(runtimeArn);
  return `https://bedrock-agentcore.${region}.${urlSuffix}/runtimes/${escapedArn}/invocations?qualifier=${endpointName}`;
}

function replaceAll(text: string, search: string, replacement: string): string {
  return Fn.join(replacement, Fn.split(search, text));
}

/** What is wrong with the name of an endpoint that somebody has made. */
export function endpointProblems(endpointName: string): string[] {
  return Token.isUnresolved(endpointName) || ENDPOINT_NAME.test(endpointName)
    ? []
    : [
        `\`endpointName\` is ${JSON.stringify(endpointName)}; letters, digits and underscores are allowed, 48 at most, with a letter first: give the name of an endpoint of the runtime`,
      ];
}
