import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import {
  connect,
  fileTokenStore,
  memoryTokenStore,
  oauth,
  resolveTarget,
  type OAuthOptions,
} from 'stateful-mcp-client';
import type { JwtAuthorizer } from 'stateful-mcp-local';
import { closeRuntimes, deploy, said, type Deployed } from '../deployed';
import { restoreEnvironment, temporaryDirectory } from '../environment';
import { closeProviders, signInByHttp, startProvider, type RunningProvider } from './provider';

afterEach(async () => {
  restoreEnvironment();
  await closeRuntimes();
  closeProviders();
});

/** What its clients are told to ask for. */
const SCOPES = { advertisedScopeMapping: { 'expenses:read': 'expenses:read' } };

/** A runtime that takes tokens of a provider alone. */
async function guarded(provider: RunningProvider, authorizer: Partial<JwtAuthorizer> = SCOPES): Promise<Deployed> {
  const customJWTAuthorizer = { discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`, ...authorizer };
  return deploy({ customJWTAuthorizer }, { auth: 'platform-urls', credentials: [] });
}

/** Options of somebody who signs in at once; `pages` are those that they were sent to. */
function person(options: OAuthOptions = {}, how?: Parameters<typeof signInByHttp>[1]): OAuthOptions & { pages: URL[] } {
  const pages: URL[] = [];
  return {
    tokens: memoryTokenStore(),
    showUrl: () => undefined,
    openBrowser: page => {
      pages.push(page);
      return signInByHttp(page, how);
    },
    ...options,
    pages,
  };
}

test('signs in by the browser: challenge, discovery, PKCE, state, resource, and a client that registers itself', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const { pages, ...options } = person();

  await using client = await connect({ target: url, auth: oauth(options) });

  expect(said(await client.callTool('count'))).toBe(1);
  expect(pages).toHaveLength(1);
  const asked = Object.fromEntries(pages[0]?.searchParams ?? []);
  expect(asked).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    resource: url,
    scope: 'expenses:read offline_access',
    redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+\/callback$/) as string,
  });
  expect(asked.state?.length).toBeGreaterThan(20);
  await provider.settled();
  expect(provider.grants('authorization_code')).toMatchObject([{ resource: url }]);
  expect(provider.log.filter(line => line.startsWith('POST /reg '))).toHaveLength(1);
});

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (browser === undefined) {
  process.stderr.write('LEFT OUT: the sign-in in a real browser; `bash scripts/chromium.sh` installs Chromium\n');
}

(browser === undefined ? test.skip : test)('signs in by a real browser', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const chrome = await chromium.launch({ executablePath: browser, args: ['--no-sandbox'] });
  try {
    let ended = '';
    const options = person({
      openBrowser: async page => {
        const tab = await chrome.newPage();
        await tab.goto(page.href);
        await tab.fill('input[name=login]', 'ana');
        await tab.fill('input[name=password]', 'any');
        await tab.click('button[type=submit]');
        await tab.click('button[type=submit]');
        await tab.waitForURL(/^http:\/\/localhost/);
        ended = await tab.innerText('body');
      },
    });
    await using client = await connect({ target: url, auth: oauth(options) });
    expect(said(await client.callTool('count'))).toBe(1);
    while (ended === '') {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect(ended).toBe('You are signed in. You can close this page.');
  } finally {
    await chrome.close();
  }
});

test.each([
  ['localhost', 'http://localhost:'],
  ['127.0.0.1', 'http://127.0.0.1:'],
] as const)('the browser comes back to %s, as a registered client', async (callbackHost, start) => {
  const provider = await startProvider({ registration: false });
  const { url } = await guarded(provider);
  const { pages, ...options } = person({ clientId: 'desk', callbackHost, scopes: ['expenses:read'] });
  await using client = await connect({ target: url, auth: oauth(options) });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(pages[0]?.searchParams.get('redirect_uri')?.startsWith(start)).toBe(true);
  expect(pages[0]?.searchParams.get('client_id')).toBe('desk');
});

test('a person whose browser cannot come back enters the URL that it ended at', async () => {
  const { url } = await guarded(await startProvider());
  const shown: URL[] = [];
  const auth = oauth({
    tokens: memoryTokenStore(),
    openBrowser: false,
    showUrl: page => shown.push(page),
    readRedirect: async () => {
      const page = shown[0] as URL;
      // Somewhere else: nothing there answers for this machine's port.
      const { searchParams } = await signInByHttp(page);
      return `http://localhost/callback?${searchParams}`;
    },
  });
  await using client = await connect({ target: url, auth });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(shown).toHaveLength(1);
});

