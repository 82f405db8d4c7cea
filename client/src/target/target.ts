import type { AwsCredentialSource } from '../common/aws-credentials';
import { endpointOf, type Endpoint } from '../common/endpoint';
import { StatefulMcpClientError } from '../common/errors';
import { runtimeUrl } from './runtime-arn';
import { serverUrl } from './server-url';
import { stackOutput } from './stack-output';

/**
 * What to connect to: a URL, the ARN of a runtime of Amazon Bedrock AgentCore or of one of its endpoints, or
 * `stack:STACK/OUTPUT`. The last is an output of a CloudFormation stack that has one of the two.
 */
export type Target = string | URL;

/** How a target is found. */
export interface TargetOptions {
  /**
   * Endpoint of the runtime that an ARN names: its name, or a version. Goes with an ARN, or with an output that has one.
   *
   * @default - the endpoint that the ARN names, else `DEFAULT`
   */
  readonly qualifier?: string;

  /**
   * Region of the stack that `stack:STACK/OUTPUT` names.
   *
   * @default - that of the stack's ARN, of `AWS_REGION`, or of the AWS profile
   */
  readonly region?: string;

  /**
   * Where the data plane of AgentCore is, for an ARN: a local runtime, or an endpoint in a VPC.
   *
   * @default - `AWS_ENDPOINT_URL_BEDROCK_AGENTCORE`, `AWS_ENDPOINT_URL`, or the public endpoint of the ARN's region
   */
  readonly endpointUrl?: string;

  /** @internal */
  readonly credentials?: AwsCredentialSource;
}

/**
 * Finds out where a target is.
 *
 * @throws StatefulMcpClientError `ERR_INVALID_URL`, `ERR_INVALID_TARGET`, `ERR_INVALID_OPTION`, `ERR_STACK_OUTPUT`,
 * `ERR_CREDENTIALS`
 */
export async function resolveTarget(target: Target, options: TargetOptions = {}): Promise<Endpoint> {
  const text = String(target);
  if (text.startsWith('stack:')) {
    const { value } = await stackOutput(text, options);
    if (!value.startsWith('arn:') && !/^https?:/.test(value)) {
      throw new StatefulMcpClientError(
        'ERR_STACK_OUTPUT',
        `the output ${text} is "${value}", which is neither a URL nor the ARN of a runtime: name another output`,
      );
    }
    return place(value, options);
  }
  return place(text, options);
}

function place(text: string, options: TargetOptions): Endpoint {
  if (text.startsWith('arn:')) {
    return endpointOf(runtimeUrl(text, options));
  }
  const url = serverUrl(text);
  if (options.qualifier !== undefined) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      '`qualifier` goes with an ARN: a URL has it as its query parameter `qualifier`',
    );
  }
  return endpointOf(url);
}
