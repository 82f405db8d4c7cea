import { Stack } from 'aws-cdk-lib';
import { Gateway, GatewayAuthorizer, type CfnRuntime, type IGateway } from 'aws-cdk-lib/aws-bedrockagentcore';
import { Construct } from 'constructs';
import { constructError, refuse } from '../private/common/construct-error';
import { instanceOf, optional, options, text, wholeNumber, type Kinds } from '../private/common/kinds';
import { takeProtocolAway, takeTokensOf } from '../private/gateway/gateway-without-protocol';
import { runtimeTarget } from '../private/gateway/runtime-target';
import { splitSessions } from '../private/gateway/traffic-split';
import { StatefulMcpServer } from '../stateful-mcp-server';
import type { McpCanaryProps } from './mcp-canary-props';

const PROPS: Kinds<McpCanaryProps> = {
  server: instanceOf('StatefulMcpServer', () => StatefulMcpServer, 'make one with `new StatefulMcpServer(...)`', []),
  candidatePercent: wholeNumber,
  gatewayName: optional(text),
};

const NO_CANDIDATE =
  '`server` has no candidate: give it the prop `release: McpRelease.verified({ candidate: true })`, so that there are two versions to choose from';

/**
 * A URL whose new sessions are split between the version that users have and the candidate.
 *
 * Endpoints of a runtime have no weights. This is a gateway of its own, without a protocol, with a target for each of the
 * two endpoints and a rule that splits. It passes requests on as they are, so that elicitation, sampling and progress
 * cross. Who may call the server by a token may call the gateway by the same token; who signs needs `gateway.grantInvoke(client)`.
 *
 * A gateway holds a session to its version by the header `X-Amzn-Bedrock-AgentCore-Runtime-Session-Id`, which
 * `stateful-mcp-client`, and with it `stateful-mcp proxy`, sends to gateways. A client that does not send it has each of
 * its requests split anew, and loses its session.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-rules-session-stickiness.html
 */
export class McpCanary extends Construct {
  /**
   * The gateway.
   */
  public readonly gateway: IGateway;

  /**
   * The URL that MCP clients connect to.
   */
  public readonly url: string;

  public constructor(scope: Construct, id: string, props: McpCanaryProps) {
    super(scope, id);

    refuse(this, options(PROPS)(props, 'props'));
    refuse(this, percentProblems(props));
    const { server, candidatePercent, gatewayName } = props;
    const { candidateEndpointName, endpointName, runtimeArn } = server;
    if (candidateEndpointName === undefined) {
      throw constructError(this, NO_CANDIDATE);
    }

    const gateway = new Gateway(this, 'Gateway', {
      gatewayName,
      authorizerConfiguration: GatewayAuthorizer.usingAwsIam(),
    });
    this.gateway = gateway;
    takeProtocolAway(gateway);
    const { authorizerConfiguration } = server.runtime.node.defaultChild as CfnRuntime;
    const bringsToken = Stack.of(this).resolve(authorizerConfiguration) !== undefined;
    if (authorizerConfiguration !== undefined && bringsToken) {
      takeTokensOf(gateway, authorizerConfiguration);
    }
    const permissions = bringsToken
      ? []
      : [endpointName, candidateEndpointName].map(name => server.grants.forEndpoint(name).invoke(gateway.role));
    const target = (targetId: string, qualifier: string) =>
      runtimeTarget(this, targetId, { gateway, runtimeArn, qualifier, bringsToken, permissions, server });
    const live = target('Live', endpointName);
    const candidate = target('Candidate', candidateEndpointName);
    splitSessions(this, { gateway, live, candidate, candidatePercent });

    const { region, urlSuffix } = Stack.of(this);
    const host = `${gateway.gatewayId}.gateway.bedrock-agentcore.${region}.${urlSuffix}`;
    this.url = `https://${host}/${live.targetName}/invocations`;
  }
}

function percentProblems({ candidatePercent }: McpCanaryProps): string[] {
  return candidatePercent >= 0 && candidatePercent <= 100
    ? []
    : [`\`candidatePercent\` is ${candidatePercent}; whole numbers from 0 to 100 are allowed: choose one of them`];
}
