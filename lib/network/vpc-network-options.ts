import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IPrefixList, ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';

/**
 * Options of `McpNetwork.vpc()`.
 */
export interface VpcNetworkOptions {
  /**
   * The VPC that the server reaches other services from. Callers reach the server by AgentCore Runtime as before.
   */
  readonly vpc: IVpc;

  /**
   * The subnets in which the server's interfaces are, 1 to 16.
   *
   * Public subnets are refused: interfaces get no public address, so that nothing is reached from there. Isolated ones
   * are refused without `endpoints`. So are subnets in zones of which AgentCore Runtime is known to have none; see
   * `availabilityZoneIds`.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agentcore-vpc.html
   *
   * @default - the private subnets with egress; with `endpoints`, the isolated ones where there are no others
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the server's interfaces, 1 to 16. They must let it out by HTTPS, since its image comes from
   * Amazon ECR and Amazon S3. With `endpoints` they get the rules for that.
   *
   * @default - a new one, which nothing enters
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * Whether the new security group lets everything out. `false` leaves HTTPS: to everywhere, or with `endpoints` to the
   * endpoints alone. More is allowed with `server.runtime.connections.allowTo(...)`.
   *
   * Not with `securityGroups`, which say it themselves.
   *
   * @default - true, and false with `endpoints`
   */
  readonly allowAllOutbound?: boolean;

  /**
   * What becomes of the new security group when it is removed from the template.
   *
   * It is kept by default. The service holds on to interfaces for up to 8 hours after a runtime is deleted. Until then
   * the deletion of their security group fails, and that of the stack with it. A VPC of the same stack cannot be
   * deleted before that either.
   *
   * Not with `securityGroups`.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agentcore-vpc.html
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly securityGroupRemovalPolicy?: RemovalPolicy;

  /**
   * Whether the VPC gets the endpoints that a server needs where there is no NAT gateway: Amazon ECR (`ecr.api` and
   * `ecr.dkr`), Amazon CloudWatch Logs, AWS X-Ray, AgentCore, AWS STS and AWS Secrets Manager, and the gateway endpoint
   * of Amazon S3, where layers of images are.
   *
   * They are made in the VPC once, for all servers in it; those that the app has made there already count. Endpoints of
   * an imported VPC are not known here: leave this out where it has them. AWS bills interface endpoints by the hour and
   * zone.
   *
   * @default false
   */
  readonly endpoints?: boolean;

  /**
   * The prefix list of Amazon S3 in the Region, for the rule that `endpoints` adds to the security groups.
   *
   * @default - it is looked up, for which the stack needs an account and a Region (`env`)
   */
  readonly s3PrefixList?: IPrefixList;

  /**
   * Ids of the availability zones of the account by their names, such as `{ 'us-east-1a': 'use1-az6' }`, as
   * `aws ec2 describe-availability-zones` says them. With them, subnets in zones that AgentCore Runtime does not support
   * are refused before the deployment.
   *
   * @default - a warning in Regions of which not all zones are supported
   */
  readonly availabilityZoneIds?: { [name: string]: string };
}
