import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import type { JwtAuthorizer } from 'stateful-mcp-local';
import { bundleConversationServer } from '../fixtures/conversation';
import { startProvider } from '../fixtures/provider';
import { McpEndpoint, sessionServer, startRuntime, type Started } from '../running';

const CALLBACK = 'http://localhost:3118/callback';

const folder = mkdtempSync(path.join(os.tmpdir(), 'cognito-tokens-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let provider: Awaited<ReturnType<typeof startProvider>>;
let issuer: string;
beforeAll(async () => {
  provider = await startProvider('cognito-provider');
  ({ issuer } = provider);
});
afterAll(() => provider.end());

/** What `McpAuth.cognito` writes into the template: clients and scopes, and no audience. */
const cognito = (rules: Partial<JwtAuthorizer> = {}): JwtAuthorizer => ({
  discoveryUrl: `${issuer}/.well-known/openid-configuration`,
  allowedClients: ['people', 'machine'],
  allowedScopes: ['expenses/read'],
  ...rules,
});

interface Protected extends Started {
  readonly platformUrl: string;
  readonly call: (token: string) => Promise<Response>;
}

async function start(customJWTAuthorizer: JwtAuthorizer, program?: string): Promise<Protected> {
  const server = program === undefined ? sessionServer() : sessionServer({ command: [process.execPath, program] });
  const runtimes = [{ ...server, customJWTAuthorizer }];
  const started = await startRuntime({ runtimes, auth: 'platform-urls' });
  const platformUrl = `${started.url}${started.runtime.runtimes[0]?.invocationPath ?? ''}`;
  const endpoint = new McpEndpoint(platformUrl);
  return {
    ...started,
    platformUrl,
    call: token => endpoint.call('describe', {}, undefined, { headers: { authorization: `Bearer ${token}` } }),
  };
}

async function tokenOfMachine(client: string, scope = 'expenses/read'): Promise<string> {
  return (
    await tokens(
      { grant_type: 'client_credentials', scope },
      `Basic ${Buffer.from(`${client}:secret`).toString('base64')}`,
    )
  ).access_token;
}

interface PersonsRequest {
  readonly client?: string;
  readonly scope?: string;
  readonly resource?: string;
}

async function tokensOfPerson(request: PersonsRequest = {}): Promise<OAuthTokens> {
  const { client = 'people', scope = 'expenses/read', resource } = request;
  const verifier = randomBytes(32).toString('base64url');
  const code = await codeFrom(
    new URL(
      `${issuer}/auth?${new URLSearchParams({
        response_type: 'code',
        client_id: client,
        redirect_uri: CALLBACK,
        scope: `openid ${scope}`,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(resource === undefined ? {} : { resource }),
      }).toString()}`,
    ),
  );
  return tokens({
    grant_type: 'authorization_code',
    client_id: client,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
    code,
  });
}

async function tokens(form: Record<string, string>, authorization?: string): Promise<OAuthTokens> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams(form),
  });
  const body = (await response.json()) as OAuthTokens;
  expect(body).toHaveProperty('access_token');
  return body;
}

/** What a browser does with an authorization URL, up to where the host waits for it. */
async function codeFrom(authorizationUrl: URL): Promise<string> {
  const cookies = new Map<string, string>();
  let url = authorizationUrl;
  for (let steps = 0; !url.href.startsWith(CALLBACK); steps++) {
    expect(steps).toBeLessThan(10);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    expect([response.status, location]).toEqual([303, expect.any(String)]);
    url = new URL(location as string, url);
  }
  expect(url.searchParams.get('error_description')).toBeNull();
  return url.searchParams.get('code') as string;
}

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as Record<string, unknown>;

