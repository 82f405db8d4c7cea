import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { Construct } from 'constructs';
import { jwtAuthorizer } from '../private/auth/jwt-authorizer';
import { jwtProblems } from '../private/auth/jwt-problems';
import { authorizer, customClaim } from '../private/common/cdk-kinds';
import { refuse } from '../private/common/construct-error';
import { kindProblems, listOf, optional, options as optionsOf, text, texts, type Kinds } from '../private/common/kinds';
import type { JwtAuthOptions } from './jwt-auth-options';

const JWT_OPTIONS: Kinds<JwtAuthOptions> = {
  discoveryUrl: text,
  allowedClients: optional(texts),
  allowedAudiences: optional(texts),
  allowedScopes: optional(texts),
  customClaims: optional(listOf(customClaim, 'claims')),
};

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
   * Callers bring a token of an identity provider (OAuth 2.0), a JSON Web Token in the header `Authorization`.
   *
   * AgentCore Runtime checks its signature, its issuer and its end, and what is given here. An error at synthesis says
   * when that would let every token of the issuer in. The AWS SDK cannot call such a server.
   *
   * @param options - which tokens are taken
   */
  public static jwt(options: JwtAuthOptions): McpAuth {
    return new JwtAuth(options);
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

class JwtAuth extends McpAuth {
  public constructor(private readonly options: JwtAuthOptions) {
    super();
  }

  public bind(scope: Construct): RuntimeAuthorizerConfiguration {
    const { options } = this;
    refuse(scope, optionsOf(JWT_OPTIONS)(options, 'options'));
    refuse(scope, jwtProblems(options));
    return jwtAuthorizer(options);
  }
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
