import { App, RemovalPolicy, Stack, type Environment } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { RuntimeNetworkConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import {
  type CfnSubnet,
  GatewayVpcEndpoint,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  PrefixList,
  SecurityGroup,
  SubnetFilter,
  SubnetType,
  Vpc,
  type SubnetConfiguration,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { McpNetwork, type VpcNetworkOptions } from '../../../lib';
import { errorOf, greetingServer, propertiesOf } from '../fixtures/stacks';

const RUNTIME = 'AWS::BedrockAgentCore::Runtime';
const GROUP = 'AWS::EC2::SecurityGroup';
const ENDPOINT = 'AWS::EC2::VPCEndpoint';
const PUBLIC = { name: 'public', subnetType: SubnetType.PUBLIC };
const PRIVATE = { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS };
const ISOLATED = { name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED };
const SERVICES = ['bedrock-agentcore', 'ecr.api', 'ecr.dkr', 'logs', 's3', 'secretsmanager', 'sts', 'xray'];

const stackIn = (env?: Environment): Stack =>
  new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Stack', { env });

const inRegion = (region = 'eu-west-1'): Stack => stackIn({ account: '123456789012', region });

const vpcWith = (scope: Construct, ...subnetConfiguration: SubnetConfiguration[]): Vpc =>
  new Vpc(scope, 'Vpc', { subnetConfiguration, maxAzs: 2 });

const serverIn = (stack: Stack, options: VpcNetworkOptions) =>
  greetingServer(stack, { network: McpNetwork.vpc(options) });

const networkOf = (stack: Stack): unknown => propertiesOf(stack, RUNTIME).NetworkConfiguration;

/** The last words of the names of the services that a VPC has endpoints to. */
const servicesOf = (stack: Stack): string[] =>
  Object.values(Template.fromStack(stack).findResources(ENDPOINT))
    .map(({ Properties }) => JSON.stringify((Properties as { ServiceName: unknown }).ServiceName))
    .map(name => SERVICES.find(service => name.includes(`.${service}"`)) ?? name)
    .sort();

test('the internet is where a server reaches by itself', () => {
  for (const network of [undefined, McpNetwork.public()]) {
    const stack = stackIn();
    greetingServer(stack, { network });
    expect(networkOf(stack)).toEqual({ NetworkMode: 'PUBLIC' });
    Template.fromStack(stack).resourceCountIs(GROUP, 0);
  }
});

test('a configuration of the L2 is taken as it is', () => {
  const stack = stackIn();
  const vpc = vpcWith(stack, PUBLIC);
  const configuration = RuntimeNetworkConfiguration.usingVpc(stack, {
    vpc,
    vpcSubnets: { subnetType: SubnetType.PUBLIC },
  });
  greetingServer(stack, { network: McpNetwork.of(configuration) });
  expect(networkOf(stack)).toMatchObject({ NetworkMode: 'VPC' });
});

test('a class of the user makes what it needs in the server', () => {
  class OwnNetwork extends McpNetwork {
    public bind(scope: Construct): RuntimeNetworkConfiguration {
      return RuntimeNetworkConfiguration.usingVpc(scope, { vpc: vpcWith(scope, PUBLIC, PRIVATE) });
    }
  }
  const stack = stackIn();
  greetingServer(stack, { network: new OwnNetwork() });
  expect(networkOf(stack)).toMatchObject({ NetworkMode: 'VPC' });
});

test('a class of the user that makes none is told', () => {
  class NoNetwork extends McpNetwork {
    public bind(): never {
      return undefined as never;
    }
  }
  expect(errorOf(() => greetingServer(stackIn(), { network: new NoNetwork() }))).toContain(
    '`network` is undefined; a RuntimeNetworkConfiguration is allowed',
  );
});

describe('subnets', () => {
  test('are the private ones with egress', () => {
    const stack = stackIn();
    const vpc = vpcWith(stack, PUBLIC, PRIVATE, ISOLATED);
    const { runtime } = serverIn(stack, { vpc });
    expect(networkOf(stack)).toEqual({
      NetworkMode: 'VPC',
      NetworkModeConfig: {
        Subnets: vpc.privateSubnets.map(({ subnetId }) => stack.resolve(subnetId) as unknown),
        SecurityGroups: [stack.resolve(runtime.connections?.securityGroups[0]?.securityGroupId)],
      },
    });
  });

  test('can be chosen', () => {
    const stack = stackIn();
    const vpc = vpcWith(stack, PUBLIC, PRIVATE);
    const [subnet] = vpc.privateSubnets;
    serverIn(stack, { vpc, vpcSubnets: { subnets: vpc.privateSubnets.slice(0, 1) } });
    expect(networkOf(stack)).toMatchObject({ NetworkModeConfig: { Subnets: [stack.resolve(subnet?.subnetId)] } });
  });

  test('are refused where they are public', () => {
    const stack = stackIn();
    const vpc = vpcWith(stack, PUBLIC, PRIVATE);
    const message = errorOf(() => serverIn(stack, { vpc, vpcSubnets: { subnetType: SubnetType.PUBLIC } }));
    expect(message).toContain('`vpcSubnets` chooses the public subnet Stack/Vpc/publicSubnet1');
    expect(message).toContain('choose those');
  });

  test('are refused where they are isolated, without endpoints', () => {
    const stack = stackIn();
    const vpc = vpcWith(stack, ISOLATED);
    expect(errorOf(() => serverIn(stack, { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } }))).toContain(
      'chooses the isolated subnet Stack/Vpc/isolatedSubnet1, from which a runtime fetches no image',
    );
  });

  test('of an imported VPC are told apart, too', () => {
    const stack = stackIn();
    const vpc = Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-west-1a'],
      publicSubnetIds: ['subnet-public'],
      privateSubnetIds: ['subnet-private'],
    });
    expect(errorOf(() => serverIn(stack, { vpc, vpcSubnets: { subnetType: SubnetType.PUBLIC } }))).toContain(
      'the public subnet subnet-public',
    );
  });

  test('are 16 at most, and 1 at least', () => {
    const stack = stackIn();
    const vpc = Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: 'vpc-1',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: Array.from({ length: 17 }, (_, index) => `subnet-${index}`),
    });
    expect(errorOf(() => serverIn(stack, { vpc }))).toContain('`vpcSubnets` chooses 17 subnets; 1 to 16 are allowed');
    const other = stackIn();
    expect(
      errorOf(() => serverIn(other, { vpc: vpcWith(other, PUBLIC, PRIVATE), vpcSubnets: { subnets: [] } })),
    ).toContain('`vpcSubnets` chooses 0 subnets');
  });
});

