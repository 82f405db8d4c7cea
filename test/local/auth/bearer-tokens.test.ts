import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CustomClaim, JwtAuthorizer } from 'stateful-mcp-local';
import { JwtVerifier } from '../../../local/src/auth/jwt-verifier';
import { startProvider } from '../fixtures/provider';
import { McpEndpoint, sessionServer, startRuntime, type Started } from '../running';

let provider: Awaited<ReturnType<typeof startProvider>>;
let issuer: string;
beforeAll(async () => {
  provider = await startProvider('oidc-provider');
  ({ issuer } = provider);
});
afterAll(() => provider.end());

async function token(
  client = 'agent',
  scope = 'expenses:read',
  resource = 'https://expenses.example',
): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:secret`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
  });
  const { access_token: accessToken } = (await response.json()) as { access_token?: string };
  expect(accessToken).toBeDefined();
  return accessToken as string;
}

interface Protected extends Started {
  readonly platformUrl: string;
  readonly status: (authorization?: string) => Promise<number>;
}

async function start(authorizer: Partial<JwtAuthorizer> = {}, allowlist?: string[]): Promise<Protected> {
  const customJWTAuthorizer = { discoveryUrl: `${issuer}/.well-known/openid-configuration`, ...authorizer };
  const started = await startRuntime({
    runtimes: [sessionServer({ customJWTAuthorizer, requestHeaderAllowlist: allowlist })],
    auth: 'platform-urls',
  });
  const platformUrl = `${started.url}${started.runtime.runtimes[0]?.invocationPath ?? ''}`;
  const endpoint = new McpEndpoint(platformUrl);
  return {
    ...started,
    platformUrl,
    status: async authorization => {
      const response = await endpoint.call(
        'describe',
        {},
        undefined,
        authorization === undefined ? {} : { headers: { authorization } },
      );
      await response.text();
      return response.status;
    },
  };
}

test('a token of the issuer opens the runtime', async () => {
  const { status } = await start();
  expect(await status(`Bearer ${await token()}`)).toBe(200);
});

test('without a token the answer says where to get one', async () => {
  const { endpoint, platformUrl, url, runtime } = await start({
    advertisedScopeMapping: { 'expenses:read': 'read', 'expenses:write': 'write' },
  });
  const response = await new McpEndpoint(platformUrl).call('describe');
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32001, message: 'Authentication error - Invalid credentials' },
  });
  const challenge = response.headers.get('www-authenticate') ?? '';
  const metadataUrl = /^Bearer resource_metadata="([^"]+)", scope="read write"$/.exec(challenge)?.[1] ?? '';
  expect(metadataUrl).toBe(
    `${url}/runtimes/${encodeURIComponent(runtime.runtimes[0]?.arn ?? '')}/invocations/.well-known/oauth-protected-resource?qualifier=DEFAULT`,
  );
  expect(await (await fetch(metadataUrl)).json()).toEqual({
    resource: platformUrl,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: ['read', 'write'],
  });
  // The short path is for clients that cannot show who they are.
  expect((await endpoint.call('describe')).status).toBe(200);
});

test.each([
  ['a signature', 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/bedrock-agentcore/aws4_request'],
  ['an empty token', 'Bearer '],
  ['no JWT', 'Bearer abc'],
  [
    'an unsigned token',
    `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"a"}').toString('base64url')}.`,
  ],
])('is refused: %s', async (_, authorization) => {
  const { status } = await start();
  expect(await status(authorization)).toBe(401);
});

test('a token whose content was changed is refused', async () => {
  const { status } = await start();
  const [head, , signature] = (await token()).split('.');
  const content = Buffer.from(JSON.stringify({ iss: issuer, sub: 'somebody', exp: 9_999_999_999 })).toString(
    'base64url',
  );
  expect(await status(`Bearer ${head}.${content}.${signature}`)).toBe(401);
});

test('an issuer that cannot be reached is no reason to let anybody in', async () => {
  const { status } = await start({ discoveryUrl: 'http://127.0.0.1:1/.well-known/openid-configuration' });
  expect(await status(`Bearer ${await token()}`)).toBe(401);
});

