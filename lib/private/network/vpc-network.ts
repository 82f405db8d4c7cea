import { RemovalPolicy } from 'aws-cdk-lib';
import { RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import {
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  type IPrefixList,
  type ISecurityGroup,
  type IVpc,
  type SelectedSubnets,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { prefixList, removalPolicy, securityGroup, subnetSelection, vpc as vpcKind } from '../common/cdk-kinds';
import { refuse } from '../common/construct-error';
import { regionProblems } from '../platform/same-region';
import { describedPath } from '../permissions/described-path';
import { flag, listOf, optional, options as optionsKind, textMap, type Kinds } from '../common/kinds';
import {
  addServiceEndpoints,
  allowServiceEndpoints,
  lookUpPrefixList,
  prefixListProblems,
  routeTableProblems,
} from './service-endpoints';
import { securityGroupProblems, subnetProblems, warnOfUnknownZones } from './subnet-problems';

/** The options of `McpNetwork.vpc()`, which documents them. */
interface VpcOptions {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  readonly allowAllOutbound?: boolean;
  readonly securityGroupRemovalPolicy?: RemovalPolicy;
  readonly endpoints?: boolean;
  readonly s3PrefixList?: IPrefixList;
  readonly availabilityZoneIds?: Record<string, string>;
}

const OPTIONS: Kinds<VpcOptions> = {
  vpc: vpcKind,
  vpcSubnets: optional(subnetSelection),
  securityGroups: optional(listOf(securityGroup, 'security groups')),
  allowAllOutbound: optional(flag),
  securityGroupRemovalPolicy: optional(removalPolicy),
  endpoints: optional(flag),
  s3PrefixList: optional(prefixList),
  availabilityZoneIds: optional(textMap),
};

/** Interfaces in a VPC: checked, with a security group, and with endpoints where they are asked for. */
export function vpcNetwork(scope: Construct, options: VpcOptions): RuntimeNetworkConfiguration {
  refuse(scope, optionsKind(OPTIONS)(options, 'options'));
  const { vpc, securityGroups: given = [], endpoints = false, availabilityZoneIds: zoneIds = {} } = options;
  refuse(
    scope,
    regionProblems(scope, {
      vpc,
      ...Object.fromEntries(given.map((group, index) => [`securityGroups[${index}]`, group])),
    }),
  );
  const { subnets, isPendingLookup } = selectionOf(options);
  refuse(scope, [
    ...(isPendingLookup === true ? [] : subnetProblems(scope, { vpc, subnets, endpoints, zoneIds })),
    ...securityGroupProblems(options.securityGroups),
    ...doubledProblems(options),
    ...(endpoints && options.s3PrefixList === undefined ? prefixListProblems(scope) : []),
    ...(endpoints ? routeTableProblems(vpc, subnets) : []),
  ]);
  warnOfUnknownZones(scope, { vpc, subnets, endpoints, zoneIds });

  const securityGroups = options.securityGroups ?? [newSecurityGroup(scope, options)];
  if (endpoints && subnets.length > 0) {
    addServiceEndpoints(vpc, subnets);
    allowServiceEndpoints(securityGroups, vpc, options.s3PrefixList ?? lookUpPrefixList(scope));
  }
  return RuntimeNetworkConfiguration.usingVpc(scope, { vpc, vpcSubnets: { subnets }, securityGroups });
}

/** While a VPC is being looked up, its subnets are made up: an error about them would end the lookup. */
function selectionOf({ vpc, vpcSubnets, endpoints }: VpcOptions): SelectedSubnets {
  const isIsolated = endpoints === true && vpc.privateSubnets.length === 0;
  const subnetType = isIsolated ? SubnetType.PRIVATE_ISOLATED : SubnetType.PRIVATE_WITH_EGRESS;
  return vpc.selectSubnets(vpcSubnets ?? { subnetType });
}

function doubledProblems({ securityGroups, allowAllOutbound, securityGroupRemovalPolicy }: VpcOptions): string[] {
  return Object.entries({ allowAllOutbound, securityGroupRemovalPolicy }).flatMap(([option, value]) =>
    securityGroups === undefined || value === undefined
      ? []
      : [
          `\`${option}\` is given with \`securityGroups\`, and is that of the group that is made without them: leave it out`,
        ],
  );
}

/** What it has to be let out for, although nothing else is: image, logs and traces. */
function newSecurityGroup(scope: Construct, options: VpcOptions): SecurityGroup {
  const { vpc, endpoints = false, allowAllOutbound = !endpoints } = options;
  const group = new SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    allowAllOutbound,
    description: `Interfaces of the MCP server ${describedPath(scope)}`,
  });
  if (!allowAllOutbound && !endpoints) {
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS services: image, logs and traces');
  }
  group.applyRemovalPolicy(options.securityGroupRemovalPolicy ?? RemovalPolicy.RETAIN);
  return group;
}
