import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKeyRef } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

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
