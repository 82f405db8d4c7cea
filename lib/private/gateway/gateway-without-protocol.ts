import type { CfnGateway, CfnRuntime, Gateway, IGateway } from 'aws-cdk-lib/aws-bedrockagentcore';

const WITHOUT_PROTOCOL = new WeakSet<IGateway>();

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
  WITHOUT_PROTOCOL.add(gateway);
}

/** Whether its protocol was taken away. */
export function isWithoutProtocol(gateway: IGateway): boolean {
  return WITHOUT_PROTOCOL.has(gateway);
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
