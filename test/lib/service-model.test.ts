import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Size, type CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  AgentCoreRuntime,
  AgentRuntimeArtifact,
  CustomClaimOperator,
  RuntimeCustomClaim,
  RuntimeEndpoint,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  AllowedPort,
  McpAuth,
  McpNetwork,
  McpPlatformVersion,
  McpRelease,
  McpWarmup,
  McpServerCode,
  StatefulMcpServer,
  type StatefulMcpServerProps,
} from '../../lib';
import { unbundledStack } from './fixtures/stacks';

/** How a member is reached. The test looks at a template for the first three. */
type Way =
  | { readonly prop: keyof StatefulMcpServerProps | readonly (keyof StatefulMcpServerProps)[] }
  | { readonly fixed: string }
  /** Of the L2 construct of the endpoint, on `server.runtime`. */
  | { readonly endpoint: string }
  /** `(server.node.defaultChild as CfnRuntime).addPropertyOverride(...)`, because the L2 construct lacks it, too. */
  | { readonly override: string }
  | { readonly not: string };

const JWT = 'authorizerConfiguration.customJWTAuthorizer';
const auth: Way = { prop: 'auth' };
const code: Way = { prop: 'code' };

function under(parent: string, way: Way, members: readonly string[]): Record<string, Way> {
  return Object.fromEntries(members.map(member => [`${parent}.${member}`, way]));
}

const PRIVATE_ENDPOINT = [
  'selfManagedLatticeResource.resourceConfigurationIdentifier',
  ...['vpcIdentifier', 'subnetIds', 'endpointIpAddressType', 'securityGroupIds', 'tags', 'routingDomain'].map(
    member => `managedVpcResource.${member}`,
  ),
];
const privateIssuer: Way = { override: 'an issuer in a VPC' };
const storage: Way = { override: 'files that outlive a microVM' };
const instances: Way = { override: 'AgentCore on Instances, which are no microVMs' };
const TOKEN: Way = { not: 'a member of each call, which CloudFormation sets' };

/** How each member of a runtime is reached. `python3 scripts/service_model.py` decides which there are. */
const RUNTIME: Readonly<Record<string, Way>> = {
  agentRuntimeId: { not: 'given by the service' },
  agentRuntimeName: { prop: 'runtimeName' },
  'agentRuntimeArtifact.containerConfiguration.containerUri': code,
  ...under('agentRuntimeArtifact.codeConfiguration', code, [
    'code.s3.bucket',
    'code.s3.prefix',
    'code.s3.versionId',
    'runtime',
    'entryPoint',
  ]),
  roleArn: { prop: 'role' },
  'networkConfiguration.networkMode': { prop: 'network' },
  'networkConfiguration.networkModeConfig.securityGroups': { prop: 'network' },
  'networkConfiguration.networkModeConfig.subnets': { prop: 'network' },
  'networkConfiguration.networkModeConfig.requireServiceS3Endpoint': {
    not: 'refused for runtimes made after 5 May 2026',
  },
  clientToken: TOKEN,
  description: { prop: 'description' },
  ...under(JWT, auth, ['discoveryUrl', 'allowedAudience', 'allowedClients', 'allowedScopes']),
  ...under(`${JWT}.customClaims[]`, auth, [
    'inboundTokenClaimName',
    'inboundTokenClaimValueType',
    'authorizingClaimMatchValue.claimMatchValue.matchValueString',
    'authorizingClaimMatchValue.claimMatchValue.matchValueStringList',
    'authorizingClaimMatchValue.claimMatchOperator',
  ]),
  [`${JWT}.advertisedScopeMapping`]: { override: 'other names of scopes in the metadata' },
  ...under(`${JWT}.privateEndpoint`, privateIssuer, PRIVATE_ENDPOINT),
  [`${JWT}.privateEndpointOverrides[].domain`]: privateIssuer,
  ...under(`${JWT}.privateEndpointOverrides[].privateEndpoint`, privateIssuer, PRIVATE_ENDPOINT),
  ...under(`${JWT}.certificateConfigurations[]`, privateIssuer, [
    's3.uri',
    's3.bucketOwnerAccountId',
    'secretsManager.secretArn',
  ]),
  ...under(`${JWT}.allowedWorkloadConfiguration`, { override: 'callers that are themselves in AgentCore' }, [
    'hostingEnvironments[].arn',
    'workloadIdentities',
  ]),
  'requestHeaderConfiguration.requestHeaderAllowlist': { prop: 'forwardHeaders' },
  'protocolConfiguration.serverProtocol': { fixed: 'MCP' },
  'protocolConfiguration.port': { prop: 'port' },
  'protocolConfiguration.path': { prop: 'path' },
  'lifecycleConfiguration.idleRuntimeSessionTimeout': { prop: 'idleTimeout' },
  'lifecycleConfiguration.maxLifetime': { prop: 'maxLifetime' },
  ...under('hooksConfiguration.build.warmup.action.httpPost', { prop: 'warmup' }, ['path', 'port']),
  'metadataConfiguration.requireMMDSV2': { not: 'new runtimes need version 2 of the metadata service, and have it' },
  environmentVariables: { prop: 'environment' },
  ...under('filesystemConfigurations[]', storage, [
    'sessionStorage.mountPath',
    ...['accessPointArn', 'mountPath'].flatMap(member => [`s3FilesAccessPoint.${member}`, `efsAccessPoint.${member}`]),
    ...['bucket', 'mountPath', 'prefix', 's3BucketOwner', 's3BucketRegion'].map(member => `s3BucketMount.${member}`),
  ]),
  ...under('filesystemConfigurations[]', instances, [
    'capacityProviderVolume.volumeName',
    'capacityProviderVolume.mountPath',
  ]),
  ...under('capacityProviderConfiguration', instances, [
    'capacityProviderArn',
    'operatingSystemConfiguration.linux.privilegeMode',
  ]),
  tags: { prop: 'tags' },
  platformVersion: { prop: 'platformVersion' },
  ...under('allowedPorts[]', { prop: 'allowedPorts' }, ['port', 'portRange.from', 'portRange.to']),
  'resourceConfigurations[].minimumMemoryInMiB': { prop: 'minimumMemory' },
};

