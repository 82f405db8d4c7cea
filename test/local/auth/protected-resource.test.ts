import { challenge, protectedResourceMetadata } from '../../../local/src/auth/protected-resource';
import type { JwtAuthorizer } from '../../../local/src/model/jwt-authorizer';

const ORIGIN = 'http://localhost:8080';
const ARN = 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/one-0123456789';
const PATH = `/runtimes/${encodeURIComponent(ARN)}/invocations`;
const ISSUER = 'https://issuer.example/pool';

const authorizer = (rules: Partial<JwtAuthorizer> = {}): JwtAuthorizer => ({
  discoveryUrl: `${ISSUER}/.well-known/openid-configuration`,
  ...rules,
});
const metadata = (rules?: Partial<JwtAuthorizer>): unknown =>
  JSON.parse(protectedResourceMetadata(ORIGIN, ARN, 'live', authorizer(rules)));

test('the metadata say where tokens come from and how they are sent', () => {
  expect(metadata()).toEqual({
    resource: `${ORIGIN}${PATH}?qualifier=live`,
    authorization_servers: [ISSUER],
    bearer_methods_supported: ['header'],
  });
});

test.each([
  [`${ISSUER}/.well-known/openid-configuration`, ISSUER],
  [`${ISSUER}/.well-known/oauth-authorization-server`, ISSUER],
  ['https://issuer.example/.well-known/oauth-authorization-server/pool', ISSUER],
  ['https://issuer.example/.well-known/openid-configuration/pool', ISSUER],
  [
    'https://issuer.example/.well-known/openid-configuration-2',
    'https://issuer.example/.well-known/openid-configuration-2',
  ],
])('the issuer of %s is %s', (discoveryUrl, expected) => {
  expect(metadata({ discoveryUrl })).toMatchObject({ authorization_servers: [expected] });
});

test.each<[string, Partial<JwtAuthorizer>, string[] | undefined]>([
  ['none', {}, undefined],
  ['none that are allowed', { allowedScopes: [] }, undefined],
  ['one', { allowedScopes: ['read'] }, ['read']],
  ['all that are allowed', { allowedScopes: ['read', 'write'] }, ['read', 'write']],
  [
    'some by another name',
    { allowedScopes: ['read', 'write'], advertisedScopeMapping: { read: 'api/read', other: 'api/other' } },
    ['api/read', 'write'],
  ],
  [
    'those of the names alone',
    { advertisedScopeMapping: { read: 'api/read', write: 'api/write' } },
    ['api/read', 'api/write'],
  ],
  [
    'one name for two',
    { allowedScopes: ['read', 'write'], advertisedScopeMapping: { read: 'api', write: 'api' } },
    ['api'],
  ],
])('metadata and challenge name the scopes: %s', (_, rules, scopes) => {
  expect((metadata(rules) as { scopes_supported?: string[] }).scopes_supported).toEqual(scopes);
  const named = scopes ? `, scope="${scopes.join(' ')}"` : '';
  const location = `resource_metadata="${ORIGIN}${PATH}/.well-known/oauth-protected-resource?qualifier=live"`;
  expect(challenge(ORIGIN, ARN, 'live', authorizer(rules))).toBe(`Bearer ${location}${named}`);
  expect(challenge(ORIGIN, ARN, 'live', authorizer(rules), 'insufficient_scope')).toBe(
    `Bearer error="insufficient_scope", ${location}${named}`,
  );
});