describe('a VPC that is still looked up, whose subnets are made up', () => {
  const { PRIVATE_WITH_EGRESS } = SubnetType;
  test.each<[string, Omit<VpcNetworkOptions, 'vpc'>]>([
    ['by default', {}],
    ['with one in each zone', { vpcSubnets: { subnetType: PRIVATE_WITH_EGRESS, onePerAz: true } }],
    ['by the name of their group', { vpcSubnets: { subnetGroupName: 'App' } }],
    ['by their ids', { vpcSubnets: { subnetFilters: [SubnetFilter.byIds(['subnet-1'])] } }],
    ['by their zones', { vpcSubnets: { availabilityZones: ['eu-west-1a'] } }],
    ['by the name of their group, with endpoints', { vpcSubnets: { subnetGroupName: 'App' }, endpoints: true }],
    ['by default, with endpoints', { endpoints: true }],
  ])('is not refused for them: %s', (_case, options) => {
    const stack = inRegion();
    const vpc = Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1' });
    serverIn(stack, { vpc, ...options });
    const { manifest } = (stack.node.root as App).synth();
    expect(manifest.missing?.map(({ provider }) => provider)).toContain('vpc-provider');
  });
});

describe('zones', () => {
  const ZONES = { 'us-east-1a': 'use1-az6', 'us-east-1b': 'use1-az1' };

  test('that AgentCore Runtime does not support are refused, with those that it does', () => {
    const stack = inRegion('us-east-1');
    const vpc = new Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
    expect(errorOf(() => serverIn(stack, { vpc, availabilityZoneIds: ZONES }))).toBe(
      '[Stack/Server] `vpcSubnets` chooses Stack/Vpc/PrivateSubnet1, which is in the zone use1-az6; AgentCore Runtime has interfaces in use1-az1, use1-az2, use1-az4 of us-east-1: choose subnets there',
    );
  });

  test('are known where a subnet is made by the id of its zone', () => {
    const stack = inRegion('us-east-1');
    const vpc = new Vpc(stack, 'Vpc', { availabilityZones: ['us-east-1a'] });
    const resource = vpc.privateSubnets[0]?.node.defaultChild as CfnSubnet;
    resource.availabilityZoneId = 'use1-az3';
    expect(errorOf(() => serverIn(stack, { vpc }))).toContain('is in the zone use1-az3;');
  });

  test.each<[string, string, Record<string, string> | undefined, number]>([
    ['us-east-1', 'are not known', undefined, 1],
    ['us-east-1', 'are supported', { 'us-east-1a': 'use1-az4' }, 0],
    ['eu-west-1', 'are not known', undefined, 0],
    ['me-central-1', 'of a Region without a list', undefined, 0],
  ])('in %s, %s: %j, get %d warnings', (region, _case, availabilityZoneIds, warnings) => {
    const stack = inRegion(region);
    const vpc = new Vpc(stack, 'Vpc', { availabilityZones: [`${region}a`] });
    serverIn(stack, { vpc, availabilityZoneIds });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('zonesNotChecked'))).toHaveLength(
      warnings,
    );
  });

  test('are not looked at without a Region', () => {
    const stack = stackIn();
    serverIn(stack, { vpc: vpcWith(stack, PUBLIC, PRIVATE), availabilityZoneIds: ZONES });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('zones'))).toEqual([]);
  });
});

