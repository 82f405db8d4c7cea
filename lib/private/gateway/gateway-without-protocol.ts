import type { CfnGateway, CfnRuntime, Gateway } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * Takes the protocol away, without which alone a gateway has targets that are runtimes. The L2 construct always makes one
 * of the MCP protocol.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-target-http-runtime.html
 */
export function takeProtocolAway(gateway: Gateway): void {
  const resource = gateway.node.defaultChild as CfnGateway;
  resource.addPropertyDeletionOverride('ProtocolType');
  resource.addPropertyDeletionOverride('ProtocolConfiguration');
}

/** Lets in who may call a runtime: the two services take one form of it. */
export function takeTokensOf(
  gateway: Gateway,
  authorizerConfiguration: NonNullable<CfnRuntime['authorizerConfiguration']>,
): void {
  const resource = gateway.node.defaultChild as CfnGateway;
  resource.authorizerType = 'CUSTOM_JWT';
  resource.authorizerConfiguration = authorizerConfiguration as CfnGateway['authorizerConfiguration'];
}
