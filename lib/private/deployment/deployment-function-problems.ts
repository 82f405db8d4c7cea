import { Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

interface RelatedProps {
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  readonly encryptionKey?: IKeyRef;
  readonly logRetention?: RetentionDays;
  readonly logGroup?: ILogGroup;
  readonly deadLetterQueue?: IQueue;
}

/** What is wrong with the props of a function in the light of each other. */
export function functionPropProblems(props: RelatedProps): string[] {
  const { vpc, vpcSubnets, securityGroups, encryptionKey, logRetention, logGroup, deadLetterQueue } = props;
  return [
    ...(vpc === undefined
      ? given({ vpcSubnets, securityGroups }).map(name => `\`${name}\` is given without \`vpc\`: give the VPC, too`)
      : subnetProblems(vpc, vpcSubnets)),
    ...(logGroup === undefined
      ? []
      : given({ encryptionKey, logRetention }).map(
          name =>
            `\`${name}\` is given, and so is \`logGroup\`, which has its own: say it there, and leave it out here`,
        )),
    ...(deadLetterQueue?.fifo === true
      ? ['`deadLetterQueue` is a FIFO queue, to which AWS Lambda does not send; a standard queue is allowed: give one']
      : []),
  ];
}

function given(values: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(values).filter(name => values[name] !== undefined);
}

/** The VPC knows what it has. Its errors do not say which prop they are about. */
function subnetProblems(vpc: IVpc, vpcSubnets: SubnetSelection | undefined): string[] {
  try {
    return vpc.selectSubnets(vpcSubnets).hasPublic
      ? [
          '`vpcSubnets` has public subnets, where a function reaches neither the internet nor AWS; private ones are allowed: give those',
        ]
      : [];
  } catch (error) {
    return [`\`vpcSubnets\` selects no subnets of \`vpc\` (${(error as Error).message}): give others`];
  }
}

/**
 * What is wrong with the place of a function that a server uses: the template of the server names it.
 *
 * @param prop - what names the function
 */
export function placeProblems(prop: string, server: Construct, given: Construct | undefined): string[] {
  if (given === undefined) {
    return [];
  }
  const own = Stack.of(server);
  const other = Stack.of(given);
  if (other.node.root !== own.node.root) {
    return [
      `\`${prop}\` is ${given.node.path} of another app; one of this app is allowed: make it in a stack of this app`,
    ];
  }
  return other.environment === own.environment
    ? []
    : [
        `\`${prop}\` is ${given.node.path} in ${other.environment}, and the server is in ${own.environment}; one in the same account and Region is allowed: make one there`,
      ];
}
