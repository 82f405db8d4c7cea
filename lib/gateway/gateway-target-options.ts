import type { Duration } from 'aws-cdk-lib';
import type { ICredentialProviderConfig } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * How a gateway calls a server.
 *
 * @example
 * const gateway = new agentcore.Gateway(this, 'Gateway');
 * const server = new StatefulMcpServer(this, 'Expenses', { code: McpServerCode.fromTypeScript('server.ts') });
 * server.addToGateway(gateway, { gatewayTargetName: 'expenses', sessionTimeout: Duration.hours(1) });
 */
export interface GatewayTargetOptions {
  /**
   * The name of the target, which the gateway puts before the names of the tools. Letters and digits with single hyphens
   * in between, 100 at most.
   *
   * @default - a name made of the path of the target
   */
  readonly gatewayTargetName?: string;

  /**
   * What the target is for.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * How the gateway shows who it is to a server whose callers bring a token, such as
   * `GatewayCredentialProvider.fromOauthIdentityArn(...)`. The token must be one that `auth` of the server lets in.
   *
   * Not for a server whose callers sign: the gateway signs by its own role, which gets the permission.
   *
   * @default - the gateway's role
   */
  readonly credentialProvider?: ICredentialProviderConfig;

  /**
   * How long a session of the gateway lives after its start, 15 minutes to 8 hours. It holds for all targets of the
   * gateway.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-sessions.html
   *
   * @default Duration.hours(8)
   */
  readonly sessionTimeout?: Duration;
}