const claim = (
  name: string,
  type: 'STRING' | 'STRING_ARRAY',
  claimMatchOperator: 'EQUALS' | 'CONTAINS' | 'CONTAINS_ANY',
  value: string | string[],
): CustomClaim => ({
  inboundTokenClaimName: name,
  inboundTokenClaimValueType: type,
  authorizingClaimMatchValue: {
    claimMatchOperator,
    claimMatchValue: typeof value === 'string' ? { matchValueString: value } : { matchValueStringList: value },
  },
});

test.each<[string, Partial<JwtAuthorizer>, number]>([
  ['its audience', { allowedAudience: ['https://other.example', 'https://expenses.example'] }, 200],
  ['another audience', { allowedAudience: ['https://other.example'] }, 403],
  ['its client', { allowedClients: ['agent'] }, 200],
  ['another client', { allowedClients: ['other-agent'] }, 403],
  ['its scope', { allowedScopes: ['expenses:write', 'expenses:read'] }, 200],
  ['another scope', { allowedScopes: ['expenses:write'] }, 403],
  [
    'its audience and another client',
    { allowedAudience: ['https://expenses.example'], allowedClients: ['other-agent'] },
    403,
  ],
  ['EQUALS', { customClaims: [claim('department', 'STRING', 'EQUALS', 'finance')] }, 200],
  ['EQUALS, not', { customClaims: [claim('department', 'STRING', 'EQUALS', 'sales')] }, 403],
  ['CONTAINS', { customClaims: [claim('groups', 'STRING_ARRAY', 'CONTAINS', 'auditors')] }, 200],
  ['CONTAINS, not', { customClaims: [claim('groups', 'STRING_ARRAY', 'CONTAINS', 'guests')] }, 403],
  ['CONTAINS_ANY', { customClaims: [claim('groups', 'STRING_ARRAY', 'CONTAINS_ANY', ['guests', 'staff'])] }, 200],
  ['CONTAINS_ANY, not', { customClaims: [claim('groups', 'STRING_ARRAY', 'CONTAINS_ANY', ['guests'])] }, 403],
  ['a claim that is missing', { customClaims: [claim('missing', 'STRING', 'EQUALS', 'a')] }, 403],
  [
    'two claims, one of which fails',
    {
      customClaims: [
        claim('department', 'STRING', 'EQUALS', 'finance'),
        claim('groups', 'STRING_ARRAY', 'CONTAINS', 'guests'),
      ],
    },
    403,
  ],
])('what is asked of a token: %s', async (_, authorizer, expected) => {
  const { status } = await start(authorizer);
  expect(await status(`Bearer ${await token()}`)).toBe(expected);
});

test('a session does not exist for another caller', async () => {
  const { platformUrl } = await start();
  const endpoint = new McpEndpoint(platformUrl);
  const as = async (client: string): Promise<RequestInit> => ({
    headers: { authorization: `Bearer ${await token(client)}` },
  });
  const opened = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' }, undefined, await as('agent'));
  const sessionId = opened.headers.get('mcp-session-id') as string;
  await opened.text();
  expect((await endpoint.call('describe', {}, sessionId, await as('agent'))).status).toBe(200);
  const foreign = await endpoint.call('describe', {}, sessionId, await as('other-agent'));
  expect([foreign.status, await foreign.json()]).toEqual([
    404,
    { jsonrpc: '2.0', id: expect.any(Number) as number, error: { code: -32001, message: 'Session not found' } },
  ]);
});

