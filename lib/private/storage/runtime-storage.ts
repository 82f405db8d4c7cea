import { Annotations, Stack } from 'aws-cdk-lib';
import type { CfnRuntime, Runtime, RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IConnectable, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Policy } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { refuse } from '../common/construct-error';
import { returned } from '../common/kinds';
import { acknowledgeWildcards } from '../permissions/acknowledged-findings';
import { STORAGE_CONFIG } from './storage-kinds';
import { storageProblems, type StorageConfig } from './storage-problems';

/** Members that the reference of CloudFormation has. */
const DOCUMENTED = ['SessionStorage', 'EfsAccessPoint', 'S3FilesAccessPoint', 'CapacityProviderVolume'];

/** What makes the configuration of one file system. */
export interface BoundStorage {
  bind(scope: Construct): StorageConfig;
}

export interface StorageProps {
  readonly storage?: readonly BoundStorage[];
  readonly capacityProvider?: { readonly capacityProviderArn: string };
}

/** The file systems of a server, checked before there is a runtime. */
export function boundStorage(
  scope: Construct,
  { storage = [], capacityProvider }: StorageProps,
  { networkMode }: RuntimeNetworkConfiguration,
): StorageConfig[] {
  const hasVpc = networkMode === 'VPC';
  const configs = storage.map(one => {
    const config = one.bind(scope);
    refuse(scope, returned('storage.bind()', 'McpStorageConfig', STORAGE_CONFIG)(config, 'storage'));
    return config;
  });
  refuse(scope, storageProblems(configs, { hasVpc, hasCapacityProvider: capacityProvider !== undefined }));
  if (capacityProvider !== undefined && !hasVpc) {
    refuse(scope, [
      '`capacityProvider` is given, and `network` is no VPC; Instances run in one: set `network: McpNetwork.vpc({ vpc })`',
    ]);
  }
  return configs;
}

/**
 * Mounts them into the runtime, by the names that CloudFormation has, or where it has none yet by those of the service
 * model in CloudFormation's spelling.
 */
export function mountStorage(
  scope: Construct,
  runtime: Runtime,
  policy: Policy,
  configs: readonly StorageConfig[],
  { capacityProvider }: StorageProps,
): void {
  const resource = runtime.node.defaultChild as CfnRuntime;
  if (configs.length > 0) {
    resource.addPropertyOverride(
      'FilesystemConfigurations',
      configs.map(({ member, mountPath, properties }) => ({ [member]: { ...properties, MountPath: mountPath } })),
    );
  }
  if (capacityProvider !== undefined) {
    resource.addPropertyOverride('CapacityProviderConfiguration', {
      CapacityProviderArn: capacityProvider.capacityProviderArn,
    });
  }
  for (const { policyStatements = [], wildcardReasons, connectable } of configs) {
    policy.addStatements(...policyStatements);
    if (wildcardReasons !== undefined) {
      acknowledgeWildcards(policy, wildcardReasons);
    }
    if (connectable !== undefined) {
      letIn(runtime, connectable);
    }
  }
  warnOfUndocumented(scope, configs);
}

/**
 * Lets a server in to a file system. Where that is of another stack, for which the server's waits already, the rules lie
 * in that of the server, unless its security groups are of another stack, too.
 */
function letIn(runtime: Runtime, connectable: IConnectable): void {
  const { securityGroups, defaultPort } = connectable.connections;
  const own = runtime.connections?.securityGroups ?? [];
  const isHere = (group: ISecurityGroup): boolean => Stack.of(group) === Stack.of(runtime);
  if (defaultPort === undefined || securityGroups.every(isHere) || !own.every(isHere)) {
    connectable.connections.allowDefaultPortFrom(runtime);
    return;
  }
  for (const group of own) {
    for (const other of securityGroups) {
      other.addIngressRule(group, defaultPort, undefined, true);
      if (!group.allowAllOutbound) {
        group.addEgressRule(other, defaultPort);
      }
    }
  }
}

function warnOfUndocumented(scope: Construct, configs: readonly StorageConfig[]): void {
  const members = [...new Set(configs.map(({ member }) => member))].filter(member => !DOCUMENTED.includes(member));
  if (members.length > 0) {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:undocumentedStorage',
      `the reference of CloudFormation did not document ${members.map(member => `\`${member}\``).join(', ')} of \`storage\` on 13 November 2026, only that of the service: a deployment may be refused; acknowledge this once it works`,
    );
  }
}
