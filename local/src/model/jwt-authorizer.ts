/**
 * Which tokens a runtime takes: `customJWTAuthorizer` of the service model. All that is given has to hold; a list holds
 * with one of its values.
 */
export interface JwtAuthorizer {
  /**
   * Has `/.well-known/openid-configuration` or `/.well-known/oauth-authorization-server` at its end or before the path of
   * the issuer, and neither query nor fragment.
   */
  readonly discoveryUrl: string;
  /** Checked against `aud`. */
  readonly allowedAudience?: readonly string[];
  /** Checked against `client_id`. */
  readonly allowedClients?: readonly string[];
  /** Checked against the words of `scope`. */
  readonly allowedScopes?: readonly string[];
  readonly customClaims?: readonly CustomClaim[];
  /** From scope of a token to the scope that clients are told to ask for. */
  readonly advertisedScopeMapping?: Readonly<Record<string, string>>;
}

export interface CustomClaim {
  readonly inboundTokenClaimName: string;
  readonly inboundTokenClaimValueType: 'STRING' | 'STRING_ARRAY';
  readonly authorizingClaimMatchValue: {
    readonly claimMatchOperator: 'EQUALS' | 'CONTAINS' | 'CONTAINS_ANY';
    readonly claimMatchValue: { readonly matchValueString?: string; readonly matchValueStringList?: readonly string[] };
  };
}
