import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges what cdk-nag (AwsSolutions-IAM5) finds in a policy whose wildcards cannot be narrowed, each with its
 * reason. Only for policies that nobody else adds to: a role may have findings of its owner, which have to stay.
 *
 * `Validations.acknowledge()` would be the way, but before aws-cdk-lib 2.262 it refuses ids with more than one `::`,
 * and the ARN of an environment-agnostic stack has three (`<AWS::Partition>`). It writes this same metadata.
 */
export function acknowledgeWildcards(policy: IConstruct, reasons: Record<string, string>): void {
  const acknowledge = (): void => {
    const findings = Object.entries(reasons).map(
      ([arn, reason]) => [`AwsSolutions-IAM5[Resource::${asFound(Stack.of(policy).resolve(arn))}]`, reason] as const,
    );
    const key = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
    // The last entry counts.
    const known = policy.node.metadata.filter(({ type }) => type === key).at(-1)?.data as Acknowledged | undefined;
    if (findings.some(([finding, reason]) => known?.[finding] !== reason)) {
      policy.node.addMetadata(key, { ...known, ...Object.fromEntries(findings) });
    }
  };
  acknowledge();
  // What is of another stack is a reference to an export by then, and is found as that.
  policy.node.addValidation({
    validate: () => {
      acknowledge();
      return [];
    },
  });
}

/** A value as cdk-nag prints it (`flattenCfnReference`): `<AWS::Region>` where the template has a reference. */
function asFound(resolved: unknown): string {
  if (typeof resolved === 'string') {
    return resolved.replaceAll('${', '<').replaceAll('}', '>');
  }
  const {
    Ref: reference,
    'Fn::Join': join,
    'Fn::Sub': substituted,
    'Fn::GetAtt': attribute,
    'Fn::ImportValue': imported,
  } = (resolved ?? {}) as Intrinsic;
  if (join !== undefined) {
    return join[1].map(asFound).join(join[0]);
  }
  if (substituted !== undefined) {
    return asFound(substituted);
  }
  if (attribute !== undefined) {
    return `<${attribute.map(asFound).join('.')}>`;
  }
  if (imported !== undefined) {
    return asFound(imported);
  }
  return reference === undefined ? JSON.stringify(resolved) : `<${reference}>`;
}

type Acknowledged = Readonly<Record<string, string>>;

interface Intrinsic {
  readonly Ref?: string;
  readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
  readonly 'Fn::Sub'?: unknown;
  readonly 'Fn::GetAtt'?: readonly unknown[];
  readonly 'Fn::ImportValue'?: unknown;
}
