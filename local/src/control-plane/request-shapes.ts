import {
  HIGHEST_SERVER_PORT,
  LONGEST_LIFECYCLE_SECONDS,
  LOWEST_SERVER_PORT,
  MOST_ALLOWED_PORTS,
  SHORTEST_LIFECYCLE_SECONDS,
} from 'stateful-mcp-contract';
// Service model of bedrock-agentcore-control, 2023-06-05: the members of runtimes and their endpoints. Members without
// an effect here are checked too.
import { flag, integer, list, map, oneOf, structure, text, union } from './shape';

const ONE_ARTIFACT = 'AgentArtifact must have exactly one configuration';
const ONE_MEMBER = 'exactly one member must be set';

const clientToken = text({ min: 33, max: 256, pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,256}' });
const scope = text({ min: 1, max: 255, pattern: '[\\x21\\x23-\\x5B\\x5D-\\x7E]+' });
const matchValue = text({ min: 1, max: 255, pattern: '[A-Za-z0-9_.-]+' });
const mountPath = text({ min: 6, max: 200, pattern: '/mnt/[a-zA-Z0-9._-]+/?' });
const tagText = '[a-zA-Z0-9\\s._:/=+@-]*';

const artifact = union(
  {
    containerConfiguration: structure(
      {
        containerUri: text({
          min: 1,
          max: 1024,
          pattern:
            '(([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com(\\.cn)?|public\\.ecr\\.aws)' +
            '/((?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*)(?::([^:@]{1,300}))?(?:@(.+))?',
        }),
      },
      ['containerUri'],
    ),
    codeConfiguration: structure(
      {
        code: union(
          {
            s3: structure(
              {
                bucket: text({ pattern: '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]' }),
                prefix: text({ min: 1, max: 1024 }),
                versionId: text({ min: 3, max: 1024 }),
              },
              ['bucket', 'prefix'],
            ),
          },
          ONE_MEMBER,
        ),
        runtime: oneOf('PYTHON_3_10', 'PYTHON_3_11', 'PYTHON_3_12', 'PYTHON_3_13', 'PYTHON_3_14', 'NODE_22'),
        entryPoint: list(text({ min: 1, max: 128 }), { min: 1, max: 2 }),
      },
      ['code', 'runtime', 'entryPoint'],
    ),
  },
  ONE_ARTIFACT,
);

const customJWTAuthorizer = structure(
  {
    discoveryUrl: text({
      pattern: '[^\\s?#]+/\\.well-known/(openid-configuration|oauth-authorization-server)(/[^\\s?#]+)?',
    }),
    allowedAudience: list(text(), { min: 1 }),
    allowedClients: list(text(), { min: 1 }),
    allowedScopes: list(scope, { min: 1 }),
    advertisedScopeMapping: map(scope, scope, { min: 1, max: 50 }),
    customClaims: list(
      structure(
        {
          inboundTokenClaimName: text({ min: 1, max: 255, pattern: '[A-Za-z0-9_.:-]+' }),
          inboundTokenClaimValueType: oneOf('STRING', 'STRING_ARRAY'),
          authorizingClaimMatchValue: structure(
            {
              claimMatchValue: union(
                { matchValueString: matchValue, matchValueStringList: list(matchValue, { min: 1 }) },
                ONE_MEMBER,
              ),
              claimMatchOperator: oneOf('EQUALS', 'CONTAINS', 'CONTAINS_ANY'),
            },
            ['claimMatchValue', 'claimMatchOperator'],
          ),
        },
        ['inboundTokenClaimName', 'inboundTokenClaimValueType', 'authorizingClaimMatchValue'],
      ),
      { min: 1 },
    ),
  },
  ['discoveryUrl'],
);

/** From here to `resourceConfigurations`: botocore 1.44.8, newer than the clients of npm. */
const serverPort = integer(LOWEST_SERVER_PORT, HIGHEST_SERVER_PORT);
const hook = structure(
  {
    action: union(
      {
        httpPost: structure(
          { path: text({ min: 1, max: 32, pattern: '/[A-Za-z0-9._~/-]*' }), port: integer(1, 65_535) },
          ['path'],
        ),
      },
      ONE_MEMBER,
    ),
  },
  ['action'],
);

const common = {
  agentRuntimeArtifact: artifact,
  roleArn: text({ min: 1, max: 2048, pattern: 'arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+' }),
  networkConfiguration: structure(
    {
      networkMode: oneOf('PUBLIC', 'VPC'),
      networkModeConfig: structure(
        {
          securityGroups: list(text({ pattern: 'sg-[0-9a-zA-Z]{8,17}' }), { min: 1, max: 16 }),
          subnets: list(text({ pattern: 'subnet-[0-9a-zA-Z]{8,17}' }), { min: 1, max: 16 }),
          requireServiceS3Endpoint: flag,
        },
        ['securityGroups', 'subnets'],
      ),
    },
    ['networkMode'],
  ),
  clientToken,
  description: text({ min: 1, max: 4096 }),
  authorizerConfiguration: union({ customJWTAuthorizer }, ONE_MEMBER),
  requestHeaderConfiguration: union(
    {
      requestHeaderAllowlist: list(text({ min: 1, max: 256, pattern: '[A-Za-z][A-Za-z0-9_-]{0,255}' }), {
        min: 1,
        max: 20,
      }),
    },
    ONE_MEMBER,
  ),
  protocolConfiguration: structure(
    {
      serverProtocol: oneOf('MCP', 'HTTP', 'A2A', 'AGUI'),
      port: serverPort,
      path: text({ min: 1, max: 2048, pattern: '/[A-Za-z0-9._~/%-]*' }),
    },
    ['serverProtocol'],
  ),
  allowedPorts: list(
    union(
      {
        port: serverPort,
        portRange: structure({ from: serverPort, to: serverPort }, ['from', 'to']),
      },
      ONE_MEMBER,
    ),
    { min: 1, max: MOST_ALLOWED_PORTS },
  ),
  hooksConfiguration: structure({ build: structure({ warmup: hook }) }),
  resourceConfigurations: list(structure({ minimumMemoryInMiB: integer(1, Infinity) }, ['minimumMemoryInMiB']), {
    max: 1,
  }),
  lifecycleConfiguration: structure({
    idleRuntimeSessionTimeout: integer(SHORTEST_LIFECYCLE_SECONDS, LONGEST_LIFECYCLE_SECONDS),
    maxLifetime: integer(SHORTEST_LIFECYCLE_SECONDS, LONGEST_LIFECYCLE_SECONDS),
  }),
  environmentVariables: map(text({ min: 1, max: 100 }), text({ max: 5000 }), { max: 50 }),
  filesystemConfigurations: list(
    union(
      {
        sessionStorage: structure({ mountPath }, ['mountPath']),
        s3FilesAccessPoint: structure({ accessPointArn: text({ max: 256 }), mountPath }, [
          'accessPointArn',
          'mountPath',
        ]),
        efsAccessPoint: structure({ accessPointArn: text({ max: 128 }), mountPath }, ['accessPointArn', 'mountPath']),
        capacityProviderVolume: structure({ volumeName: text({ min: 1, max: 48 }), mountPath }, [
          'volumeName',
          'mountPath',
        ]),
        s3BucketMount: structure(
          {
            bucket: text({ min: 3, max: 63 }),
            mountPath,
            prefix: text({ min: 1, max: 1024 }),
            s3BucketOwner: text({ min: 12, max: 12 }),
            s3BucketRegion: text({ min: 1, max: 32 }),
          },
          ['bucket', 'mountPath'],
        ),
      },
      ONE_MEMBER,
    ),
    { max: 5 },
  ),
  capacityProviderConfiguration: structure({ capacityProviderArn: text() }, ['capacityProviderArn']),
  platformVersion: text({ min: 1, max: 128, pattern: '[^\\s]+' }),
};
const name = text({ pattern: '[a-zA-Z][a-zA-Z0-9_]{0,47}' });
const version = text({ min: 1, max: 5, pattern: '([1-9][0-9]{0,4})' });
const endpointDescription = text({ min: 1, max: 256 });
const tags = map(text({ min: 1, max: 128, pattern: tagText }), text({ max: 256, pattern: tagText }), { max: 50 });

export const CREATE_RUNTIME = structure({ ...common, agentRuntimeName: name, tags }, [
  'agentRuntimeName',
  'agentRuntimeArtifact',
  'roleArn',
]);
export const UPDATE_RUNTIME = structure(
  { ...common, metadataConfiguration: structure({ requireMMDSV2: flag }, ['requireMMDSV2']) },
  ['agentRuntimeArtifact', 'roleArn'],
);
export const CREATE_ENDPOINT = structure(
  { name, agentRuntimeVersion: version, description: endpointDescription, clientToken, tags },
  ['name'],
);
export const UPDATE_ENDPOINT = structure({
  agentRuntimeVersion: version,
  description: endpointDescription,
  clientToken,
});
