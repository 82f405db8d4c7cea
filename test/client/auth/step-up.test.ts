import { clientCredentials, connect, memoryTokenStore, oauth } from 'stateful-mcp-client';
import { closeRuntimes, deploy, said } from '../deployed';
import { closeServers, initialized, scriptedServer } from '../servers';
import { closeProviders, signInByHttp, startProvider } from './provider';

afterEach(async () => {
  await closeRuntimes();
  await closeServers();
  closeProviders();
});

/** A server whose tool calls need a scope, and the scopes of the tokens that it saw. */
async function scopedServer(issuer: string, needed: string): Promise<{ url: string; scopes: string[] }> {
  const scopes: string[] = [];
  let origin = '';
  const { url } = await scriptedServer(({ id, method }, { method: verb, headers, url: path }) => {
    if (path?.startsWith('/.well-known/oauth-protected-resource')) {
      return {
        body: { resource: `${origin}/mcp`, authorization_servers: [issuer], scopes_supported: ['expenses:read'] },
      };
    }
    if (verb !== 'POST') {
      return { status: 405 };
    }
    const token = headers.authorization?.split(' ')[1];
    const metadata = `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
    if (token === undefined) {
      return { status: 401, headers: { 'www-authenticate': `Bearer ${metadata}` } };
    }
    const { scope = '' } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      scope?: string;
    };
    if (method === 'initialize') {
      return initialized(id);
    }
    if (method === 'tools/call') {
      scopes.push(scope);
      if (!scope.split(' ').includes(needed)) {
        return {
          status: 403,
          headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${needed}", ${metadata}` },
        };
      }
      return { body: { jsonrpc: '2.0', id, result: { content: [] } } };
    }
    return { status: 202 };
  });
  ({ origin } = new URL(url));
  return { url, scopes };
}

test('a call that needs another scope has the person asked for it, once, and keeps those of before', async () => {
  const { issuer } = await startProvider();
  const { url, scopes } = await scopedServer(issuer, 'expenses:write');
  const pages: (string | null)[] = [];
  const auth = oauth({
    tokens: memoryTokenStore(),
    showUrl: page => pages.push(page.searchParams.get('scope')),
    openBrowser: page => signInByHttp(page),
  });
  await using client = await connect({ target: url, auth });
  await client.callTool('add');
  await client.callTool('add');
  expect(scopes).toEqual(['expenses:read', 'expenses:read expenses:write', 'expenses:read expenses:write']);
  expect(pages).toHaveLength(2);
  expect(pages[1]?.split(' ')).toEqual(expect.arrayContaining(['expenses:read', 'expenses:write']));
});

test('a scope that is not granted is an error with its name', async () => {
  const { issuer } = await startProvider();
  const { url, scopes } = await scopedServer(issuer, 'expenses:delete');
  const auth = clientCredentials({ clientId: 'agent', clientSecret: 'secret' });
  await using client = await connect({ target: url, auth });
  await expect(client.callTool('remove')).rejects.toMatchObject({
    code: expect.stringMatching(/^(ERR_INSUFFICIENT_SCOPE|ERR_SIGN_IN)$/) as string,
    message: expect.stringContaining('expenses:delete') as string,
  });
  expect(scopes.length).toBeLessThanOrEqual(2);
});

test('a program signs in by its own credentials, and again before its token expires', async () => {
  const provider = await startProvider({ lifetimeSeconds: 2 });
  const { url } = await deploy(
    {
      customJWTAuthorizer: {
        discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
        allowedClients: ['agent'],
        advertisedScopeMapping: { 'expenses:read': 'expenses:read' },
      },
    },
    { auth: 'platform-urls', credentials: [] },
  );
  await using client = await connect({
    target: url,
    auth: clientCredentials({ clientId: 'agent', clientSecret: 'secret' }),
  });
  expect(said(await client.callTool('count'))).toBe(1);
  await new Promise(resolve => setTimeout(resolve, 2100));
  expect(said(await client.callTool('count'))).toBe(2);
  await provider.settled();
  expect(provider.grants('client_credentials').length).toBeGreaterThan(1);
  expect(provider.grants('client_credentials')[0]).toMatchObject({ resource: url, scope: 'expenses:read' });
});

test('the wrong secret is an error without the secret in it', async () => {
  const provider = await startProvider();
  const { url } = await scopedServer(provider.issuer, 'expenses:read');
  const auth = clientCredentials({ clientId: 'agent', clientSecret: 'guessed' });
  const refused = connect({ target: url, auth });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_SIGN_IN' });
  await expect(refused).rejects.not.toThrow('guessed');
});

test('a client with an issuer of its own goes to no other', async () => {
  const provider = await startProvider();
  const { url } = await scopedServer(provider.issuer, 'expenses:read');
  const auth = clientCredentials({ clientId: 'agent', clientSecret: 'secret', issuer: 'https://login.example.com' });
  await expect(connect({ target: url, auth })).rejects.toMatchObject({
    code: 'ERR_SIGN_IN',
    message: expect.stringContaining('login.example.com') as string,
  });
  await provider.settled();
  expect(provider.log.filter(line => line.includes('/token'))).toEqual([]);
});

test('options of clients that do not go together are refused', () => {
  const refused = expect.objectContaining({ code: 'ERR_INVALID_OPTION' }) as Error;
  expect(() => clientCredentials({ clientId: 'agent' })).toThrow(refused);
  expect(() => clientCredentials({ clientId: 'agent', clientSecret: 'a', privateKey: 'b' })).toThrow(refused);
  expect(() => oauth({ clientSecret: 'a' })).toThrow(refused);
});