describe('the security group', () => {
  test('lets all out and nothing in, and is kept', () => {
    const stack = stackIn();
    serverIn(stack, { vpc: vpcWith(stack, PUBLIC, PRIVATE) });
    Template.fromStack(stack).hasResource(GROUP, {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        GroupDescription: 'Interfaces of the MCP server Stack/Server',
        SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', IpProtocol: '-1' })],
        SecurityGroupIngress: Match.absent(),
      },
    });
  });

  test('can be deleted with the stack', () => {
    const stack = stackIn();
    serverIn(stack, {
      vpc: vpcWith(stack, PUBLIC, PRIVATE),
      securityGroupRemovalPolicy: RemovalPolicy.DESTROY,
    });
    Template.fromStack(stack).hasResource(GROUP, { DeletionPolicy: 'Delete' });
  });

  test('lets HTTPS out where not all is, since the image comes by it', () => {
    const stack = stackIn();
    serverIn(stack, { vpc: vpcWith(stack, PUBLIC, PRIVATE), allowAllOutbound: false });
    Template.fromStack(stack).hasResourceProperties(GROUP, {
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })],
    });
  });

  test('of the user is taken instead', () => {
    const stack = stackIn();
    const vpc = vpcWith(stack, PUBLIC, PRIVATE);
    const group = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');
    serverIn(stack, { vpc, securityGroups: [group] });
    expect(networkOf(stack)).toMatchObject({ NetworkModeConfig: { SecurityGroups: ['sg-1'] } });
    Template.fromStack(stack).resourceCountIs(GROUP, 0);
  });

  test.each([0, 17])('%d of the user are refused', count => {
    const stack = stackIn();
    const vpc = vpcWith(stack, PUBLIC, PRIVATE);
    const group = SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');
    const securityGroups = Array.from({ length: count }, () => group);
    expect(errorOf(() => serverIn(stack, { vpc, securityGroups }))).toContain(
      `\`securityGroups\` has ${count} entries; 1 to 16 are allowed`,
    );
  });

  test.each([{ allowAllOutbound: true }, { securityGroupRemovalPolicy: RemovalPolicy.DESTROY }])(
    'of the user takes no %j',
    options => {
      const stack = stackIn();
      const vpc = vpcWith(stack, PUBLIC, PRIVATE);
      const securityGroups = [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')];
      expect(errorOf(() => serverIn(stack, { vpc, securityGroups, ...options }))).toContain(
        `\`${Object.keys(options)[0]}\` is given with \`securityGroups\``,
      );
    },
  );
});

