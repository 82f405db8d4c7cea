import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IUserPool, IUserPoolClient, IUserPoolResourceServer } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { CognitoResources } from '../private/auth/cognito-resources';
import { addConnectionOutputs } from '../private/auth/connection-outputs';
import { DEFAULT_CALLBACK_PORT } from '../private/auth/host-callbacks';
import { jwtAuthorizer } from '../private/auth/jwt-authorizer';
import { jwtProblems } from '../private/auth/jwt-problems';
import {
  authorizer,
  customClaim,
  duration,
  identityProvider,
  removalPolicy,
  userPool,
  userPoolClient,
  userPoolDomain,
} from '../private/common/cdk-kinds';
import { constructError, refuse } from '../private/common/construct-error';
import {
  enumValue,
  flag,
  kindProblems,
  listOf,
  nonEmptyText,
  optional,
  options as optionsOf,
  text,
  textMap,
  texts,
  wholeNumber,
  type Kinds,
} from '../private/common/kinds';
import { McpReleaseCaller } from '../release/mcp-release-caller';
import type { CognitoAuthOptions } from './cognito-auth-options';
import type { JwtAuthOptions } from './jwt-auth-options';
import { McpHost } from './mcp-host';

const JWT_OPTIONS: Kinds<JwtAuthOptions> = {
  discoveryUrl: text,
  allowedClients: optional(texts),
  allowedAudiences: optional(texts),
  allowedScopes: optional(texts),
  customClaims: optional(listOf(customClaim, 'claims')),
};

const COGNITO_OPTIONS: Kinds<CognitoAuthOptions> = {
  userPool: optional(userPool),
  domain: optional(userPoolDomain),
  domainPrefix: optional(text),
  removalPolicy: optional(removalPolicy),
  scopes: optional(textMap),
  resourceServerIdentifier: optional(nonEmptyText),
  hosts: optional(listOf(enumValue('McpHost', McpHost, 'give one such as `McpHost.CLAUDE_CODE`'), 'hosts')),
  callbackUrls: optional(texts),
  callbackPort: optional(wholeNumber),
  machineClient: optional(flag),
  additionalClients: optional(listOf(userPoolClient, 'clients')),
  allowedAudiences: optional(texts),
  customClaims: optional(listOf(customClaim, 'claims')),
  identityProviders: optional(listOf(identityProvider, 'identity providers')),
  accessTokenValidity: optional(duration),
  refreshTokenValidity: optional(duration),
  refreshTokenRotationGracePeriod: optional(duration),
  publishMetadata: optional(flag),
};

/**
 * Who may call an MCP server, and how callers prove who they are.
 *
 * A runtime accepts one kind of caller, never two at once. For a kind that these do not name, give the configuration of
 * the L2 construct (`McpAuth.of`), or extend the class.
 *
 * @example
 * const auth = McpAuth.cognito({ machineClient: true });
 * new StatefulMcpServer(this, 'Expenses', { code: McpServerCode.fromTypeScript('server.ts'), auth });
 * new CfnOutput(this, 'TokenEndpoint', { value: auth.tokenEndpoint });
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
   * People sign in by Amazon Cognito in a browser (authorization code with PKCE), and machines with a client secret if
   * that is asked for. Both bring a token of one of the clients, with a scope of the server.
   *
   * What a host needs to connect becomes outputs of the stack: URL, client id, scopes, callback port and, unless
   * `publishMetadata` is false, the URL of the authorization server's metadata.
   *
   * @param options - such as a user pool that exists; there is a default for each
   */
  public static cognito(options?: CognitoAuthOptions): CognitoAuth {
    return new CognitoAuth(options);
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

  /**
   * Machines that a server lets in by itself, which a check of its release can call as. Asked for after `bind`.
   */
  public releaseCallers(): McpReleaseCaller[] {
    return [];
  }
}

/**
 * Sign-in by Amazon Cognito. What it makes for a server is there once the server is: the user pool, the clients, and what
 * a host needs to connect.
 *
 * Each server needs one of its own, so that a token for one does not open another. Servers may share the people: give the
 * `userPool` and the `domain` of one in the options of the other.
 */
export class CognitoAuth extends McpAuth {
  private resources?: CognitoResources;

  /**
   * @param options - see `McpAuth.cognito`
   */
  public constructor(private readonly options: CognitoAuthOptions = {}) {
    super();
  }

  /**
   * The user pool.
   */
  public get userPool(): IUserPool {
    return this.made('userPool').userPool;
  }

  /**
   * The server among the resource servers of the pool, which its scopes belong to.
   */
  public get resourceServer(): IUserPoolResourceServer {
    return this.made('resourceServer').resourceServer;
  }

  /**
   * The client that hosts use for people. It has no secret.
   */
  public get publicClient(): IUserPoolClient {
    return this.made('publicClient').publicClient;
  }

  /**
   * The client for machines, where there is one. `userPoolClientSecret` of it is read by a custom resource.
   */
  public get machineClient(): IUserPoolClient | undefined {
    return this.made('machineClient').machineClient;
  }

  /**
   * The scopes of the server as they are in tokens, with the identifier of the resource server.
   */
  public get scopes(): string[] {
    return [...this.made('scopes').scopes];
  }

  /**
   * The URL of the domain where people sign in, without a slash at its end.
   */
  public get domainUrl(): string {
    return this.made('domainUrl').domainUrl;
  }

  /**
   * Where machines get tokens.
   */
  public get tokenEndpoint(): string {
    return `${this.made('tokenEndpoint').domainUrl}/oauth2/token`;
  }

  /**
   * The URL of the authorization server's metadata, unless `publishMetadata` is false. Claude Code takes it as
   * `authServerMetadataUrl`.
   */
  public get metadataUrl(): string | undefined {
    return this.made('metadataUrl').metadataUrl;
  }

  /**
   * The port of `http://localhost:PORT/callback`.
   */
  public get callbackPort(): number {
    return this.options.callbackPort ?? DEFAULT_CALLBACK_PORT;
  }

  public bind(scope: Construct): RuntimeAuthorizerConfiguration {
    const { options } = this;
    refuse(scope, optionsOf(COGNITO_OPTIONS)(options, 'options'));
    const { resources: other } = this;
    if (other !== undefined) {
      throw constructError(
        scope,
        `\`auth\` is that of ${other.node.scope?.node.path} already, and its tokens would open both servers: give each server a \`McpAuth.cognito()\` of its own, ` +
          'with the `userPool` and the `domain` of the other one where the people are the same',
      );
    }
    // eslint-disable-next-line cdk/require-passing-this -- an auth is no construct
    this.resources = new CognitoResources(scope, 'Auth', options);
    addConnectionOutputs(scope, this.resources, this.callbackPort);
    return this.resources.authorizer;
  }

  /**
   * The client for machines, where there is one.
   */
  public releaseCallers(): McpReleaseCaller[] {
    const { machineClient, userPool: pool, scopes } = this;
    return machineClient === undefined
      ? []
      : [McpReleaseCaller.userPoolClient({ userPool: pool, userPoolClient: machineClient, scopes })];
  }

  private made(attribute: string): CognitoResources {
    if (this.resources === undefined) {
      throw constructError(
        undefined,
        `\`${attribute}\` is not made yet: give the \`McpAuth.cognito()\` to a server first, as \`auth\``,
      );
    }
    return this.resources;
  }
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
