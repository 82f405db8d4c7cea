import { Annotations, CfnResource, Duration, Stack, Token } from 'aws-cdk-lib';
import {
  GatewayCredentialProvider,
  GatewayTarget,
  type CfnGatewayTarget,
  type ICredentialProviderConfig,
  type IGateway,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct, IDependable } from 'constructs';
import { duration, secondsOf, unconvertedProblems } from '../common/cdk-kinds';
import { refuse } from '../common/construct-error';
import { kindProblems, like, optional, options as optionsKind, text, type Kinds } from '../common/kinds';
import { policyName, withStatementsIn } from '../permissions/execution-role';
import { OwnPolicy, SERVERS_WITH_POLICY } from '../permissions/own-policy';
import { gatewaySignature } from './gateway-signature';
import { isWithoutProtocol } from './gateway-without-protocol';

/** What a gateway has to know of a server. */
export interface TargetServer {
  readonly url: string;
  /** Whether callers bring a token instead of a signature. */
  readonly hasTokens: boolean;
  invoke(grantee: IGrantable): Grant;
  /** What is there once the server can be called. */
  readonly released?: IDependable;
}

export interface TargetOptions {
  readonly gatewayTargetName?: string;
  readonly description?: string;
  readonly credentialProvider?: ICredentialProviderConfig;
  readonly sessionTimeout?: Duration;
}

const gatewayKind = like('IGateway', ['gatewayId', 'gatewayArn', 'role'], 'give a `Gateway` of aws-bedrockagentcore');
const OPTIONS: Kinds<TargetOptions> = {
  gatewayTargetName: optional(text),
  description: optional(text),
  credentialProvider: optional(
    like('ICredentialProviderConfig', ['credentialProviderType'], 'make one with `GatewayCredentialProvider`'),
  ),
  sessionTimeout: optional(duration),
};

/** `sessionTimeoutInSeconds` of CreateGateway. */
const SHORTEST_SESSION = Duration.minutes(15);
const LONGEST_SESSION = Duration.hours(8);

/**
 * Lets a gateway call a server as an MCP server. Sessions and streams are what elicitation, sampling and progress need to
 * pass it.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-mcp-elicitation.html
 */
export function gatewayTarget(
  scope: Construct,
  server: TargetServer,
  gateway: IGateway,
  options: TargetOptions,
): GatewayTarget {
  refuse(scope, [...kindProblems({ gateway }, { gateway: gatewayKind }), ...optionsKind(OPTIONS)(options, 'options')]);
  refuse(scope, [...protocolProblems(gateway), ...credentialProblems(server, options), ...timeoutProblems(options)]);
  const { gatewayTargetName, description, credentialProvider, sessionTimeout = LONGEST_SESSION } = options;
  const target = GatewayTarget.forMcpServer(scope, `Target${gateway.node.addr.slice(-8)}`, {
    gateway,
    gatewayTargetName,
    description,
    endpoint: server.url,
    credentialProviderConfigurations: [credentialProvider ?? GatewayCredentialProvider.fromIamRole()],
  });
  if (credentialProvider === undefined) {
    const resource = target.node.defaultChild as CfnGatewayTarget;
    resource.addPropertyOverride('CredentialProviderConfigurations', [gatewaySignature(target)]);
    // Making the target has the gateway ask the server for its tools.
    server.invoke(callerIn(scope, target, gateway)).applyBefore(target);
  }
  if (server.released !== undefined) {
    target.node.addDependency(server.released);
  }
  keepSessions(scope, gateway, sessionTimeout);
  return target;
}

/** How many servers of its stack each gateway has. */
const serversOf = new WeakMap<IGateway, number>();

/**
 * The role of a gateway as a grantee, with a policy of the server: in that of the gateway, the stack of the gateway would
 * wait for that of the server, and each target for all servers. The first server of the stack is alone there.
 */
function callerIn(scope: Construct, target: GatewayTarget, gateway: IGateway): IRole {
  const { role } = gateway;
  if (Stack.of(gateway) === Stack.of(scope)) {
    const count = (serversOf.get(gateway) ?? 0) + 1;
    serversOf.set(gateway, count);
    if (count === 1 || count > SERVERS_WITH_POLICY) {
      return role;
    }
  }
  const policy = new OwnPolicy(scope, `${target.node.id}Policy`, { policyName: policyName(target, 'gateway') });
  policy.attachIfPossible(role);
  return withStatementsIn(role, () => policy);
}

function protocolProblems(gateway: IGateway): string[] {
  return isWithoutProtocol(gateway)
    ? [
        `\`gateway\` is ${gateway.node.path}, that of a canary, which has no protocol and shows no tools; gateways of the MCP protocol are allowed: make one with \`new Gateway(...)\``,
      ]
    : [];
}

function credentialProblems({ hasTokens }: TargetServer, { credentialProvider }: TargetOptions): string[] {
  if (hasTokens && credentialProvider === undefined) {
    return [
      '`credentialProvider` is not given, and callers of the server bring a token: give one such as `GatewayCredentialProvider.fromOauthIdentityArn(...)`',
    ];
  }
  return !hasTokens && credentialProvider !== undefined
    ? ['`credentialProvider` is given, and callers of the server sign; the role of the gateway does: leave it out']
    : [];
}

function timeoutProblems({ sessionTimeout }: TargetOptions): string[] {
  if (sessionTimeout === undefined || sessionTimeout.isUnresolved()) {
    return unconvertedProblems('sessionTimeout', sessionTimeout);
  }
  const seconds = secondsOf(sessionTimeout);
  return Number.isInteger(seconds) && seconds >= SHORTEST_SESSION.toSeconds() && seconds <= LONGEST_SESSION.toSeconds()
    ? []
    : [`\`sessionTimeout\` is ${seconds} seconds; whole seconds from 900 to 28800 are allowed: choose one of them`];
}

/**
 * Neither sessions nor streams are props of the L2 construct:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-bedrockagentcore-gateway-mcpgatewayconfiguration.html
 */
function keepSessions(scope: Construct, gateway: IGateway, sessionTimeout: Duration): void {
  const resource = gateway.node.defaultChild;
  if (resource !== undefined && CfnResource.isCfnResource(resource)) {
    const seconds = sessionTimeout.toSeconds();
    resource.addPropertyOverride('ProtocolConfiguration.Mcp.SessionConfiguration.SessionTimeoutInSeconds', seconds);
    resource.addPropertyOverride('ProtocolConfiguration.Mcp.StreamingConfiguration.EnableResponseStreaming', true);
  } else {
    Annotations.of(scope).addWarningV2(
      'cdk-stateful-mcp:importedGateway',
      `the gateway ${Token.isUnresolved(gateway.gatewayId) ? '' : gateway.gatewayId} is imported: elicitation, sampling and progress pass it only with sessions and response streaming switched on; acknowledge this once they are`,
    );
  }
}
