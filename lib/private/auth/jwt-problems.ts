import { Token } from 'aws-cdk-lib';
import type { RuntimeCustomClaim } from 'aws-cdk-lib/aws-bedrockagentcore';
import { DISCOVERY_URL } from '../common/contract';
import { described } from '../common/kinds';

/** CreateAgentRuntime, `AllowedScopeType`, `InboundTokenClaimNameType` and `MatchValueString`. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]{1,255}$/;
const CLAIM_NAME = /^[A-Za-z0-9_./:]{1,255}$/;
const CLAIM_VALUE = /^[A-Za-z0-9_.-]{1,255}$/;

/** Hosts of URLs that lead to this machine. */
export const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Scopes that an issuer gives to every app: OpenID Connect Core 5.4 and 11, and Amazon Cognito. */
export const EVERYBODYS_SCOPES: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'phone',
  'address',
  'offline_access',
  'aws.cognito.signin.user.admin',
]);

/** Claims that are alike in all tokens of an issuer. */
export const EVERYBODYS_CLAIMS: ReadonlySet<string> = new Set(['iss', 'token_use', 'typ', 'ver']);

export interface JwtRules {
  readonly discoveryUrl: string;
  readonly allowedClients?: readonly string[];
  readonly allowedAudiences?: readonly string[];
  readonly allowedScopes?: readonly string[];
  readonly customClaims?: readonly RuntimeCustomClaim[];
}

/** A claim as the L2 writes it into the template. */
interface RenderedClaim {
  readonly inboundTokenClaimName: string;
  readonly authorizingClaimMatchValue: {
    readonly claimMatchValue: { readonly matchValueString?: string; readonly matchValueStringList?: readonly string[] };
  };
}

/** What the service would refuse in these rules, and what would let in more than their author means. */
export function jwtProblems(rules: JwtRules): string[] {
  return [...discoveryProblems(rules.discoveryUrl), ...jwtLimitProblems(rules), ...openProblems(rules)];
}

/** What the service would refuse in lists of rules. */
export function jwtLimitProblems(rules: Omit<JwtRules, 'discoveryUrl'>): string[] {
  return [
    ...listProblems(rules),
    ...scopeProblems(rules.allowedScopes ?? []),
    ...claimProblems(rules.customClaims ?? []),
  ];
}

function discoveryProblems(url: string): string[] {
  if (Token.isUnresolved(url)) {
    return [];
  }
  const got = `\`discoveryUrl\` is ${described(url)}; `;
  if (!DISCOVERY_URL.test(url) || !URL.canParse(url)) {
    return [
      `${got}a URL with \`/.well-known/openid-configuration\` or \`/.well-known/oauth-authorization-server\` is allowed, ` +
        'and a path after it, without query, fragment and spaces: take the one that your issuer documents',
    ];
  }
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') {
    return ['`discoveryUrl` holds a user name or a password; everyone who may read the runtime sees it: leave it out'];
  }
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOST.test(hostname))
    ? []
    : [`${got}HTTPS is allowed, since it leads to the keys of the issuer: take the URL with \`https:\``];
}

/** Empty lists are no rule for the service, and empty values match nothing. */
function listProblems({
  allowedClients,
  allowedAudiences,
  allowedScopes,
  customClaims,
}: Omit<JwtRules, 'discoveryUrl'>): string[] {
  return Object.entries({ allowedClients, allowedAudiences, allowedScopes, customClaims }).flatMap(([name, list]) => {
    if (list?.length === 0) {
      return [`\`${name}\` is empty; 1 value or more is allowed: give one, or leave it out`];
    }
    return (list ?? []).flatMap((value, index) =>
      typeof value === 'string' && !Token.isUnresolved(value) && value.trim() === ''
        ? [`\`${name}[${index}]\` is ${JSON.stringify(value)}, which no token has: give a value, or leave it out`]
        : [],
    );
  });
}

function scopeProblems(scopes: readonly string[]): string[] {
  return scopes
    .filter(scope => !Token.isUnresolved(scope) && scope.trim() !== '' && !SCOPE.test(scope))
    .map(
      scope =>
        `\`allowedScopes\` has ${described(scope)}; 1 to 255 characters without spaces, quotes and backslashes are allowed: ` +
        'give each scope a place of its own in the list',
    );
}

function claimProblems(claims: readonly RuntimeCustomClaim[]): string[] {
  return claims.map(rendered).flatMap(({ inboundTokenClaimName: name, authorizingClaimMatchValue }) => {
    const { matchValueString, matchValueStringList = [] } = authorizingClaimMatchValue.claimMatchValue;
    const values = matchValueString === undefined ? matchValueStringList : [matchValueString];
    return [
      ...(Token.isUnresolved(name) || CLAIM_NAME.test(name)
        ? []
        : [
            `\`customClaims\` has the name ${described(name)}; 1 to 255 letters, digits, \`_\`, \`.\`, \`/\` and \`:\` are allowed: ` +
              'have the issuer name the claim in this way',
          ]),
      ...(values.length === 0
        ? [`\`customClaims\` has no value for ${described(name)}; 1 value or more is allowed: give one`]
        : []),
      ...values
        .filter(value => !Token.isUnresolved(value) && !CLAIM_VALUE.test(value))
        .map(
          value =>
            `\`customClaims\` has the value ${described(value)} for ${described(name)}; 1 to 255 letters, digits, \`_\`, \`.\` and \`-\` are allowed: ` +
            'have the issuer write the value in this way',
        ),
    ];
  });
}

function openProblems({
  allowedClients = [],
  allowedAudiences = [],
  allowedScopes = [],
  customClaims = [],
}: JwtRules): string[] {
  const scopeIsRule = allowedScopes.length > 0 && !allowedScopes.some(scope => EVERYBODYS_SCOPES.has(scope));
  const claimIsRule = customClaims.some(claim => !EVERYBODYS_CLAIMS.has(rendered(claim).inboundTokenClaimName));
  if (allowedClients.length > 0 || allowedAudiences.length > 0 || scopeIsRule || claimIsRule) {
    return [];
  }
  const given = [
    ...allowedScopes.filter(scope => EVERYBODYS_SCOPES.has(scope)).map(scope => `the scope ${JSON.stringify(scope)}`),
    ...customClaims.map(claim => `the claim ${JSON.stringify(rendered(claim).inboundTokenClaimName)}`),
  ];
  return [
    `every token of the issuer would open the server, one of any other app too${given.length === 0 ? '' : `: all of them have ${given.join(' and ')}`}; ` +
      'give `allowedClients`, `allowedAudiences`, `allowedScopes` or `customClaims` that only tokens for this server have',
  ];
}

function rendered(claim: RuntimeCustomClaim): RenderedClaim {
  return claim._render() as unknown as RenderedClaim;
}
