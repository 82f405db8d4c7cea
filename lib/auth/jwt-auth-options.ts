import type { RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';

/**
 * Which tokens open an MCP server. All that is given has to hold; a list holds with one of its values.
 *
 * At least one of clients, audiences, scopes and claims is needed. Without them, every token of the issuer would open
 * the server: one of any other app, of any user.
 */
export interface JwtAuthOptions {
  /**
   * Where the issuer of the tokens publishes its keys: a URL with `/.well-known/openid-configuration` or
   * `/.well-known/oauth-authorization-server`, and a path after it at most. It has no query and no fragment.
   *
   * The service has taken the second form since November 2026. The schema of CloudFormation may be older: the CDK then
   * warns of it (`CloudFormation-Validate::F3031`). Take the first form where the issuer has both.
   *
   * HTTPS, unless it is of this machine, for tests with the local runtime.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CustomJWTAuthorizerConfiguration.html
   */
  readonly discoveryUrl: string;

  /**
   * Ids of the clients whose tokens are taken, by the claim `client_id`.
   *
   * Some issuers name the client by another claim (Microsoft Entra ID: `azp` or `appid`). Use `customClaims` for those.
   *
   * @default - tokens of all clients
   */
  readonly allowedClients?: string[];

  /**
   * Audiences that a token may be for, by the claim `aud`.
   *
   * @default - tokens for all audiences
   */
  readonly allowedAudiences?: string[];

  /**
   * Scopes, one of which a token needs, by the claim `scope`. 1 to 255 characters each, without spaces, `"` and `\`.
   *
   * Those of OpenID Connect (`openid`, `profile`, ...) are in the tokens of every app, so they are not enough alone.
   *
   * @default - tokens of all scopes
   */
  readonly allowedScopes?: string[];

  /**
   * Other claims that a token needs, all of them. Names and values have 1 to 255 characters: letters, digits, `_`, `.`;
   * names also `:` and `/`, values also `-`.
   *
   * @default - no other claims
   */
  readonly customClaims?: RuntimeCustomClaim[];
}
