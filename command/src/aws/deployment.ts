import { resolveTarget, type Endpoint } from 'stateful-mcp-client';
import type { TargetFlags } from '../command-line/invocation';
import { CommandError, EXIT } from '../common/command-error';

/** An endpoint of a runtime, as those see it who operate it. */
export interface Deployment {
  readonly endpoint: Endpoint;
  readonly runtimeId: string;
  /** `undefined` where the target names it by its id alone. */
  readonly arn?: string;
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
  /** Name of the endpoint. */
  readonly qualifier: string;
}

/** Has the AWS SDK, and what reads stacks, take a profile: as if the shell had said so. */
export function useProfile({ auth }: Pick<TargetFlags, 'auth'>): void {
  if (auth.by === 'sigv4' && auth.profile !== undefined) {
    process.env.AWS_PROFILE = auth.profile;
  }
}

/** Finds out which runtime a target is. Rejects for a server that is none. */
export async function deploymentOf({ address, qualifier, region }: TargetFlags): Promise<Deployment> {
  const endpoint = await resolveTarget(address, {
    ...(qualifier !== undefined && { qualifier }),
    ...(region !== undefined && { region }),
  });
  const { runtime } = endpoint;
  if (runtime === undefined) {
    throw new CommandError(
      `${endpoint.url.href} is no runtime of AgentCore: pass its ARN, its invocation URL, or stack:STACK/OUTPUT with one of them`,
      EXIT.usage,
    );
  }
  const found = runtime.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  if (!found) {
    throw new CommandError(
      `the region of ${endpoint.url.href} is not known: set AWS_REGION, or pass the ARN`,
      EXIT.usage,
    );
  }
  const [, partition = 'aws'] = /^arn:([^:]+):/.exec(runtime.runtime) ?? [];
  return {
    endpoint,
    runtimeId: runtime.runtime.replace(/^arn:.*:runtime\//, ''),
    ...(runtime.runtime.startsWith('arn:') && { arn: runtime.runtime }),
    region: found,
    partition,
    qualifier: runtime.qualifier,
  };
}