test.each<[string, (page: URL) => Promise<unknown>]>([
  ['another state', page => fetch(`${page.searchParams.get('redirect_uri')}?code=stolen&state=guessed`)],
  ['no state', page => fetch(`${page.searchParams.get('redirect_uri')}?code=stolen`)],
  ['an error without the state', page => fetch(`${page.searchParams.get('redirect_uri')}?error=access_denied`)],
])('an answer with %s is refused, and the sign-in goes on', async (_, attack) => {
  const { url } = await guarded(await startProvider());
  const statuses: unknown[] = [];
  const options = person({
    openBrowser: async page => {
      statuses.push(((await attack(page)) as Response).status);
      await signInByHttp(page);
    },
  });
  await using client = await connect({ target: url, auth: oauth(options) });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(statuses).toEqual([400]);
});

test('an answer of another issuer is refused', async () => {
  const { url } = await guarded(await startProvider());
  const options = person({
    openBrowser: page => {
      const { searchParams } = page;
      return fetch(
        `${searchParams.get('redirect_uri')}?code=mixed-up&state=${searchParams.get('state')}&iss=https%3A%2F%2Fevil.example`,
      );
    },
  });
  await expect(connect({ target: url, auth: oauth(options) })).rejects.toMatchObject({
    code: 'ERR_SIGN_IN',
    message: expect.stringContaining('evil.example') as string,
  });
});

test('a person who refuses, or does not come, is an error that says so', async () => {
  const { url } = await guarded(await startProvider());
  const options = person({}, { answer: 'abort' });
  await expect(connect({ target: url, auth: oauth(options) })).rejects.toMatchObject({
    code: 'ERR_SIGN_IN',
    message: expect.stringContaining('access_denied') as string,
  });
  const absent = oauth({ ...options, openBrowser: false, signInTimeoutMs: 300 });
  await expect(connect({ target: url, auth: absent })).rejects.toMatchObject({
    code: 'ERR_SIGN_IN',
    message: expect.stringContaining('nobody signed in within 300 ms') as string,
  });
});

