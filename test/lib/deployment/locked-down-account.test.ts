import { SecretValue, Stack } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ImageAssembler, McpLogging, McpRelease, Packaging, ReleaseChecker, StatefulMcpServer } from '../../../lib';
import { allFindings } from '../fixtures/cdk-nag';
import { IMAGE_KINDS, packagedKinds, type CodeIn } from '../fixtures/code-kinds';
import { removeProjects } from '../fixtures/projects';
import { unbundledStack } from '../fixtures/stacks';

afterEach(removeProjects);

/**
 * Why this is left with roles of ours: each server and each assembler has a policy of its own, which only an inline one
 * of the role can be without a resource that outlives it. A role of the user that may not be changed gets none.
 */
const INLINE_POLICY = /^(?:NIST\.800\.53\.R5|HIPAA\.Security)-IAMNoInlinePolicy /;

/** What an account with rules of its own brings; its findings are its own. */
class Network extends Stack {
  public readonly vpc = new Vpc(this, 'Vpc', {
    subnetConfiguration: [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
  });
  public readonly securityGroup = new SecurityGroup(this, 'Group', { vpc: this.vpc, allowAllOutbound: false });
  public readonly key = new Key(this, 'Key', { enableKeyRotation: true });
  public readonly queue = new Queue(this, 'Queue');

  public role(id: string, service: string): IRole {
    return new Role(this, id, { assumedBy: new ServicePrincipal(service) }).withoutPolicyUpdates();
  }
}

interface LockedDown {
  readonly stack: Stack;
  readonly network: Network;
  readonly assembler: ImageAssembler;
  readonly checker: ReleaseChecker;
}

/** @param roleOf - makes the role of a function, if it has one of its own */
function lockedDown(roleOf: (network: Network, id: string) => IRole | undefined): LockedDown {
  const stack = unbundledStack();
  const network = new Network(stack.node.root, 'Network');
  network.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443));
  const propsOf = (id: string) => ({
    role: roleOf(network, id),
    vpc: network.vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: [network.securityGroup],
    encryptionKey: network.key,
    logRetention: RetentionDays.TEN_YEARS,
    reservedConcurrentExecutions: 2,
    deadLetterQueue: network.queue,
  });
  const assembler = new ImageAssembler(stack, 'Assembler', propsOf('AssemblerRole'));
  const checker = new ReleaseChecker(stack, 'Checker', propsOf('CheckerRole'));
  return { stack, network, assembler, checker };
}

const KINDS: readonly (readonly [string, (account: LockedDown) => CodeIn | undefined])[] = [
  ...Object.keys(packagedKinds(() => Packaging.zip())).flatMap(kind => [
    [
      `${kind} in an image`,
      ({ assembler, network }: LockedDown) =>
        packagedKinds(() => Packaging.image({ assembler, encryptionKey: network.key }))[kind],
    ] as const,
    [`${kind} in a zip file`, () => packagedKinds(() => Packaging.zip())[kind]] as const,
  ]),
  ...Object.entries(IMAGE_KINDS).map(([kind, codeOf]) => [kind, () => codeOf] as const),
];

function serverOf(account: LockedDown, kind: (typeof KINDS)[number][1], role?: IRole): StatefulMcpServer {
  const codeOf = kind(account);
  if (codeOf === undefined) {
    throw new Error('there is no such kind');
  }
  // A key of one's own, as the rotation of a generated secret is not for the construct to decide.
  const requestStateKey = SecretValue.secretsManager('key');
  const logging = McpLogging.standard({ encryptionKey: account.network.key });
  return new StatefulMcpServer(account.stack, 'Server', {
    code: codeOf(account.stack),
    role,
    logging,
    requestStateKey,
    release: McpRelease.verified({ checker: account.checker }),
  });
}

describe.each(KINDS)('%s', (_kind, kind) => {
  test('has nothing left that AwsSolutions, NIST 800-53 and HIPAA find, but inline policies', () => {
    const account = lockedDown(() => undefined);
    serverOf(account, kind);
    expect(allFindings(account.stack).filter(finding => !INLINE_POLICY.test(finding))).toEqual([]);
  });

  test('has nothing left at all with roles that their owner alone changes', () => {
    const account = lockedDown((network, id) => network.role(id, 'lambda.amazonaws.com'));
    serverOf(account, kind, account.network.role('ServerRole', 'bedrock-agentcore.amazonaws.com'));
    expect(allFindings(account.stack)).toEqual([]);
  });

  test('leaves the findings of the user to be found, in the role of the server and in those of the functions', () => {
    const account = lockedDown(() => undefined);
    const server = serverOf(account, kind);
    const statement = new PolicyStatement({ actions: ['ec2:DescribeRegions'], resources: ['*'] });
    server.role.addToPrincipalPolicy(statement);
    account.assembler.role.addToPrincipalPolicy(statement);
    account.checker.role.addToPrincipalPolicy(statement);
    expect(allFindings(account.stack).filter(finding => finding.startsWith('AwsSolutions'))).toEqual([
      'AwsSolutions-IAM5[Resource::*] Stack/Assembler/Role/DefaultPolicy/Resource',
      'AwsSolutions-IAM5[Resource::*] Stack/Checker/Role/DefaultPolicy/Resource',
      'AwsSolutions-IAM5[Resource::*] Stack/Server/Role/DefaultPolicy/Resource',
    ]);
  });
});
