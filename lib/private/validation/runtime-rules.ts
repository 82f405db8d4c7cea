import { EVERYBODYS_CLAIMS, EVERYBODYS_SCOPES } from '../auth/jwt-problems';
import { DEFAULT_IDLE_TIMEOUT_SECONDS, DEFAULT_MAX_LIFETIME_SECONDS } from '../common/contract';
import type { Rule } from './rule';
import { elementsOf, membersOf, type Located, type Templates } from './templates';

const LIFECYCLE = 'Properties/LifecycleConfiguration';

function isOpenToAll({ properties }: Located): boolean {
  const { CustomJWTAuthorizer: authorizer } = membersOf(properties.AuthorizerConfiguration);
  if (authorizer === undefined) {
    return false;
  }
  const { AllowedClients, AllowedAudience, AllowedScopes, CustomClaims, AllowedWorkloadConfiguration } =
    membersOf(authorizer);
  const scopes = elementsOf(AllowedScopes);
  const claims = elementsOf(CustomClaims).map(claim => membersOf(claim).InboundTokenClaimName);
  return (
    elementsOf(AllowedClients).length === 0 &&
    elementsOf(AllowedAudience).length === 0 &&
    AllowedWorkloadConfiguration === undefined &&
    (scopes.length === 0 || scopes.some(scope => EVERYBODYS_SCOPES.has(scope as string))) &&
    claims.every(claim => EVERYBODYS_CLAIMS.has(claim as string))
  );
}

function idlesTooLong({ properties }: Located): boolean {
  const { IdleRuntimeSessionTimeout: idle, MaxLifetime: most } = membersOf(properties.LifecycleConfiguration);
  return Number(idle ?? DEFAULT_IDLE_TIMEOUT_SECONDS) > Number(most ?? DEFAULT_MAX_LIFETIME_SECONDS);
}

/** Whether something in the app sends what leaves a subnet to an internet gateway, or gives it public addresses. */
function isPublic(templates: Templates, subnet: Located): boolean {
  if (subnet.properties.MapPublicIpOnLaunch === true) {
    return true;
  }
  const tables = templates
    .ofType('AWS::EC2::SubnetRouteTableAssociation')
    .filter(({ properties, template }) => isSame(templates.referenced(properties.SubnetId, template), subnet))
    .map(({ properties, template }) => templates.referenced(properties.RouteTableId, template));
  return templates
    .ofType('AWS::EC2::Route')
    .some(
      ({ properties, template }) =>
        tables.some(table => isSame(templates.referenced(properties.RouteTableId, template), table)) &&
        templates.referenced(properties.GatewayId, template)?.type === 'AWS::EC2::InternetGateway',
    );
}

function isSame(one: Located | undefined, other: Located | undefined): boolean {
  return one !== undefined && one.id === other?.id && one.template === other.template;
}

export const RUNTIME_RULES: readonly Rule[] = [
  {
    id: 'tokensOpen',
    severity: 'error',
    description: 'every token of the issuer opens the server, one of any other app too',
    fix: 'give `allowedClients`, `allowedAudience`, `allowedScopes` or a claim that only tokens for this server have',
    check: (_templates, runtimes) =>
      runtimes
        .filter(isOpenToAll)
        .map(resource => ({ resource, location: 'Properties/AuthorizerConfiguration/CustomJWTAuthorizer' })),
  },
  {
    id: 'publicSubnets',
    severity: 'error',
    description:
      'a runtime in a public subnet: its network interface gets no public address, so that the server reaches nothing outside of the VPC, its own image included',
    fix: 'take private subnets with a NAT gateway, or with endpoints for what the server needs (`McpNetwork.vpc({ vpc, endpoints: true })`)',
    check: (templates, runtimes) =>
      runtimes.flatMap(resource => {
        const { NetworkModeConfig: configuration } = membersOf(resource.properties.NetworkConfiguration);
        return elementsOf(membersOf(configuration).Subnets).flatMap((value, index) => {
          const subnet = templates.referenced(value, resource.template);
          return subnet !== undefined && isPublic(templates, subnet)
            ? [{ resource, location: `Properties/NetworkConfiguration/NetworkModeConfig/Subnets/${index}` }]
            : [];
        });
      }),
  },
  {
    id: 'idleAboveMax',
    severity: 'error',
    description: 'the idle timeout is longer than a session may live, so that it never ends one',
    fix: 'set `IdleRuntimeSessionTimeout` to `MaxLifetime` at most',
    check: (_templates, runtimes) =>
      runtimes.filter(idlesTooLong).map(resource => ({ resource, location: `${LIFECYCLE}/IdleRuntimeSessionTimeout` })),
  },
  {
    id: 'endpointFollows',
    severity: 'error',
    description:
      'an endpoint without a version of its own moves to each new version at once, one that does not start included, as DEFAULT does',
    fix: "name a version (`runtime.addEndpoint('live', { version: '3' })`), and move it once the new one is checked; clients that may follow use DEFAULT",
    check: (templates, runtimes) =>
      templates
        .ofType('AWS::BedrockAgentCore::RuntimeEndpoint')
        .filter(({ properties, template }) => {
          const runtime = templates.referenced(properties.AgentRuntimeId, template);
          return runtime === undefined || runtimes.some(other => isSame(other, runtime));
        })
        .filter(
          ({ properties: { AgentRuntimeVersion: version }, template }) =>
            version === undefined || templates.referenced(version, template)?.type === 'AWS::BedrockAgentCore::Runtime',
        )
        .map(resource => ({ resource, location: 'Properties/AgentRuntimeVersion' })),
  },
];