test('without a person there, the call says that somebody has to sign in', async () => {
  const { url } = await guarded(await startProvider());
  const auth = oauth({ interactive: false, tokens: memoryTokenStore() });
  await expect(connect({ target: url, auth })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
});

test('a provider that registers nobody says what to do', async () => {
  const { url } = await guarded(await startProvider({ registration: false }));
  const options = person();
  await expect(connect({ target: url, auth: oauth(options) })).rejects.toMatchObject({
    code: 'ERR_SIGN_IN',
    message: expect.stringContaining('pass `clientId`') as string,
  });
});

test('tokens last over processes, are readable by this user alone, and are renewed before they expire', async () => {
  const provider = await startProvider({ lifetimeSeconds: 2 });
  const { url } = await guarded(provider);
  const directory = temporaryDirectory();
  const tokens = fileTokenStore(directory);
  const { pages, ...options } = person({ tokens });
  const calls = async (): Promise<void> => {
    await using client = await connect({ target: url, auth: oauth({ ...options, tokens }) });
    expect(said(await client.callTool('count'))).toBe(1);
  };
  await calls();
  await calls();
  expect(pages).toHaveLength(1);
  const files = readdirSync(directory);
  expect(files).toHaveLength(1);
  expect(statSync(path.join(directory, files[0] ?? '')).mode & 0o777).toBe(0o600);

  await new Promise(resolve => setTimeout(resolve, 2100));
  await calls();
  await provider.settled();
  expect(provider.grants('refresh_token').length).toBeGreaterThan(0);
  expect(provider.grants('refresh_token')[0]).toMatchObject({ resource: url });
  expect(pages).toHaveLength(1);
});

test('many callers at once sign in once, and renew once', async () => {
  const provider = await startProvider({ lifetimeSeconds: 2 });
  const { url } = await guarded(provider);
  const tokens = fileTokenStore(temporaryDirectory());
  const { pages, ...options } = person({ tokens });
  const together = (): Promise<unknown[]> =>
    Promise.all(
      [1, 2, 3, 4].map(async () => {
        // Each as another process would: with a store of its own over the same directory.
        await using client = await connect({ target: url, auth: oauth(options) });
        return said(await client.callTool('count'));
      }),
    );
  expect(await together()).toEqual([1, 1, 1, 1]);
  expect(pages).toHaveLength(1);
  await new Promise(resolve => setTimeout(resolve, 2100));
  expect(await together()).toEqual([1, 1, 1, 1]);
  expect(pages).toHaveLength(1);
  await provider.settled();
  expect(provider.log.filter(line => line.startsWith('grant.error'))).toEqual([]);
});

test('a token that is refused is renewed once, and a refresh token that is refused leads to a new sign-in', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const directory = temporaryDirectory();
  const { pages, ...options } = person({ tokens: fileTokenStore(directory) });
  const call = async (): Promise<void> => {
    await using client = await connect({ target: url, auth: oauth(options) });
    expect(said(await client.callTool('count'))).toBe(1);
  };
  await call();
  const { tokens } = options;
  const key = `${url}  authorization_code`;
  type Kept = { issuer: string; tokens: Record<string, Record<string, unknown>> };
  const damage = async (members: Record<string, unknown>): Promise<void> => {
    const record = JSON.parse((await tokens?.read(key)) ?? '{}') as Kept;
    Object.assign(record.tokens[record.issuer] ?? {}, members);
    await tokens?.write(key, JSON.stringify(record));
  };

  await damage({ access_token: 'forged' });
  await call();
  await provider.settled();
  expect([pages.length, provider.grants('refresh_token').length]).toEqual([1, 1]);

  await damage({ access_token: 'forged', refresh_token: 'forged' });
  await call();
  expect(pages).toHaveLength(2);
});

test('says as whom somebody is signed in, and signs out', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const endpoint = await resolveTarget(url);
  const options = person();
  const auth = oauth({ ...options, scopes: ['openid', 'email'] });
  expect(await auth.status(endpoint)).toBeUndefined();
  const status = await auth.signIn(endpoint);
  expect(status).toMatchObject({ issuer: provider.issuer, subject: 'ana@example.com', renewable: true });
  expect(status.expiresAt?.getTime()).toBeGreaterThan(Date.now());
  expect(await auth.status(endpoint)).toEqual(status);
  await auth.signOut(endpoint);
  expect(await auth.status(endpoint)).toBeUndefined();
  await provider.settled();
  expect(provider.log).toContainEqual(expect.stringMatching(/^POST \/token\/revocation 200/));
});

test('tokens of two servers and two issuers are kept apart', async () => {
  const [first, second] = [await startProvider(), await startProvider()];
  const servers = [await guarded(first), await guarded(second)];
  const directory = temporaryDirectory();
  const { pages, ...options } = person({ tokens: fileTokenStore(directory) });
  for (let round = 0; round < 2; round += 1) {
    for (const { url } of servers) {
      await using client = await connect({ target: url, auth: oauth(options) });
      expect(said(await client.callTool('count'))).toBe(1);
    }
  }
  expect(pages.map(({ origin }) => origin)).toEqual([first.issuer, second.issuer]);
  const issuers = readdirSync(directory).map(
    name => (JSON.parse(readFileSync(path.join(directory, name), 'utf8')) as { issuer: string }).issuer,
  );
  expect(issuers.sort()).toEqual([first.issuer, second.issuer].sort());
});

test('a port that another program has is an error that says so', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const port = Number(new URL(provider.issuer).port);
  const options = person({ callbackPort: port });
  await expect(connect({ target: url, auth: oauth(options) })).rejects.toMatchObject({
    code: 'ERR_SIGN_IN',
    message: expect.stringContaining(`port ${port}`) as string,
  });
});

test('an unprotected server needs nobody to sign in', async () => {
  const { origin } = await deploy();
  const { pages, ...options } = person();
  await using client = await connect({ target: `${origin}/mcp`, auth: oauth(options) });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(pages).toEqual([]);
});