describe('endpoints', () => {
  test('are those that a server needs without a NAT, S3 included', () => {
    const stack = inRegion();
    const vpc = vpcWith(stack, ISOLATED);
    serverIn(stack, { vpc, endpoints: true });
    expect(servicesOf(stack)).toEqual(SERVICES);
    Template.fromStack(stack).hasResourceProperties(ENDPOINT, {
      VpcEndpointType: 'Gateway',
      RouteTableIds: vpc.isolatedSubnets.map(({ routeTable }) => stack.resolve(routeTable.routeTableId) as unknown),
    });
    expect(networkOf(stack)).toMatchObject({
      NetworkModeConfig: { Subnets: vpc.isolatedSubnets.map(({ subnetId }) => stack.resolve(subnetId) as unknown) },
    });
  });

  test('are all that the security group lets out to', () => {
    const stack = inRegion();
    const vpc = vpcWith(stack, ISOLATED);
    serverIn(stack, { vpc, endpoints: true, s3PrefixList: PrefixList.fromPrefixListId(stack, 'S3', 'pl-1') });
    const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
    const template = Template.fromStack(stack);
    template.hasResourceProperties(GROUP, {
      GroupDescription: 'Interfaces of the MCP server Stack/Server',
      SecurityGroupEgress: [Match.objectLike({ CidrIp: stack.resolve(vpc.vpcCidrBlock) as unknown, ...https })],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { DestinationPrefixListId: 'pl-1', ...https });
  });

  test('are let out to by security groups of the user', () => {
    const stack = inRegion();
    const vpc = vpcWith(stack, ISOLATED);
    const group = new SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
    serverIn(stack, { vpc, endpoints: true, securityGroups: [group] });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      DestinationPrefixListId: 'pl-xxxxxxxx',
      GroupId: stack.resolve(group.securityGroupId) as unknown,
    });
  });

  test('are made once for all servers in a VPC', () => {
    const stack = inRegion();
    const vpc = vpcWith(stack, ISOLATED);
    const network = McpNetwork.vpc({ vpc, endpoints: true });
    greetingServer(stack, { network });
    const other = new Stack(stack.node.root, 'Other', { env: { account: '123456789012', region: 'eu-west-1' } });
    greetingServer(other, { network });
    expect(servicesOf(stack)).toEqual(SERVICES);
    Template.fromStack(other).resourceCountIs(ENDPOINT, 0);
  });

  test('that the VPC has are not made twice', () => {
    const stack = inRegion();
    const vpc = vpcWith(stack, ISOLATED);
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    vpc.addInterfaceEndpoint('Logs', { service: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS });
    serverIn(stack, { vpc, endpoints: true });
    expect(servicesOf(stack)).toEqual(SERVICES);
  });

  test('need to know the route tables of an imported VPC, unless it has that of S3', () => {
    const stack = inRegion();
    const vpc = Vpc.fromVpcAttributes(stack, 'Imported', {
      vpcId: 'vpc-1',
      vpcCidrBlock: '10.0.0.0/16',
      availabilityZones: ['eu-west-1a'],
      isolatedSubnetIds: ['subnet-1'],
    });
    expect(errorOf(() => serverIn(stack, { vpc, endpoints: true }))).toContain(
      '`endpoints` needs the route tables of the subnets, and `vpc` does not know them',
    );
    new GatewayVpcEndpoint(vpc, 'S3', { vpc: vpcWith(stack, ISOLATED), service: GatewayVpcEndpointAwsService.S3 });
    expect(() =>
      greetingServer(new Stack(stack.node.root as App, 'Other', { env: stack }), {
        network: McpNetwork.vpc({
          vpc,
          endpoints: true,
          s3PrefixList: PrefixList.fromPrefixListId(stack, 'P', 'pl-1'),
        }),
      }),
    ).not.toThrow();
  });

  test('need to know where the prefix list of S3 is', () => {
    const stack = stackIn();
    const vpc = vpcWith(stack, ISOLATED);
    expect(errorOf(() => serverIn(stack, { vpc, endpoints: true }))).toContain(
      '`endpoints` needs the prefix list of Amazon S3',
    );
    const s3PrefixList = PrefixList.fromPrefixListId(stack, 'S3', 'pl-1');
    expect(() =>
      greetingServer(new Stack(stack.node.root as App, 'Agnostic'), {
        network: McpNetwork.vpc({ vpc, endpoints: true, s3PrefixList }),
      }),
    ).not.toThrow();
  });

  test('are in private subnets with egress, where there are some', () => {
    const stack = inRegion();
    const vpc = vpcWith(stack, PUBLIC, PRIVATE, ISOLATED);
    serverIn(stack, { vpc, endpoints: true });
    expect(networkOf(stack)).toMatchObject({
      NetworkModeConfig: { Subnets: vpc.privateSubnets.map(({ subnetId }) => stack.resolve(subnetId) as unknown) },
    });
  });
});
