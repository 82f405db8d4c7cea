import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';
import type {
  IUserPool,
  IUserPoolClient,
  IUserPoolDomain,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito';
import type { McpHost } from './mcp-host';

/**
 * How people and machines sign in to an MCP server by Amazon Cognito.
 */
export interface CognitoAuthOptions {
  /**
   * The user pool, of the Region of the server. Managed login and resource binding need its plan Essentials or Plus.
   *
   * @default - a new one, of the plan Essentials: an administrator makes the users, who sign in by their email address,
   * a password and a one-time password of an authenticator app
   */
  readonly userPool?: IUserPool;

  /**
   * The domain of `userPool`, where people sign in. An imported one is a custom domain if there is a dot in its name.
   *
   * @default - a new one, at `amazoncognito.com`
   */
  readonly domain?: IUserPoolDomain;

  /**
   * The first part of the domain, for which `.auth.REGION.amazoncognito.com` follows. It is unique in the Region: 1 to 63
   * lower-case letters, digits and hyphens, without `aws`, `amazon` and `cognito`.
   *
   * Another one in a later deployment fails: a user pool has one such domain, and AWS CloudFormation makes the new one
   * before it removes the former.
   *
   * @default - a name made of the construct's path and the account
   */
  readonly domainPrefix?: string;

  /**
   * What happens to the user pool that is made here, with its users, when it is removed from the stack. It is protected
   * against deletion unless this is `RemovalPolicy.DESTROY`.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Scopes of the server, by name, with a description of what they allow. A token needs one of them; which one, a server
   * sees in the token when `forwardHeaders` names `Authorization`.
   *
   * 1 to 49 names of 1 to 255 characters, with the identifier and a slash before them, without spaces, `"`, `\` and `/`;
   * descriptions of 1 to 256 characters.
   *
   * @default - `invoke`
   */
  readonly scopes?: { [name: string]: string };

  /**
   * The identifier of the server among the resource servers of the pool, with which its scopes begin. 1 to 256
   * characters.
   *
   * @default - a name made of the construct's path
   */
  readonly resourceServerIdentifier?: string;

  /**
   * The hosts that people sign in with, for which their callback URLs are registered.
   *
   * @default - all that are known
   */
  readonly hosts?: McpHost[];

  /**
   * Callback URLs of other hosts, exactly as they send them: HTTPS, a scheme of their own, or HTTP on this machine. 100 in
   * all, with those of `hosts`.
   *
   * @default - none
   */
  readonly callbackUrls?: string[];

  /**
   * The port of `http://localhost:PORT/callback`, for hosts that listen there. Cognito compares the port, too. From 1024
   * to 65535.
   *
   * @default 3118
   */
  readonly callbackPort?: number;

  /**
   * Whether there is a client for machines, which get tokens with its secret (client credentials). Cognito keeps the
   * secret, and `machineClient.userPoolClientSecret` reads it at the deployment.
   *
   * @default false
   */
  readonly machineClient?: boolean;

  /**
   * Clients of the pool that are made elsewhere, whose tokens open the server as well, with a scope of it.
   *
   * @default - none
   */
  readonly additionalClients?: IUserPoolClient[];

  /**
   * Audiences that a token may be for (`aud`), for a server that people alone use. Cognito sets it to the `resource` that a
   * host names when a person signs in, and never for machines, so `machineClient` and this exclude each other.
   *
   * The URL of the server itself is not known in time: its runtime cannot name it. Give the URL of a custom domain or of
   * a gateway before it.
   *
   * @default - the audience is not looked at, and client and scope are
   */
  readonly allowedAudiences?: string[];

  /**
   * Other claims that a token needs, such as a group: `RuntimeCustomClaim.withStringArrayValue('cognito:groups', ['staff'])`.
   *
   * Tokens of machines have no groups.
   *
   * @default - no other claims
   */
  readonly customClaims?: RuntimeCustomClaim[];

  /**
   * Identity providers of the pool that people may use.
   *
   * @default - Amazon Cognito itself, and those that are registered with the pool in this app
   */
  readonly identityProviders?: UserPoolClientIdentityProvider[];

  /**
   * How long an access token is valid: 5 minutes to 1 day. Nobody can take one back before that.
   *
   * @default Duration.hours(1)
   */
  readonly accessTokenValidity?: Duration;

  /**
   * After how long people sign in again: 1 hour to 10 years.
   *
   * @default Duration.days(30)
   */
  readonly refreshTokenValidity?: Duration;

  /**
   * How long a refresh token that was used may be used once more, for a host that did not get the answer, or refreshes
   * from two windows at a time. 0 to 60 seconds; each use gives a new one.
   *
   * @default Duration.seconds(60)
   */
  readonly refreshTokenRotationGracePeriod?: Duration;

  /**
   * Whether the authorization server's metadata are published (RFC 8414) by a public HTTP API. Cognito does not say in
   * its own that it knows PKCE, for which some hosts refuse it.
   *
   * @default true
   */
  readonly publishMetadata?: boolean;
}