test('the tokens have the shape of those of Amazon Cognito', async () => {
  const machine = claimsOf(await tokenOfMachine('machine'));
  expect(machine).toMatchObject({ iss: issuer, client_id: 'machine', scope: 'expenses/read', token_use: 'access' });
  expect(machine).not.toHaveProperty('aud');
  const person = claimsOf((await tokensOfPerson()).access_token);
  expect(person).toMatchObject({ client_id: 'people', sub: 'ana', username: 'ana', 'cognito:groups': ['staff'] });
  expect(person).not.toHaveProperty('aud');
  const bound = claimsOf((await tokensOfPerson({ resource: 'https://expenses.example' })).access_token);
  expect(bound).toMatchObject({ client_id: 'people', aud: 'https://expenses.example' });
});

test.each(['openid-configuration', 'oauth-authorization-server'])(
  'people and machines open a runtime that checks client and scope, by the keys of %s',
  async document => {
    const { call } = await start(cognito({ discoveryUrl: `${issuer}/.well-known/${document}` }));
    for (const token of [await tokenOfMachine('machine'), (await tokensOfPerson()).access_token]) {
      expect((await call(token)).status).toBe(200);
    }
    expect((await call(await tokenOfMachine('other-machine'))).status).toBe(403);
    expect((await call((await tokensOfPerson({ client: 'other-people' })).access_token)).status).toBe(403);
  },
);

test('an ID token opens nothing: it has no client id and no scope', async () => {
  const { call } = await start(cognito());
  const { id_token: idToken } = await tokensOfPerson();
  expect(claimsOf(idToken as string)).toMatchObject({ aud: 'people' });
  expect((await call(idToken as string)).status).toBe(403);
});

test('an audience is one of people who name a resource, and keeps machines out', async () => {
  const { call } = await start(cognito({ allowedAudience: ['https://expenses.example'] }));
  const person = async (resource?: string): Promise<string> => (await tokensOfPerson({ resource })).access_token;
  expect((await call(await person('https://expenses.example'))).status).toBe(200);
  expect((await call(await person('https://other.example'))).status).toBe(403);
  expect((await call(await person())).status).toBe(403);
  expect((await call(await tokenOfMachine('machine'))).status).toBe(403);
});

test('a group is one of people alone', async () => {
  const group = (value: string): Partial<JwtAuthorizer> => ({
    customClaims: [
      {
        inboundTokenClaimName: 'cognito:groups',
        inboundTokenClaimValueType: 'STRING_ARRAY',
        authorizingClaimMatchValue: { claimMatchOperator: 'CONTAINS', claimMatchValue: { matchValueString: value } },
      },
    ],
  });
  const { call } = await start(cognito(group('staff')));
  expect((await call((await tokensOfPerson()).access_token)).status).toBe(200);
  expect((await call(await tokenOfMachine('machine'))).status).toBe(403);
  expect((await (await start(cognito(group('admins')))).call((await tokensOfPerson()).access_token)).status).toBe(403);
});

describe('the challenge', () => {
  const challengeOf = async (started: Protected, token?: string): Promise<[number, string | null]> => {
    const response =
      token === undefined ? await new McpEndpoint(started.platformUrl).call('describe') : await started.call(token);
    await response.text();
    return [response.status, response.headers.get('www-authenticate')];
  };

  test('names the metadata and the scopes; an error only where there was a token', async () => {
    const started = await start(cognito());
    const metadata = started.platformUrl.replace('?', '/.well-known/oauth-protected-resource?');
    const rest = `resource_metadata="${metadata}", scope="expenses/read"`;
    expect(await challengeOf(started)).toEqual([401, `Bearer ${rest}`]);
    expect(await challengeOf(started, 'abc')).toEqual([401, `Bearer error="invalid_token", ${rest}`]);
    expect(await challengeOf(started, await tokenOfMachine('machine', 'expenses/write'))).toEqual([
      403,
      `Bearer error="insufficient_scope", ${rest}`,
    ]);
  });

  test('is left out where another scope would not help', async () => {
    const started = await start(cognito());
    expect(await challengeOf(started, await tokenOfMachine('other-machine', 'expenses/write'))).toEqual([403, null]);
  });

  test.each<[Partial<JwtAuthorizer>, string[]]>([
    [{ allowedScopes: ['a', 'b'], advertisedScopeMapping: { a: 'api://one/a' } }, ['api://one/a', 'b']],
    [{ allowedScopes: ['a', 'b'], advertisedScopeMapping: { a: 'all', b: 'all' } }, ['all']],
    [{ allowedScopes: undefined, advertisedScopeMapping: { a: 'all' } }, ['all']],
  ])('tells the scopes by the names that clients ask for: %j', async (rules, scopes) => {
    const started = await start(cognito(rules));
    expect((await challengeOf(started))[1]).toMatch(new RegExp(`, scope="${scopes.join(' ')}"$`));
    const metadata = await fetch(started.platformUrl.replace('?', '/.well-known/oauth-protected-resource?'));
    expect(await metadata.json()).toMatchObject({ scopes_supported: scopes });
  });
});

