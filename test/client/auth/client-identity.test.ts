// Who a client says that it is to an authorization server, what is known of its tokens, and how they are given up.
import { clientCredentials, memoryTokenStore, type OAuthOptions, type TokenStore } from 'stateful-mcp-client';
import { closeServers } from '../servers';
import { call, scriptedProvider, started, visitor } from './scripted-provider';

afterEach(closeServers);

const jwt = (claims: object): string => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;

test.each<[string, OAuthOptions, Record<string, unknown>, object, number]>([
  ['registers itself', { clientName: 'My notes' }, {}, { client_id: 'client-1' }, 1],
  ['has an id', { clientId: 'desk' }, {}, { client_id: 'desk' }, 0],
  ['has a secret', { clientId: 'desk', clientSecret: 'a:b' }, {}, { authorization: `Basic ${btoa('desk:a:b')}` }, 0],
  [
    'has a document',
    { clientMetadataUrl: 'https://notes.example.com/client.json' },
    { client_id_metadata_document_supported: true },
    { client_id: 'https://notes.example.com/client.json' },
    0,
  ],
  [
    'has a document, which is not taken',
    { clientMetadataUrl: 'https://notes.example.com/client.json' },
    {},
    { client_id: 'client-1' },
    1,
  ],
])('a client that %s says so, again when it renews', async (_, options, metadata, says, registrations) => {
  const [provider, server] = await started();
  Object.assign(provider.metadata, metadata, {
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
  });
  const { auth, visits } = visitor(provider, options);
  expect(await call(auth, server)).toBe(200);
  server.takes = token => token === provider.given[1];
  expect(await call(auth, server)).toBe(200);
  expect(provider.grants).toMatchObject([
    { grant_type: 'authorization_code', ...says },
    { grant_type: 'refresh_token', ...says },
  ]);
  expect(visits).toHaveLength(1);
  expect(provider.registrations).toHaveLength(registrations);
});

