import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { CfnSubnet, type ISubnet, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { hasOtherZones, supportedZones } from './zones';

/** `networkModeConfig` in the service model of CreateAgentRuntime: how many subnets, and how many security groups. */
const MOST_SUBNETS = 16;
const MOST_SECURITY_GROUPS = 16;

export interface ChosenSubnets {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  /** Whether the services that a server needs have endpoints in the VPC. */
  readonly endpoints: boolean;
  /** Id of each zone of the account, by its name. */
  readonly zoneIds: Readonly<Record<string, string>>;
}

/** Subnets from which a server would reach nothing, or that the service would refuse. */
export function subnetProblems(scope: Construct, chosen: ChosenSubnets): string[] {
  const { vpc, subnets, endpoints } = chosen;
  if (subnets.length === 0 || subnets.length > MOST_SUBNETS) {
    return [`\`vpcSubnets\` chooses ${subnets.length} subnets; 1 to ${MOST_SUBNETS} are allowed: choose others`];
  }
  const problems = subnets.flatMap(subnet => {
    if (has(vpc.publicSubnets, subnet)) {
      return [
        `\`vpcSubnets\` chooses the public subnet ${nameOf(subnet)}, and the interfaces of a runtime get no public address: it reaches no service from there. Private subnets with egress are allowed, such as \`{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }\`: choose those`,
      ];
    }
    if (has(vpc.isolatedSubnets, subnet) && !endpoints) {
      return [
        `\`vpcSubnets\` chooses the isolated subnet ${nameOf(subnet)}, from which a runtime fetches no image and writes no log. Private subnets with egress are allowed, or isolated ones with endpoints: choose others, or set \`endpoints: true\``,
      ];
    }
    return [];
  });
  return [...problems, ...zoneProblems(scope, chosen)];
}

export function securityGroupProblems(securityGroups: readonly unknown[] | undefined): string[] {
  return securityGroups === undefined || (securityGroups.length >= 1 && securityGroups.length <= MOST_SECURITY_GROUPS)
    ? []
    : [
        `\`securityGroups\` has ${securityGroups.length} entries; 1 to ${MOST_SECURITY_GROUPS} are allowed: leave it out to have one made`,
      ];
}

/** Ids are those of all accounts, names those of one: `us-east-1a` is another zone in each. */
function zoneProblems(scope: Construct, { subnets, zoneIds }: ChosenSubnets): string[] {
  const { region } = Stack.of(scope);
  const supported = Token.isUnresolved(region) ? undefined : supportedZones(region);
  if (supported === undefined) {
    return [];
  }
  return subnets.flatMap(subnet => {
    const id = zoneIdOf(subnet, zoneIds);
    return id === undefined || supported.includes(id)
      ? []
      : [
          `\`vpcSubnets\` chooses ${nameOf(subnet)}, which is in the zone ${id}; AgentCore Runtime has interfaces in ${supported.join(', ')} of ${region}: choose subnets there`,
        ];
  });
}

/** Says that a deployment may be refused for a zone, where that is not known. */
export function warnOfUnknownZones(scope: Construct, { subnets, zoneIds }: ChosenSubnets): void {
  const { region } = Stack.of(scope);
  if (
    Token.isUnresolved(region) ||
    !hasOtherZones(region) ||
    subnets.every(subnet => zoneIdOf(subnet, zoneIds) !== undefined)
  ) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-stateful-mcp:zonesNotChecked',
    `AgentCore Runtime has no interfaces in all zones of ${region}, and the ids of those of the VPC are not known here, so that a deployment may be refused: ` +
      `tell \`availabilityZoneIds\` what "aws ec2 describe-availability-zones" says (${supportedZones(region)?.join(', ')} are supported), or acknowledge this`,
  );
}

function zoneIdOf(subnet: ISubnet, zoneIds: Readonly<Record<string, string>>): string | undefined {
  const resource = subnet.node.defaultChild;
  const ofResource = resource instanceof CfnSubnet ? resource.availabilityZoneId : undefined;
  return ofResource ?? zoneIds[subnet.availabilityZone];
}

/** Subnets are told by what they are: a selection holds those of the VPC. */
function has(subnets: readonly ISubnet[], subnet: ISubnet): boolean {
  return subnets.some(other => other === subnet || other.subnetId === subnet.subnetId);
}

function nameOf({ subnetId, node }: ISubnet): string {
  return Token.isUnresolved(subnetId) ? node.path : subnetId;
}
