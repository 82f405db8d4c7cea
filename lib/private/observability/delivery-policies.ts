import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface DeliveryProps {
  readonly manageDeliveryResourcePolicy?: boolean;
}

/** What the L2 construct makes in the stack, for all runtimes there. */
const POLICIES = ['CdkLogGroupLogsDeliveryPolicy', 'CdkXRayLogsDeliveryPolicy'];

/** The prop of the L2 construct for it, which the oldest that is supported lacks. */
export function deliveryProps({ manageDeliveryResourcePolicy }: DeliveryProps): DeliveryProps {
  return { manageDeliveryResourcePolicy };
}

/** The resource policies for deliveries in the stack of a server. */
export function deliveryPolicies(scope: Construct): readonly string[] {
  return POLICIES.filter(id => Stack.of(scope).node.tryFindChild(id) !== undefined);
}

/** @param before - the policies that there were before the runtime was made */
export function deliveryProblems(
  scope: Construct,
  { manageDeliveryResourcePolicy }: DeliveryProps,
  before: readonly string[],
): string[] {
  return manageDeliveryResourcePolicy === false && deliveryPolicies(scope).length > before.length
    ? [
        '`manageDeliveryResourcePolicy` is false, and this version of aws-cdk-lib makes resource policies all the same: update aws-cdk-lib, or leave it out',
      ]
    : [];
}
