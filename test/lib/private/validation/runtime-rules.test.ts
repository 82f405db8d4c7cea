import { CfnResource, Stack } from 'aws-cdk-lib';
import {
  ProtocolType,
  RuntimeAuthorizerConfiguration,
  RuntimeNetworkConfiguration,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { findings, ISSUER, l1, newStack, runtime } from '../../fixtures/plain-runtimes';
import { removeProjects } from '../../fixtures/projects';

afterEach(removeProjects);

describe('tokensOpen', () => {
  const authorizer = (rules: object): object => ({
    authorizerConfiguration: { customJwtAuthorizer: { discoveryUrl: ISSUER, ...rules } },
  });
  const claim = (inboundTokenClaimName: string): object => ({
    customClaims: [
      {
        inboundTokenClaimName,
        inboundTokenClaimValueType: 'STRING',
        authorizingClaimMatchValue: { claimMatchOperator: 'EQUALS', claimMatchValue: { matchValueString: 'a' } },
      },
    ],
  });

  test.each<[string, object]>([
    ['no rule', {}],
    ['an empty list', { allowedClients: [] }],
    ['a scope of every token', { allowedScopes: ['openid'] }],
    ['a claim of every token', claim('token_use')],
  ])('%s', (_case, rules) => {
    const stack = newStack();
    l1(stack, authorizer(rules));
    expect(findings(stack)).toEqual(['tokensOpen Properties/AuthorizerConfiguration/CustomJWTAuthorizer']);
  });

  test.each<[string, object]>([
    ['clients', { allowedClients: ['agent'] }],
    ['audiences', { allowedAudience: ['server'] }],
    ['a scope of the server', { allowedScopes: ['server/invoke'] }],
    ['a claim', claim('department')],
  ])('not %s', (_case, rules) => {
    const stack = newStack();
    l1(stack, authorizer(rules));
    expect(findings(stack)).toEqual([]);
  });

  test('of the L2 construct', () => {
    const stack = newStack();
    runtime(stack, { authorizerConfiguration: RuntimeAuthorizerConfiguration.usingJWT(ISSUER) });
    expect(findings(stack)).toEqual(['tokensOpen Properties/AuthorizerConfiguration/CustomJWTAuthorizer']);
  });
});

describe('publicSubnets', () => {
  const inSubnets = (stack: Stack, vpc: Vpc, subnetType: SubnetType): void => {
    runtime(stack, {
      networkConfiguration: RuntimeNetworkConfiguration.usingVpc(stack, { vpc, vpcSubnets: { subnetType } }),
    });
  };
  const FOUND = [0, 1].map(index => `publicSubnets Properties/NetworkConfiguration/NetworkModeConfig/Subnets/${index}`);

  test('those of the stack', () => {
    const stack = newStack();
    inSubnets(stack, new Vpc(stack, 'Vpc'), SubnetType.PUBLIC);
    expect(findings(stack)).toEqual(FOUND);
  });

  test('those of another stack', () => {
    const stack = newStack();
    inSubnets(stack, new Vpc(new Stack(stack.node.root, 'Network'), 'Vpc'), SubnetType.PUBLIC);
    expect(findings(stack)).toEqual(FOUND);
  });

  test('those with a route to an internet gateway, and without public addresses', () => {
    const stack = newStack();
    inSubnets(
      stack,
      new Vpc(stack, 'Vpc', {
        subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false }],
      }),
      SubnetType.PUBLIC,
    );
    expect(findings(stack)).toEqual(FOUND);
  });

  test('not private ones', () => {
    const stack = newStack();
    inSubnets(stack, new Vpc(stack, 'Vpc'), SubnetType.PRIVATE_WITH_EGRESS);
    expect(findings(stack)).toEqual([]);
  });
});

describe('idleAboveMax', () => {
  test.each([
    { idleRuntimeSessionTimeout: 7200, maxLifetime: 3600 },
    { maxLifetime: 600 },
    { idleRuntimeSessionTimeout: 28_801 },
  ])('%j', lifecycleConfiguration => {
    const stack = newStack();
    l1(stack, { lifecycleConfiguration });
    expect(findings(stack)).toEqual(['idleAboveMax Properties/LifecycleConfiguration/IdleRuntimeSessionTimeout']);
  });

  test.each([{}, { idleRuntimeSessionTimeout: 3600, maxLifetime: 3600 }])('not %j', lifecycleConfiguration => {
    const stack = newStack();
    l1(stack, { lifecycleConfiguration });
    expect(findings(stack)).toEqual([]);
  });
});

describe('endpointFollows', () => {
  const FOUND = ['endpointFollows Properties/AgentRuntimeVersion'];

  test('an endpoint of the L2 construct without a version', () => {
    const stack = newStack();
    runtime(stack).addEndpoint('live');
    expect(findings(stack)).toEqual(FOUND);
  });

  test('an endpoint of the L1 construct without a version', () => {
    const stack = newStack();
    new CfnResource(stack, 'Endpoint', {
      type: 'AWS::BedrockAgentCore::RuntimeEndpoint',
      properties: { AgentRuntimeId: 'plain-0123456789', Name: 'live' },
    });
    expect(findings(stack)).toEqual(FOUND);
  });

  test('not one whose version comes of a check', () => {
    const stack = newStack();
    const check = new CfnResource(stack, 'Check', { type: 'Custom::Check' });
    runtime(stack).addEndpoint('live', { version: check.getAtt('Version').toString() });
    expect(findings(stack)).toEqual([]);
  });

  test('not one of a runtime with another protocol', () => {
    const stack = newStack();
    runtime(stack, { protocolConfiguration: ProtocolType.A2A }).addEndpoint('live');
    expect(findings(stack)).toEqual([]);
  });
});
