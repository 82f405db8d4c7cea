import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';

/**
 * Who may call an MCP server, and how callers prove who they are.
 *
 * A runtime accepts one kind of caller, never two at once.
 */
export abstract class McpAuth {
  /**
   * Callers sign their requests with AWS credentials (Signature Version 4).
   *
   * Nobody may call the server until it is granted, for example with `server.grants.invoke(role)`.
   */
  public static iam(): McpAuth {
    return new IamAuth();
  }

  /** @internal */
  public abstract _bind(scope: Construct): RuntimeAuthorizerConfiguration;
}

class IamAuth extends McpAuth {
  public _bind(): RuntimeAuthorizerConfiguration {
    return RuntimeAuthorizerConfiguration.usingIAM();
  }
}
