import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CustomClaim, JwtAuthorizer } from 'stateful-mcp-local';
import { JwtVerifier } from '../../../local/src/auth/jwt-verifier';
import { startTokenIssuer, type Discovery, type TokenIssuer } from './token-issuer';

let issuer: TokenIssuer;
beforeAll(async () => {
  issuer = await startTokenIssuer();
});
afterAll(() => issuer[Symbol.asyncDispose]());

async function outcome(rules: Partial<JwtAuthorizer>, claims: object): Promise<string> {
  const { discoveryUrl, token } = issuer;
  const verified = await new JwtVerifier({ discoveryUrl, ...rules }).verify(token(claims));
  return 'identity' in verified ? 'taken' : `${verified.problem} (${verified.error ?? 'no error'})`;
}

const mismatch = (claim: string, error = 'no error'): string =>
  `Claim '${claim}' value mismatch with configuration (${error})`;

test.each<[unknown, string]>([
  ['https://expenses.example', 'taken'],
  [['https://other.example', 'https://expenses.example'], 'taken'],
  ['https://expenses.example.evil.example', mismatch('aud')],
  [['https://expenses.example.evil.example'], mismatch('aud')],
  ['https://expenses', mismatch('aud')],
  [[], mismatch('aud')],
  [undefined, mismatch('aud')],
])('an audience is allowed as a whole: %j', async (aud, expected) => {
  expect(await outcome({ allowedAudience: ['https://expenses.example'] }, { aud })).toBe(expected);
  expect(await outcome({ allowedAudience: ['https://none.example', 'https://expenses.example'] }, { aud })).toBe(
    expected,
  );
  expect(await outcome({ allowedAudience: [] }, { aud })).toBe(mismatch('aud'));
});

test.each<[unknown, string]>([
  ['agent', 'taken'],
  ['agent-2', mismatch('client_id')],
  ['age', mismatch('client_id')],
  [undefined, mismatch('client_id')],
])('a client is allowed as a whole: %j', async (clientId, expected) => {
  expect(await outcome({ allowedClients: ['agent'] }, { client_id: clientId })).toBe(expected);
  expect(await outcome({ allowedClients: ['none', 'agent'] }, { client_id: clientId })).toBe(expected);
  expect(await outcome({ allowedClients: [] }, { client_id: clientId })).toBe(mismatch('client_id'));
});

test.each<[unknown, string]>([
  ['expenses:read', 'taken'],
  ['openid expenses:read', 'taken'],
  ['expenses:read-all', mismatch('scope', 'insufficient_scope')],
  ['', mismatch('scope', 'insufficient_scope')],
  [['expenses:read'], mismatch('scope', 'insufficient_scope')],
  [undefined, mismatch('scope', 'insufficient_scope')],
])('a scope is allowed as a word of `scope`: %j', async (scope, expected) => {
  expect(await outcome({ allowedScopes: ['expenses:read'] }, { scope })).toBe(expected);
  expect(await outcome({ allowedScopes: ['none', 'expenses:read'] }, { scope })).toBe(expected);
  expect(await outcome({ allowedScopes: [] }, { scope })).toBe(mismatch('scope', 'insufficient_scope'));
});

const seconds = (from: number): number => Math.floor(Date.now() / 1000) + from;
test.each<[string, () => object, string]>([
  ['an end to come', () => ({ exp: seconds(3600) }), 'taken'],
  ['an end within the skew of clocks', () => ({ exp: seconds(-30) }), 'taken'],
  ['an end that is past', () => ({ exp: seconds(-120) }), '"exp" claim timestamp check failed'],
  ['no end', () => ({ exp: undefined }), 'missing required "exp" claim'],
  ['a beginning within the skew of clocks', () => ({ nbf: seconds(30) }), 'taken'],
  ['a beginning to come', () => ({ nbf: seconds(120) }), '"nbf" claim timestamp check failed'],
  ['another issuer', () => ({ iss: `${issuer.origin}/other` }), 'unexpected "iss" claim value'],
  ['no issuer', () => ({ iss: undefined }), 'missing required "iss" claim'],
])('a token is good for its time and by its issuer: %s', async (_, claims, expected) => {
  expect(await outcome({}, claims())).toBe(
    expected === 'taken' ? expected : `Invalid bearer token: ${expected} (invalid_token)`,
  );
});

type Rule = Pick<CustomClaim['authorizingClaimMatchValue'], 'claimMatchOperator' | 'claimMatchValue'> & {
  readonly type: CustomClaim['inboundTokenClaimValueType'];
};
const equals: Rule = { type: 'STRING', claimMatchOperator: 'EQUALS', claimMatchValue: { matchValueString: 'audit' } };
const contains: Rule = {
  type: 'STRING_ARRAY',
  claimMatchOperator: 'CONTAINS',
  claimMatchValue: { matchValueString: 'audit' },
};
const containsAny: Rule = {
  type: 'STRING_ARRAY',
  claimMatchOperator: 'CONTAINS_ANY',
  claimMatchValue: { matchValueStringList: ['audit', 'staff'] },
};