test.each([
  ['https://login.example/.well-known/openid-configuration', 'https://login.example'],
  ['https://login.example/a/b/.well-known/openid-configuration', 'https://login.example/a/b'],
  ['https://login.example/.well-known/oauth-authorization-server', 'https://login.example'],
  ['https://login.example/.well-known/oauth-authorization-server/a/b', 'https://login.example/a/b'],
  ['https://login.example/.well-known/openid-configuration/a', 'https://login.example/a'],
])('the metadata name the issuer of %s', async (discoveryUrl, expected) => {
  const { platformUrl } = await start(cognito({ discoveryUrl }));
  const metadata = await fetch(platformUrl.replace('?', '/.well-known/oauth-protected-resource?'));
  expect(await metadata.json()).toMatchObject({ resource: platformUrl, authorization_servers: [expected] });
});

test.each([
  'https://login.example',
  'https://login.example/.well-known/openid-configuration?tenant=a',
  'https://login.example/.well-known/oauth-authorization-server#a',
  'https://login.example/.well-known/jwks.json',
])('the discovery URL %s is refused', async discoveryUrl => {
  await expect(start(cognito({ discoveryUrl }))).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: expect.stringContaining('customJWTAuthorizer.discoveryUrl') as string,
  });
});

/** A host that keeps all in memory, and whose browser signs Ana in. */
class Host implements OAuthClientProvider {
  public readonly redirectUrl = CALLBACK;
  public readonly clientMetadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
  public authorizationUrl: URL | undefined;
  private saved: OAuthTokens | undefined;
  private verifier = '';

  public clientInformation = (): { client_id: string } => ({ client_id: 'people' });
  public tokens = (): OAuthTokens | undefined => this.saved;
  public codeVerifier = (): string => this.verifier;

  public saveTokens(saved: OAuthTokens): void {
    this.saved = saved;
  }

  public redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }

  public saveCodeVerifier(verifier: string): void {
    this.verifier = verifier;
  }
}

test('a host that is given the URL and the client id signs a person in, and calls a tool', async () => {
  const { platformUrl } = await start(cognito(), bundleConversationServer(folder));
  const host = new Host();
  const url = new URL(platformUrl);
  const first = new StreamableHTTPClientTransport(url, { authProvider: host });
  await expect(new Client({ name: 'host', version: '1.0.0' }).connect(first)).rejects.toThrow('Unauthorized');
  const { authorizationUrl } = host;
  expect(authorizationUrl?.searchParams.get('scope')).toBe('expenses/read');
  expect(authorizationUrl?.searchParams.get('resource')).toBe(platformUrl);
  await first.finishAuth(await codeFrom(authorizationUrl as URL));

  const client = new Client({ name: 'host', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(url, { authProvider: host });
  await client.connect(transport);
  expect(claimsOf(host.tokens()?.access_token ?? '')).toMatchObject({ sub: 'ana', aud: platformUrl });
  const remembered = await client.callTool({ name: 'remember', arguments: { word: 'blue' } });
  expect(JSON.stringify(remembered.content)).toContain('blue');
  await client.close();
});
