import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import { authorizer } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { kindProblems } from '../private/common/kinds';

/**
 * Who may call an MCP server, and how callers prove who they are.
 *
 * A runtime accepts one kind of caller, never two at once. For a kind that these do not name, give the configuration of
 * the L2 construct (`McpAuth.of`), or extend the class.
 */
export abstract class McpAuth {
  /**
   * Callers sign their requests with AWS credentials (Signature Version 4).
   *
   * Nobody may call the server until it is granted, for example with `server.grants.invoke(role)`.
   */
  public static iam(): McpAuth {
    return McpAuth.of(RuntimeAuthorizerConfiguration.usingIAM());
  }

  /**
   * Callers as a configuration of the L2 construct of the runtime has them, for example by the tokens of an identity
   * provider.
   *
   * @param configuration - such as `RuntimeAuthorizerConfiguration.usingCognito(userPool, [client])`
   */
  public static of(configuration: RuntimeAuthorizerConfiguration): McpAuth {
    return new ConfiguredAuth(configuration);
  }

  /**
   * The configuration for one server. Called once for each server.
   *
   * @param scope - the server, a construct; what the configuration needs can be made in it
   */
  public abstract bind(scope: Construct): RuntimeAuthorizerConfiguration;
}

class ConfiguredAuth extends McpAuth {
  public constructor(private readonly configuration: RuntimeAuthorizerConfiguration) {
    super();
  }

  public bind(scope: Construct): RuntimeAuthorizerConfiguration {
    const { configuration } = this;
    refuse(scope, kindProblems({ configuration }, { configuration: authorizer }));
    return configuration;
  }
}
