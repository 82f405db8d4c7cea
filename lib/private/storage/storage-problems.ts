import { Token } from 'aws-cdk-lib';
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { STORAGE_PATH } from '../common/contract';

/** One file system, as a runtime is told of it. */
export interface StorageConfig {
  readonly member: string;
  readonly mountPath: string;
  readonly properties?: { readonly [name: string]: string };
  readonly policyStatements?: PolicyStatement[];
  readonly wildcardReasons?: { readonly [resource: string]: string };
  readonly requiresVpc?: boolean;
  readonly connectable?: IConnectable;
}

/** What the runtime has beside its file systems. */
export interface StorageSurroundings {
  readonly hasVpc: boolean;
  readonly hasCapacityProvider: boolean;
}

/** `FilesystemConfigurations` and `MountPath` of CreateAgentRuntime. */
const MOST_FILE_SYSTEMS = 5;
const LONGEST_PATH = 200;

/** `CapacityProviderVolumeName` of CreateAgentRuntime. */
const VOLUME_NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,47}$/;

/** What the service would refuse of the file systems of a server. Unresolved tokens are left to the deployment. */
export function storageProblems(configs: readonly StorageConfig[], surroundings: StorageSurroundings): string[] {
  if (configs.length > MOST_FILE_SYSTEMS) {
    return [
      `\`storage\` has ${configs.length} file systems; ${MOST_FILE_SYSTEMS} at most are allowed: put directories of one file system behind one path`,
    ];
  }
  return [
    ...configs.flatMap(({ mountPath }, index) => pathProblems(mountPath, index)),
    ...repeatedPathProblems(configs),
    ...kindOfComputeProblems(configs, surroundings),
  ];
}

function pathProblems(mountPath: string, index: number): string[] {
  const name = mountPath.replace(/^\/mnt\/|\/$/g, '');
  const isPath = STORAGE_PATH.test(mountPath) && mountPath.length <= LONGEST_PATH && name !== '.' && name !== '..';
  if (Token.isUnresolved(mountPath) || isPath) {
    return [];
  }
  const shown = mountPath.length > 100 ? `a string of ${mountPath.length} characters` : JSON.stringify(mountPath);
  return [
    `\`storage[${index}]\` has the path ${shown}; /mnt/ and one name of letters, digits and ._- are allowed, ${LONGEST_PATH} characters at most: give one such as "/mnt/data"`,
  ];
}

function repeatedPathProblems(configs: readonly StorageConfig[]): string[] {
  const paths = configs.map(({ mountPath }) => mountPath.replace(/\/$/, ''));
  const repeated = new Set(paths.filter((path, index) => paths.indexOf(path) !== index));
  return [...repeated].map(
    path => `\`storage\` has ${JSON.stringify(path)} twice; each file system has a path of its own: change one`,
  );
}

function kindOfComputeProblems(
  configs: readonly StorageConfig[],
  { hasVpc, hasCapacityProvider }: StorageSurroundings,
): string[] {
  const problems: string[] = [];
  const membersOf = (wanted: string): StorageConfig[] => configs.filter(({ member }) => member === wanted);
  const sessions = membersOf('SessionStorage');
  const volumes = membersOf('CapacityProviderVolume');
  if (sessions.length > 1) {
    problems.push(
      `\`storage\` has ${sessions.length} session storages; one at most is allowed: make directories in it`,
    );
  }
  if (sessions.length > 0 && hasCapacityProvider) {
    problems.push(
      '`storage` has a session storage, and `capacityProvider` is given; session storage is for microVMs: use `McpStorage.capacityProviderVolume(...)`',
    );
  }
  if (volumes.length > 0 && !hasCapacityProvider) {
    problems.push(
      '`storage` has a volume of a capacity provider, and `capacityProvider` is not given: give it, or use `McpStorage.session(...)`',
    );
  }
  for (const { properties } of volumes) {
    const volumeName = properties?.VolumeName ?? '';
    if (!Token.isUnresolved(volumeName) && !VOLUME_NAME.test(volumeName)) {
      problems.push(
        `\`volumeName\` is ${JSON.stringify(volumeName.slice(0, 60))}; a letter, then letters, digits, _ and - are allowed, 48 at most: give the name that the capacity provider has for it`,
      );
    }
  }
  const inVpc = configs.filter(({ requiresVpc, connectable }) => requiresVpc === true || connectable !== undefined);
  if (inVpc.length > 0 && !hasVpc) {
    problems.push(
      `\`storage\` has ${inVpc.map(({ mountPath }) => JSON.stringify(mountPath)).join(' and ')}, which is reached in a VPC, and \`network\` is none: set \`network: McpNetwork.vpc({ vpc })\``,
    );
  }
  return problems;
}
