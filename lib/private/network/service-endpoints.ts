import { Stack, Token } from 'aws-cdk-lib';
import {
  CfnVPCEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  Peer,
  Port,
  PrefixList,
  type IPrefixList,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/**
 * What a server needs without a NAT: its image, its logs and its traces, and the identity of its callers.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/agentcore-vpc.html
 */
const SERVICES: Readonly<Record<string, InterfaceVpcEndpointAwsService>> = {
  Ecr: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  CloudWatchLogs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  XRay: InterfaceVpcEndpointAwsService.XRAY,
  BedrockAgentCore: InterfaceVpcEndpointAwsService.BEDROCK_AGENTCORE,
  Sts: InterfaceVpcEndpointAwsService.STS,
  SecretsManager: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
};

/**
 * Adds the endpoints that a VPC does not have yet: they are the VPC's, and serve all runtimes in it. Those that other
 * constructs of the app have made in it count; what an imported VPC has is not known.
 */
export function addServiceEndpoints(vpc: IVpc, subnets: readonly ISubnet[]): void {
  const isThere = endpointsOf(vpc);
  for (const [id, service] of Object.entries(SERVICES)) {
    if (!isThere(service.shortName)) {
      vpc.addInterfaceEndpoint(`StatefulMcp${id}`, { service, subnets: { subnets: [...subnets], onePerAz: true } });
    }
  }
  if (!isThere('s3')) {
    vpc.addGatewayEndpoint('StatefulMcpS3', {
      service: GatewayVpcEndpointAwsService.S3,
      subnets: [{ subnets: [...subnets] }],
    });
  }
}

/**
 * Lets security groups out to the endpoints. That is to the addresses of the VPC, where interface endpoints have
 * theirs, and to the prefix list of Amazon S3, which a gateway endpoint routes. The layers of an image come from S3.
 */
export function allowServiceEndpoints(
  securityGroups: readonly ISecurityGroup[],
  vpc: IVpc,
  prefixList: IPrefixList,
): void {
  for (const securityGroup of securityGroups) {
    securityGroup.addEgressRule(Peer.ipv4(vpc.vpcCidrBlock), Port.tcp(443), 'Endpoints of AWS services in the VPC');
    securityGroup.addEgressRule(
      Peer.prefixList(prefixList.prefixListId),
      Port.tcp(443),
      'Amazon S3, where layers of images are',
    );
  }
}

/** An imported VPC need not know its route tables, through which the endpoint of Amazon S3 is reached. */
export function routeTableProblems(vpc: IVpc, subnets: readonly ISubnet[]): string[] {
  const isKnown = (subnet: ISubnet): boolean => (subnet.routeTable.routeTableId as string | undefined) !== undefined;
  return subnets.length === 0 || endpointsOf(vpc)('s3') || subnets.some(isKnown)
    ? []
    : [
        '`endpoints` needs the route tables of the subnets, and `vpc` does not know them; a VPC that does is allowed: say them in `Vpc.fromVpcAttributes` (`privateSubnetRouteTableIds`, `isolatedSubnetRouteTableIds`), or take `Vpc.fromLookup`',
      ];
}

/** Why the prefix list of Amazon S3 cannot be looked up here. */
export function prefixListProblems(scope: Construct): string[] {
  const { account, region } = Stack.of(scope);
  return Token.isUnresolved(account) || Token.isUnresolved(region)
    ? [
        '`endpoints` needs the prefix list of Amazon S3, which is looked up in an account and a Region, and the stack has neither: give the stack an `env`, or say `s3PrefixList`, such as `PrefixList.fromPrefixListId(...)`',
      ]
    : [];
}

export function lookUpPrefixList(scope: Construct): IPrefixList {
  return PrefixList.fromLookup(scope, 'S3PrefixList', {
    prefixListName: `com.amazonaws.${Stack.of(scope).region}.s3`,
  });
}

/** Whether constructs of the app have made an endpoint in a VPC, by the short name of its service. */
function endpointsOf(vpc: IVpc): (shortName: string) => boolean {
  const names = vpc.node
    .findAll()
    .filter(child => child instanceof CfnVPCEndpoint)
    .map(endpoint => textOf(Stack.of(endpoint).resolve(endpoint.serviceName)));
  return shortName => names.some(name => name.endsWith(`.${shortName}`));
}

/** A name with the Region in it is joined by the deployment. */
function textOf(value: unknown): string {
  const { 'Fn::Join': join } = (typeof value === 'object' && value !== null ? value : {}) as {
    'Fn::Join'?: readonly [string, readonly unknown[]];
  };
  const parts = join?.[1] ?? [value];
  return parts.map(part => (typeof part === 'string' ? part : '')).join('');
}
