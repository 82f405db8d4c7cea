import type { AwsCredentialSource } from '../common/aws-credentials';
import { StatefulMcpClientError } from '../common/errors';

const STACK = /^stack:(.+)\/([A-Za-z0-9]+)$/;

/** Where and as whom to ask CloudFormation. */
export interface StackLookup {
  /**
   * Region of the stack.
   *
   * @default - of the stack's ARN, of `AWS_REGION`, or of the profile
   */
  readonly region?: string;

  /** @internal */
  readonly credentials?: AwsCredentialSource;
}

/** An output of a CloudFormation stack, and those beside it. */
export interface StackOutput {
  /** What the output says that was named. */
  readonly value: string;
  /** What all outputs of the stack say, by their keys. */
  readonly outputs: ReadonlyMap<string, string>;
}

/**
 * What an output of a CloudFormation stack says, by `cloudformation:DescribeStacks`.
 *
 * @param target - `stack:STACK/OUTPUT`, where `STACK` is a name or an ARN
 * @throws StatefulMcpClientError `ERR_INVALID_TARGET`, `ERR_STACK_OUTPUT`, `ERR_CREDENTIALS`
 */
export async function stackOutput(target: string, { region, credentials }: StackLookup = {}): Promise<StackOutput> {
  const [, stack, output] = STACK.exec(target) ?? [];
  if (stack === undefined || output === undefined) {
    throw new StatefulMcpClientError(
      'ERR_INVALID_TARGET',
      `"${target}" names no output of a stack: pass stack:STACK/OUTPUT with the name (or ARN) of the stack and the key of the output`,
    );
  }
  const outputs = await outputsOf(stack, {
    region: region ?? /^arn:[^:]+:cloudformation:([^:]+):/.exec(stack)?.[1],
    credentials,
  });
  const value = outputs.get(output);
  if (value === undefined) {
    throw new StatefulMcpClientError(
      'ERR_STACK_OUTPUT',
      `the stack ${stack} has no output "${output}"` +
        (outputs.size === 0 ? ': it has none' : `, it has: ${[...outputs.keys()].join(', ')}`),
    );
  }
  return { value, outputs };
}

async function outputsOf(stack: string, { region, credentials }: StackLookup): Promise<Map<string, string>> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient({
    ...(region !== undefined && { region }),
    ...(credentials && { credentials: () => credentials.current() }),
  });
  try {
    const { Stacks: stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return new Map(
      (stacks[0]?.Outputs ?? []).map(({ OutputKey: key = '', OutputValue: value = '' }) => [key, value] as const),
    );
  } catch (cause) {
    throw lookupFailed(stack, cause);
  } finally {
    client.destroy();
  }
}

function lookupFailed(stack: string, cause: unknown): StatefulMcpClientError {
  if (cause instanceof StatefulMcpClientError) {
    return cause;
  }
  const { name, message } = cause instanceof Error ? cause : { name: '', message: String(cause) };
  if (/^(CredentialsProviderError|TokenProviderError)$/.test(name)) {
    return new StatefulMcpClientError(
      'ERR_CREDENTIALS',
      `no AWS credentials to look up the stack ${stack} with (${message}): sign in to AWS, or pass the URL or the ARN instead`,
      { cause },
    );
  }
  if (/region is missing/i.test(message)) {
    return new StatefulMcpClientError(
      'ERR_STACK_OUTPUT',
      `the region of the stack ${stack} is not known: pass \`region\`, or set AWS_REGION`,
      { cause },
    );
  }
  return new StatefulMcpClientError(
    'ERR_STACK_OUTPUT',
    `the outputs of the stack ${stack} could not be looked up (${message}): check its name, the account and the region, and that ` +
      '`cloudformation:DescribeStacks` is allowed',
    { cause },
  );
}
