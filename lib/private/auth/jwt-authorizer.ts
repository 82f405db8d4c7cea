import { Lazy, Token } from 'aws-cdk-lib';
import { RuntimeAuthorizerConfiguration } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { JwtRules } from './jwt-problems';

/** The only form that the L2 takes; the service has taken the others since November 2026. */
const FORM_OF_THE_L2 = /\/\.well-known\/openid-configuration$/;

/** Rules that have been looked at, as the L2 wants them. */
export function jwtAuthorizer(rules: JwtRules): RuntimeAuthorizerConfiguration {
  const { discoveryUrl, allowedClients, allowedAudiences, allowedScopes, customClaims } = rules;
  const isTaken = Token.isUnresolved(discoveryUrl) || FORM_OF_THE_L2.test(discoveryUrl);
  return RuntimeAuthorizerConfiguration.usingJWT(
    isTaken ? discoveryUrl : Lazy.string({ produce: () => discoveryUrl }),
    copyOf(allowedClients),
    copyOf(allowedAudiences),
    copyOf(allowedScopes),
    copyOf(customClaims),
  );
}

function copyOf<T>(list: readonly T[] | undefined): T[] | undefined {
  return list && [...list];
}