describe('tokens of an issuer of the test', () => {
  let keys: Server;
  let key: KeyObject;
  beforeAll(async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    key = pair.privateKey;
    keys = createServer((request, response) => {
      const origin = `http://${request.headers.host}`;
      const isKeys = request.url === '/keys';
      response.end(
        JSON.stringify(
          isKeys
            ? { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), alg: 'RS256' }] }
            : { issuer: origin, jwks_uri: `${origin}/keys` },
        ),
      );
    }).listen(0, '127.0.0.1');
    await once(keys, 'listening');
  });
  afterAll(() => {
    keys.close();
  });

  const origin = (): string => `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
  const signed = (claims: object): string => {
    const content = [{ alg: 'RS256' }, { iss: origin(), exp: 9_999_999_999, ...claims }]
      .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
  };

  const seconds = (): number => Math.floor(Date.now() / 1000);
  test.each<[string, () => object, number]>([
    ['its issuer, for an hour', () => ({ exp: seconds() + 3600 }), 200],
    ['within the skew of clocks', () => ({ exp: seconds() - 30 }), 200],
    ['an end that is past', () => ({ exp: seconds() - 120 }), 401],
    ['no end', () => ({ exp: undefined }), 401],
    ['an end that is no number', () => ({ exp: 'never' }), 401],
    ['a beginning that is to come', () => ({ nbf: seconds() + 3600 }), 401],
    ['another issuer with the same keys', () => ({ iss: 'https://other.example' }), 401],
    ['an issuer that only begins alike', () => ({ iss: `${'http://127.0.0.1'}:1` }), 401],
    ['no issuer', () => ({ iss: undefined }), 401],
  ])('are taken for what they say: %s', async (_, claims, expected) => {
    const { status } = await start({ discoveryUrl: `${origin()}/.well-known/openid-configuration` });
    expect(await status(`Bearer ${signed({ sub: 'ana', ...claims() })}`)).toBe(expected);
  });

  test.each([
    ['by `azp`', { azp: 'one', jti: '1' }, { azp: 'one', jti: '2' }, { azp: 'other' }],
    ['by `appid`', { appid: 'one', jti: '1' }, { appid: 'one', jti: '2' }, { appid: 'other' }],
    ['by the token itself', { jti: '1' }, { jti: '1' }, { jti: '2' }],
    ['by the name of the claim', { sub: 'ana' }, { sub: 'ana', azp: 'x' }, { azp: 'ana' }],
  ])('keep callers apart without a subject and a client id: %s', async (_, opener, same, other) => {
    const { platformUrl } = await start({ discoveryUrl: `${origin()}/.well-known/openid-configuration` });
    const endpoint = new McpEndpoint(platformUrl);
    const as = (claims: object): RequestInit => ({ headers: { authorization: `Bearer ${signed(claims)}` } });
    const opened = await endpoint.send({ jsonrpc: '2.0', id: 1, method: 'initialize' }, undefined, as(opener));
    const sessionId = opened.headers.get('mcp-session-id') as string;
    expect((await endpoint.call('describe', {}, sessionId, as(same))).status).toBe(200);
    expect((await endpoint.call('describe', {}, sessionId, as(other))).status).toBe(404);
  });
});

test('the same subject of another issuer is another caller', async () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), alg: 'RS256' };
  const names = ['one', 'other'];
  const issuers = createServer((request, response) => {
    const base = `http://${request.headers.host}/${request.url?.split('/')[1]}`;
    response.end(
      JSON.stringify(request.url?.endsWith('/keys') ? { keys: [jwk] } : { issuer: base, jwks_uri: `${base}/keys` }),
    );
  }).listen(0, '127.0.0.1');
  await once(issuers, 'listening');
  const identities = await Promise.all(
    names.map(name => {
      const iss = `http://127.0.0.1:${(issuers.address() as AddressInfo).port}/${name}`;
      const content = [{ alg: 'RS256' }, { iss, sub: 'ana', exp: 9_999_999_999 }]
        .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = sign('sha256', Buffer.from(content), pair.privateKey).toString('base64url');
      return new JwtVerifier({ discoveryUrl: `${iss}/.well-known/openid-configuration` }).verify(
        `${content}.${signature}`,
      );
    }),
  );
  const [one, other] = identities.map(found => ('identity' in found ? found.identity : undefined));
  expect(one).toContain('sub=ana');
  expect(other).toContain('sub=ana');
  expect(other).not.toBe(one);
  issuers.closeAllConnections();
  issuers.close();
});

test('the token reaches the server when the allowlist names Authorization', async () => {
  const bearer = `Bearer ${await token()}`;
  const [named, unnamed] = [await start({}, ['Authorization']), await start()];
  const seen = async ({ platformUrl }: Protected): Promise<unknown> => {
    const response = await new McpEndpoint(platformUrl).call('describe', {}, undefined, {
      headers: { authorization: bearer },
    });
    return ((await response.json()) as { result: { headers: object } }).result.headers;
  };
  expect(await seen(named)).toMatchObject({ authorization: bearer });
  expect(await seen(unnamed)).not.toHaveProperty('authorization');
});