test.each<[string, Rule, unknown, boolean]>([
  ['a string that is equal', equals, 'audit', true],
  ['a string that contains it', equals, 'auditors', false],
  ['a list where a string is asked for', equals, ['audit'], false],
  ['a string, by an operator for lists', { ...equals, claimMatchOperator: 'CONTAINS' }, 'audit', false],
  ['no claim, and a rule without a value', { ...equals, claimMatchValue: {} }, undefined, false],
  ['a list with it', contains, ['guests', 'audit'], true],
  ['a list without it', contains, ['auditors'], false],
  ['a string where a list is asked for', contains, 'auditors', false],
  ['no list', contains, undefined, false],
  ['a list, by the operator for strings', { ...contains, claimMatchOperator: 'EQUALS' }, ['audit'], false],
  ['a list with one of several', containsAny, ['staff'], true],
  ['a list with none of several', containsAny, ['guests'], false],
  ['a string where one of several is asked for', containsAny, 'audit and staff', false],
  ['a list, and a rule without values', { ...containsAny, claimMatchValue: {} }, ['audit'], false],
])('a rule for a claim: %s', async (_, { type, ...authorizingClaimMatchValue }, groups, taken) => {
  const claim: CustomClaim = {
    inboundTokenClaimName: 'groups',
    inboundTokenClaimValueType: type,
    authorizingClaimMatchValue,
  };
  expect(await outcome({ customClaims: [claim] }, { groups })).toBe(taken ? 'taken' : mismatch('groups'));
});

test.each<[string, object, string]>([
  ['its subject', { sub: 'ana', client_id: 'agent', azp: 'agent' }, 'sub=ana'],
  ['its client, without a subject', { client_id: 'agent', azp: 'other' }, 'client_id=agent'],
  ['its client, where the subject is empty', { sub: '', client_id: 'agent' }, 'client_id=agent'],
  ['the party that it was made for', { azp: 'agent', client_id: '' }, 'azp=agent'],
])('a token names its caller by %s', async (_, claims, named) => {
  const { discoveryUrl, origin, token } = issuer;
  expect(await new JwtVerifier({ discoveryUrl }).verify(token(claims))).toEqual({ identity: `${origin}|${named}` });
});

test('a claim that names nobody in words leaves a token to itself', async () => {
  const { discoveryUrl, token } = issuer;
  const verifier = new JwtVerifier({ discoveryUrl });
  const [one, other] = await Promise.all([1, 2].map(jti => verifier.verify(token({ azp: 7, jti }))));
  expect(one).toEqual({ identity: expect.not.stringContaining('azp') as string });
  expect(other).not.toEqual(one);
});

test('the discovery document is read once for many tokens', async () => {
  await using own = await startTokenIssuer();
  const verifier = new JwtVerifier(own);
  await Promise.all(['ana', 'bob'].map(sub => verifier.verify(own.token({ sub }))));
  await verifier.verify(own.token({ sub: 'ana' }));
  expect(own.discoveries()).toBe(1);
});

// Without an issuer to compare with, a token of any issuer with the same keys would do.
test.each<[string, (right: { issuer: string; jwks_uri: string }) => Discovery]>([
  ['of an error', document => ({ status: 500, document })],
  ['without an issuer', document => ({ status: 200, document: { ...document, issuer: undefined } })],
  ['without keys', document => ({ status: 200, document: { ...document, jwks_uri: undefined } })],
])('the discovery document %s opens nothing, and is asked for again', async (_, wrong) => {
  await using own = await startTokenIssuer((document, times) =>
    times === 1 ? wrong(document) : { status: 200, document },
  );
  const verifier = new JwtVerifier(own);
  expect(await verifier.verify(own.token({ sub: 'ana' }))).toEqual({
    problem: expect.stringContaining('without `issuer` and `jwks_uri`') as string,
    error: 'invalid_token',
  });
  expect(await verifier.verify(own.token({ sub: 'ana' }))).toEqual({ identity: `${own.origin}|sub=ana` });
});

test('a discovery document that does not come is not waited for', async () => {
  const after = AbortSignal.timeout.bind(AbortSignal);
  const limit = jest.spyOn(AbortSignal, 'timeout').mockImplementation(() => after(20));
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const discoveryUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/.well-known/openid-configuration`;
  expect(await new JwtVerifier({ discoveryUrl }).verify(issuer.token({ sub: 'ana' }))).toEqual({
    problem: `The discovery document ${discoveryUrl} cannot be read: The operation was aborted due to timeout`,
    error: 'invalid_token',
  });
  expect(limit).toHaveBeenCalledWith(5000);
  limit.mockRestore();
  silent.closeAllConnections();
  silent.close();
});