test('a client that registers itself says what it is, and comes back to the port that it said', async () => {
  const [provider, server] = await started();
  provider.token = { refresh_token: undefined };
  const { auth, visits } = visitor(provider);
  await call(auth, server);
  server.takes = token => token === provider.given[1];
  await call(auth, server);
  expect(provider.registrations).toEqual([
    {
      client_name: 'stateful-mcp-client',
      redirect_uris: [visits[0]?.asked.redirect_uri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
    },
  ]);
  expect(visits[1]?.asked.redirect_uri).toBe(visits[0]?.asked.redirect_uri);
});

test('scopes are those that are asked for by the client, the server and before', async () => {
  const [provider, server] = await started();
  provider.token = { refresh_token: undefined };
  const { auth, visits } = visitor(provider, { scopes: ['mine', 'ours'] });
  server.takes = token => provider.given.includes(token) || { scope: 'theirs ours' };
  await call(auth, server);
  expect(visits[0]?.asked.scope?.split(' ').sort()).toEqual(['mine', 'ours', 'theirs']);
});

describe('signIn()', () => {
  test.each([
    ['has a person asked where tokens lack a scope', 'read', 2],
    ['renews in silence where they have all', 'read write', 1],
  ])('%s', async (_, granted, visited) => {
    const [provider, server] = await started();
    provider.token = { scope: granted };
    const store = memoryTokenStore();
    await visitor(provider, { tokens: store, scopes: ['read'] }).auth.signIn(server.endpoint);
    provider.token = { scope: 'read write' };
    const { auth, visits } = visitor(provider, { tokens: store, scopes: ['read', 'write'] });
    expect(await auth.signIn(server.endpoint)).toMatchObject({ scopes: ['read', 'write'], issuer: provider.issuer });
    expect(visits).toHaveLength(visited - 1);
    expect(provider.grants).toHaveLength(2);
    if (visited === 2) {
      expect(visits[0]?.asked.scope?.split(' ').sort()).toEqual(['read', 'write']);
    }
  });
});

describe('status()', () => {
  const claims = { email: 'ana@example.com', preferred_username: 'ana', sub: '1' };

  test.each<[string, Record<string, unknown>, object]>([
    [
      'the address of the id token',
      { id_token: jwt(claims), access_token: jwt({ sub: '2' }) },
      { subject: 'ana@example.com' },
    ],
    ['the name, without an address', { id_token: jwt({ ...claims, email: undefined }) }, { subject: 'ana' }],
    [
      'the subject, without both',
      { id_token: jwt({ ...claims, email: 1, preferred_username: null }) },
      { subject: '1' },
    ],
    ['who the access token is for', { access_token: jwt({ sub: '2' }) }, { subject: '2' }],
    ['nobody, for tokens that say it not', { id_token: 'a', access_token: 'b.c.d' }, {}],
    ['that nothing renews it', { refresh_token: undefined, access_token: 'a' }, { renewable: false }],
    ['scopes that were granted', { scope: 'a  b', access_token: 'a' }, { scopes: ['a', 'b'] }],
    ['scopes that were asked for, if nothing else is known', { access_token: 'a' }, { scopes: ['asked'] }],
  ])('says %s', async (_, token, status) => {
    const [provider, server] = await started();
    provider.token = token;
    const { auth } = visitor(provider, { scopes: ['asked'] });
    server.takes = seen => seen !== '';
    expect(await auth.status(server.endpoint)).toBeUndefined();
    await call(auth, server);
    const known = await auth.status(server.endpoint);
    expect(known).toEqual({ issuer: provider.issuer, scopes: ['asked'], renewable: true, ...status });
  });

  test('says when a token expires', async () => {
    const [provider, server] = await started();
    provider.token = { expires_in: 3600 };
    const { auth } = visitor(provider);
    const before = Date.now();
    const { expiresAt } = await auth.signIn(server.endpoint);
    expect(expiresAt?.getTime()).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(expiresAt?.getTime()).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });
});

describe('signOut()', () => {
  test.each<[string, OAuthOptions, Record<string, unknown>, object]>([
    ['the refresh token, as the client', {}, {}, { token: 'refresh-1', client_id: 'client-1' }],
    [
      'the access token where there is no other',
      { clientId: 'desk' },
      { refresh_token: undefined },
      { client_id: 'desk' },
    ],
    [
      'as a client with a secret',
      { clientId: 'desk', clientSecret: 'a:b c' },
      {},
      { token: 'refresh-1', authorization: `Basic ${btoa('desk:a%3Ab%20c')}` },
    ],
  ])('has %s revoked, and forgets it', async (_, options, token, revoked) => {
    const [provider, server] = await started();
    provider.token = token;
    const { auth } = visitor(provider, options);
    await call(auth, server);
    await auth.signOut(server.endpoint);
    expect(provider.revoked).toEqual([{ token: provider.given[0], ...revoked }]);
    expect(await auth.status(server.endpoint)).toBeUndefined();
    await auth.signOut(server.endpoint);
    expect(provider.revoked).toHaveLength(1);
  });

  test.each<[string | undefined, string]>([
    ['http://login.example.com/revoke', 'is not reached by https'],
    [undefined, 'is none'],
    ['http://127.0.0.1:1/revoke', 'is not there'],
  ])('sends no token to %s, which %s, and forgets it all the same', async endpoint => {
    const [provider, server] = await started();
    provider.metadata.revocation_endpoint = endpoint;
    const { auth } = visitor(provider);
    await call(auth, server);
    const asked: string[] = [];
    await auth.signOut(server.endpoint, {
      fetch: (url, init) => {
        asked.push(String(url));
        return fetch(url, init);
      },
    });
    expect(asked).toEqual(endpoint?.includes('127.0.0.1') ? [endpoint] : []);
    expect(await auth.status(server.endpoint)).toBeUndefined();
  });
});

describe('clientCredentials()', () => {
  test('gets a new token when one is due or refused, with the scopes of before, and never asks a person', async () => {
    const [provider, server] = await started();
    provider.token = { refresh_token: undefined, expires_in: 0 };
    const auth = clientCredentials({ clientId: 'agent', clientSecret: 'secret', scopes: ['read'] });
    for (const grants of [1, 2]) {
      expect(await call(auth, server)).toBe(200);
      expect(provider.grants).toHaveLength(grants);
    }
    provider.token = { refresh_token: undefined };
    expect(await call(auth, server)).toBe(200);
    server.takes = token => token === provider.given[3];
    expect(await call(auth, server)).toBe(200);
    expect(provider.grants).toEqual(
      Array.from({ length: 4 }, () => ({
        grant_type: 'client_credentials',
        scope: 'read',
        resource: server.endpoint.url.href,
        authorization: `Basic ${btoa('agent:secret')}`,
      })),
    );
  });

  test('stays with its first issuer: another that the server names gets neither secret nor token', async () => {
    const [first, server] = await started();
    const second = await scriptedProvider();
    const auth = clientCredentials({ clientId: 'agent', clientSecret: 'secret' });
    expect(await call(auth, server)).toBe(200);
    server.issuer = second.issuer;
    server.takes = () => false;
    await expect(call(auth, server)).rejects.toMatchObject({ code: 'ERR_SIGN_IN' });
    await auth.signOut(server.endpoint);
    expect([...second.grants, ...second.revoked, ...second.registrations]).toEqual([]);
    expect(first.revoked).toHaveLength(1);
  });
});

describe('a place for tokens', () => {
  test('whose text is damaged has people sign in anew', async () => {
    const [provider, server] = await started();
    for (const text of ['{', 'null', '7', '{"tokens":null}', '{"issuer":"https://a.example"}']) {
      const tokens = { ...memoryTokenStore(), read: () => Promise.resolve(text) };
      const { auth, visits } = visitor(provider, { tokens });
      expect(await call(auth, server)).toBe(200);
      expect(visits).toHaveLength(1);
    }
  });

  test.each(['read', 'write', 'remove'] as const)('that fails to %s is an error that names it', async verb => {
    const [provider, server] = await started();
    const tokens: TokenStore = { ...memoryTokenStore(), [verb]: () => Promise.reject(new Error('disk full')) };
    const { auth } = visitor(provider, { tokens });
    const fails = verb === 'remove' ? auth.signOut(server.endpoint) : call(auth, server);
    await expect(fails).rejects.toMatchObject({
      code: 'ERR_TOKEN_STORE',
      message: expect.stringContaining('disk full') as string,
    });
  });
});