/** The same of an endpoint. */
const ENDPOINT: Readonly<Record<string, Way>> = {
  agentRuntimeId: { endpoint: 'agentRuntimeId' },
  name: { endpoint: 'endpointName' },
  endpointName: { not: 'how the service calls `name` in an update' },
  agentRuntimeVersion: { endpoint: 'agentRuntimeVersion' },
  description: { endpoint: 'description' },
  tags: { endpoint: 'tags' },
  clientToken: TOKEN,
};

const { members } = JSON.parse(readFileSync(path.join(__dirname, 'data/service-model.json'), 'utf8')) as {
  members: Record<string, string[]>;
};

test.each([
  ['CreateAgentRuntime', 'UpdateAgentRuntime', RUNTIME],
  ['CreateAgentRuntimeEndpoint', 'UpdateAgentRuntimeEndpoint', ENDPOINT],
])('every member of %s and %s is in the table', (create, update, ways) => {
  const all = new Set([...(members[create] ?? []), ...(members[update] ?? [])]);
  expect(all.size).toBeGreaterThan(5);
  expect(Object.keys(ways).sort()).toEqual([...all].sort());
});

const IMAGE = McpServerCode.fromImageUri('123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/server:v1');
const ZIP = McpServerCode.of(
  AgentRuntimeArtifact.fromS3(
    { bucketName: 'programs', objectKey: 'server.zip', objectVersion: '1' },
    AgentCoreRuntime.NODE_22,
    ['index.js'],
  ),
);
const TOKENS = McpAuth.jwt({
  discoveryUrl: 'https://login.example.com/.well-known/openid-configuration',
  allowedClients: ['agent'],
  allowedAudiences: ['server'],
  allowedScopes: ['tools'],
  customClaims: [
    RuntimeCustomClaim.withStringValue('department', 'finance'),
    RuntimeCustomClaim.withStringArrayValue('groups', ['staff', 'auditors'], CustomClaimOperator.CONTAINS_ANY),
  ],
});

/** Servers that make use of every prop, with each member that the L2 construct lacks by an override. */
function template(): Template {
  const stack = unbundledStack();
  const server = new StatefulMcpServer(stack, 'Image', {
    code: IMAGE,
    runtimeName: 'server',
    description: 'all of it',
    auth: TOKENS,
    forwardHeaders: ['Authorization'],
    network: McpNetwork.vpc({ vpc: new Vpc(stack, 'Vpc') }),
    port: 9000,
    path: '/tools',
    allowedPorts: [AllowedPort.single(9100), AllowedPort.range(9200, 9210)],
    environment: { STAGE: 'test' },
    tags: { team: 'tools' },
    platformVersion: McpPlatformVersion.V2,
    minimumMemory: Size.gibibytes(2),
    warmup: McpWarmup.httpPost({ path: '/warmup', port: 9000 }),
    release: McpRelease.direct(),
  });
  new RuntimeEndpoint(stack, 'Endpoint', {
    agentRuntimeId: server.runtimeId,
    endpointName: 'live',
    agentRuntimeVersion: '1',
    description: 'for users',
    tags: { team: 'tools' },
  });
  const plain = new StatefulMcpServer(stack, 'Zip', { code: ZIP, auth: TOKENS, release: McpRelease.direct() });
  for (const [member, way] of Object.entries(RUNTIME)) {
    if ('override' in way) {
      const parts = member.replaceAll('[]', '.0').split('.').map(cloudFormation);
      (plain.node.defaultChild as CfnResource).addPropertyOverride(parts.join('.'), 'value');
    }
  }
  return Template.fromStack(stack);
}

const cloudFormation = (part: string): string => part.charAt(0).toUpperCase() + part.slice(1);

/** The paths of values in properties, with `[]` for a place in a list. */
function pathsIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) {
    return [at, ...value.flatMap(element => pathsIn(element, `${at}[]`))];
  }
  return typeof value === 'object' && value !== null
    ? [at, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, at === '' ? key : `${at}.${key}`))]
    : [at];
}

describe('in a template', () => {
  const made = template();
  const rendered = (type: string): Set<string> =>
    new Set(
      Object.values(made.findResources(type)).flatMap(resource =>
        // An override makes an object of a list.
        pathsIn((resource as { Properties: unknown }).Properties).map(at => at.replace(/\.0(?=\.|$)/g, '[]')),
      ),
    );
  const RUNTIMES = rendered('AWS::BedrockAgentCore::Runtime');
  const ENDPOINTS = rendered('AWS::BedrockAgentCore::RuntimeEndpoint');

  test.each(Object.entries(RUNTIME).filter(([, way]) => !('not' in way)))('%s of a runtime, by %j', member => {
    expect(RUNTIMES).toContain(member.split('.').map(cloudFormation).join('.'));
  });

  test.each(Object.entries(ENDPOINT).filter(([, way]) => !('not' in way)))('%s of an endpoint, by %j', member => {
    expect(ENDPOINTS).toContain(cloudFormation(member));
  });
});
