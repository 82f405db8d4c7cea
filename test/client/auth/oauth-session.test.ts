// What becomes of tokens when servers refuse them, change their mind, or break.
import { memoryTokenStore, oauth, type TokenStore } from 'stateful-mcp-client';
import { freePort } from '../../free-port';
import { closeServers } from '../servers';
import { answerTo, call, scriptedProvider, started, visitor } from './scripted-provider';

afterEach(closeServers);

/** What is kept for one server and one client. */
interface KeptRecord {
  issuer: string;
  scope?: string;
  tokens: Record<string, Record<string, unknown>>;
  clients: Record<string, Record<string, unknown>>;
}

/** A store with a single record, which a test can read and change. */
function openStore(): TokenStore & { record: KeptRecord; change: (members: Record<string, unknown>) => void } {
  const store = memoryTokenStore();
  let text: string | undefined;
  return {
    ...store,
    read: () => Promise.resolve(text),
    write: (_key, written) => Promise.resolve(void (text = written)),
    remove: () => Promise.resolve(void (text = undefined)),
    get record() {
      return JSON.parse(text ?? '{}') as KeptRecord;
    },
    change(members) {
      const { record } = this;
      Object.assign(record.tokens[record.issuer] ?? {}, members);
      text = JSON.stringify(record);
    },
  };
}

describe('a server that names another issuer than before', () => {
  test.each(['is due', 'is revoked'])('gives it no refresh token of the first when a token %s', async what => {
    const [first, server] = await started();
    const second = await scriptedProvider();
    const tokens = openStore();
    const { auth } = visitor(first, { tokens, clientId: 'desk', clientSecret: 'of the first' });
    expect(await call(auth, server)).toBe(200);

    server.issuer = second.issuer;
    server.takes = () => false;
    const absent = oauth({ tokens, clientId: 'desk', clientSecret: 'of the first', interactive: false });
    await expect(call(absent, server)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    if (what === 'is due') {
      tokens.change({ expires_in: 1, obtainedAt: 0 });
      await call(absent, server).catch(() => undefined);
    } else {
      await absent.signOut(server.endpoint);
    }
    expect([...second.grants, ...second.revoked]).toEqual([]);
    expect(first.revoked).toMatchObject(what === 'is due' ? [] : [{ token: 'refresh-1' }]);
  });

  test('and was written down beside the tokens of the first gets none of them either', async () => {
    const [first, server] = await started();
    const second = await scriptedProvider();
    const tokens = openStore();
    const { auth } = visitor(first, { tokens });
    expect(await call(auth, server)).toBe(200);
    tokens.change({ expires_in: 1, obtainedAt: 0 });
    const metadata = { issuer: second.issuer, token_endpoint: `${second.issuer}/token`, response_types_supported: [] };
    for (const authorizationServerMetadata of [metadata, undefined]) {
      await tokens.write(
        '',
        JSON.stringify({
          ...tokens.record,
          discovery: { authorizationServerUrl: second.issuer, authorizationServerMetadata },
        }),
      );
      await call(oauth({ tokens, interactive: false }), server);
    }
    await auth.signOut(server.endpoint);
    expect([...second.grants, ...second.revoked]).toEqual([]);
  });

  test('has its people sign in there, as another client', async () => {
    const [first, server] = await started();
    const second = await scriptedProvider();
    const tokens = openStore();
    const { auth } = visitor(first, { tokens });
    await call(auth, server);
    server.issuer = second.issuer;
    server.takes = token => token === second.given[0];
    const { auth: moved, visits } = visitor(second, { tokens });
    expect(await call(moved, server)).toBe(200);
    expect(visits.map(({ page }) => page.origin)).toEqual([second.issuer]);
    expect(second.registrations).toHaveLength(1);
    expect(second.grants).toMatchObject([{ grant_type: 'authorization_code' }]);
    expect([first.grants.length, tokens.record.issuer]).toEqual([1, second.issuer]);
  });
});

test('a server that goes back to its issuer gets its tokens renewed, without a person', async () => {
  const [provider, server] = await started();
  const tokens = openStore();
  const { auth, visits } = visitor(provider, { tokens });
  expect(await call(auth, server)).toBe(200);
  server.issuer = (await scriptedProvider()).issuer;
  server.takes = () => false;
  await expect(call(oauth({ tokens, interactive: false }), server)).rejects.toMatchObject({
    code: 'ERR_SIGN_IN_REQUIRED',
  });
  server.issuer = provider.issuer;
  server.takes = token => token === provider.given[1];
  tokens.change({ expires_in: 1, obtainedAt: 0 });
  expect(await call(auth, server)).toBe(200);
  expect(provider.grants[1]).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'refresh-1' });
  expect(visits).toHaveLength(1);
});

describe('tokens that are about to expire', () => {
  const HOUR = 3_600;

  test.each([
    // From a minute before their end on, or from the last tenth of their life on.
    ['an hour', HOUR, HOUR - 65, false],
    ['an hour', HOUR, HOUR - 55, true],
    ['100 seconds', 100, 85, false],
    ['100 seconds', 100, 95, true],
  ])('of %s (%d s) are renewed after %d s: %s', async (_, expires_in, age, renewed) => {
    const [provider, server] = await started();
    const tokens = openStore();
    const { auth } = visitor(provider, { tokens });
    await call(auth, server);
    tokens.change({ expires_in, obtainedAt: Date.now() - age * 1000 });
    expect(await call(auth, server)).toBe(200);
    expect(provider.grants).toHaveLength(renewed ? 2 : 1);
    expect(server.seen.at(-1)).toBe(provider.given.at(-1));
  });

  test('are sent as long as they live when nobody renews them, and not afterwards', async () => {
    const [provider, server] = await started();
    const tokens = openStore();
    const { auth, visits } = visitor(provider, { tokens });
    await call(auth, server);
    provider.refusals.push({ status: 500, body: { error: 'server_error' } }, 'break');
    tokens.change({ expires_in: 100, obtainedAt: Date.now() - 95_000 });
    expect(await call(auth, server)).toBe(200);
    expect(await call(auth, server)).toBe(200);
    expect(server.seen.slice(1)).toEqual([undefined, provider.given[0], provider.given[0], provider.given[0]].slice(1));

    provider.refusals.push({ status: 500, body: { error: 'server_error' } });
    tokens.change({ obtainedAt: Date.now() - 101_000 });
    await expect(call(auth, server)).rejects.toMatchObject({ code: 'ERR_SIGN_IN' });
    expect(await call(auth, server)).toBe(200);
    expect(visits).toHaveLength(1);
    expect(tokens.record.tokens[provider.issuer]).toMatchObject({ refresh_token: 'refresh-2' });
  });

  test('without a refresh token are sent until they are refused, and then a person is asked', async () => {
    const [provider, server] = await started();
    provider.token = { refresh_token: undefined, expires_in: 1 };
    const tokens = openStore();
    const { auth, visits } = visitor(provider, { tokens });
    await call(auth, server);
    tokens.change({ obtainedAt: 0 });
    expect(await call(auth, server)).toBe(200);
    server.takes = token => token === provider.given[1];
    expect(await call(auth, server)).toBe(200);
    expect([visits.length, provider.grants.length]).toEqual([2, 2]);
  });

  test('keep what was granted and the refresh token where the answer says neither', async () => {
    const [provider, server] = await started();
    provider.token = { scope: 'read' };
    const tokens = openStore();
    const { auth } = visitor(provider, { tokens });
    await call(auth, server);
    provider.token = { refresh_token: undefined };
    tokens.change({ expires_in: 1, obtainedAt: 0 });
    const before = Date.now();
    await call(auth, server);
    expect(provider.grants[1]).toMatchObject({ resource: server.endpoint.url.href, client_id: 'client-1' });
    const { obtainedAt, ...kept } = tokens.record.tokens[provider.issuer] ?? {};
    expect(kept).toMatchObject({ scope: 'read', refresh_token: 'refresh-1', access_token: provider.given[1] });
    expect(kept).not.toHaveProperty('expires_in');
    expect(obtainedAt).toBeGreaterThanOrEqual(before);
  });
});

test('many calls at once renew a token once', async () => {
  const [provider, server] = await started();
  const tokens = openStore();
  const { auth } = visitor(provider, { tokens });
  await call(auth, server);
  tokens.change({ expires_in: 100, obtainedAt: Date.now() - 95_000 });
  provider.token = { expires_in: 3600 };
  expect(await Promise.all([1, 2, 3].map(() => call(auth, server)))).toEqual([200, 200, 200]);
  expect(provider.grants).toHaveLength(2);
  expect(new Set(server.seen.slice(-3))).toEqual(new Set([provider.given[1]]));
});

test('answers that are not given back are let go, with their connections', async () => {
  const [provider, server] = await started();
  const answers: Response[] = [];
  const { auth } = visitor(provider);
  const send = auth.authorized(async (url, init) => {
    const answer = await fetch(url, init);
    if (url === server.endpoint.url) {
      answers.push(answer);
    }
    return answer;
  }, server.endpoint);
  const ask = (): Promise<Response> => send(server.endpoint.url, { method: 'POST', body: '{}' });
  expect((await ask()).status).toBe(200);
  server.takes = () => ({ error: 'insufficient_scope', scope: 'write' });
  expect((await ask()).status).toBe(403);
  expect(answers.map(({ status, bodyUsed }) => [status, bodyUsed])).toEqual([
    [401, true],
    [200, false],
    [403, true],
    [403, false],
  ]);
});

describe('a refused token', () => {
  test('is renewed once, and a second refusal is the answer', async () => {
    const [provider, server] = await started();
    const { auth, visits } = visitor(provider);
    await call(auth, server);
    server.takes = () => false;
    expect(await call(auth, server)).toBe(401);
    expect([visits.length, provider.given.length, server.seen.length]).toEqual([1, 2, 4]);
  });

  test('that another process has replaced meanwhile is not renewed again', async () => {
    const [provider, server] = await started();
    const tokens = openStore();
    const { auth, visits } = visitor(provider, { tokens });
    await call(auth, server);
    const send = auth.authorized(fetch, server.endpoint);
    await (await send(server.endpoint.url, { method: 'POST', body: '{}' })).body?.cancel();
    provider.given.push('of another process');
    tokens.change({ access_token: 'of another process' });
    server.takes = token => token === 'of another process';
    expect((await send(server.endpoint.url, { method: 'POST', body: '{}' })).status).toBe(200);
    expect([visits.length, provider.grants.length]).toEqual([1, 1]);
  });

  test.each([
    ['the refresh token', 400, 'invalid_grant', 1],
    ['the client', 401, 'invalid_client', 2],
  ])('whose renewal refuses %s leads to a new sign-in', async (_, status, error, registrations) => {
    const [provider, server] = await started();
    const tokens = openStore();
    const { auth, visits } = visitor(provider, { tokens, callbackPort: await freePort() });
    await call(auth, server);
    provider.refusals.push({ status, body: { error } });
    server.takes = token => token === provider.given[1];
    expect(await call(auth, server)).toBe(200);
    expect([visits.length, provider.registrations.length]).toEqual([2, registrations]);
    expect(Object.keys(tokens.record.tokens)).toEqual([provider.issuer]);
  });

  test('whose renewal is refused is forgotten, whether or not somebody signs in', async () => {
    const [provider, server] = await started();
    const tokens = openStore();
    await call(visitor(provider, { tokens }).auth, server);
    provider.refusals.push({ status: 400, body: { error: 'invalid_grant' } });
    server.takes = () => false;
    const absent = oauth({ tokens, interactive: false });
    await expect(call(absent, server)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(tokens.record.tokens).toEqual({});
    expect(await absent.status(server.endpoint)).toBeUndefined();
  });

  test.each([
    ['breaks down', { status: 500, body: { error: 'server_error' } }],
    ['breaks the connection', 'break' as const],
  ])('whose renewal %s is an error, and the refresh token stays', async (_, refusal) => {
    const [provider, server] = await started();
    const tokens = openStore();
    const { auth, visits } = visitor(provider, { tokens });
    await call(auth, server);
    provider.refusals.push(refusal);
    server.takes = () => false;
    await expect(call(auth, server)).rejects.toMatchObject({ code: 'ERR_SIGN_IN' });
    expect(tokens.record.tokens[provider.issuer]).toMatchObject({ refresh_token: 'refresh-1' });
    expect(visits).toHaveLength(1);
  });
});

describe('a call that needs more scopes', () => {
  test('asks once for them, and not again when they are not granted', async () => {
    const [provider, server] = await started();
    const tokens = openStore();
    const { auth, visits } = visitor(provider, { tokens, scopes: ['basic'] });
    const send = auth.authorized(fetch, server.endpoint);
    const status = async (): Promise<number> =>
      (await send(server.endpoint.url, { method: 'POST', body: '{}' })).status;
    expect(await status()).toBe(200);
    let needed = 'write';
    server.takes = () => ({ error: 'insufficient_scope', scope: needed });
    expect(await status()).toBe(403);
    expect(await status()).toBe(403);
    expect(visits.map(({ asked }) => asked.scope)).toEqual(['basic', 'basic write']);
    needed = 'delete';
    expect(await status()).toBe(403);
    expect(visits.map(({ asked }) => asked.scope?.split(' ').sort())).toEqual([
      ['basic'],
      ['basic', 'write'],
      ['basic', 'delete', 'write'],
    ]);
  });

  test('is the answer as it is for another reason', async () => {
    const [provider, server] = await started();
    const { auth, visits } = visitor(provider);
    await call(auth, server);
    server.takes = () => ({ error: 'invalid_request', scope: 'write' });
    expect(await call(auth, server)).toBe(403);
    expect(visits).toHaveLength(1);
  });

  test.each([
    ['says no', { error: 'access_denied' }, 'ERR_INSUFFICIENT_SCOPE', 2],
    ['is sent away', { error: 'temporarily_unavailable' }, 'ERR_SIGN_IN', 3],
  ])('of a person who %s is an error; whoever said no is not asked again', async (_, answer, code, visited) => {
    const [provider, server] = await started();
    const pages: URL[] = [];
    const { auth } = visitor(provider, {
      openBrowser: page =>
        fetch(answerTo(page, pages.push(page) === 1 ? { code: 'first', iss: provider.issuer } : answer)),
    });
    const send = auth.authorized(fetch, server.endpoint);
    const ask = (): Promise<Response> => send(server.endpoint.url, { method: 'POST', body: '{}' });
    await ask();
    server.takes = () => ({ error: 'insufficient_scope', scope: 'write' });
    await expect(ask()).rejects.toMatchObject({ code, message: expect.stringContaining(answer.error) as string });
    if (code === 'ERR_INSUFFICIENT_SCOPE') {
      expect((await ask()).status).toBe(403);
    } else {
      await expect(ask()).rejects.toMatchObject({ code });
    }
    expect(pages).toHaveLength(visited);
  });

  test('uses the token that another process got for it', async () => {
    const [provider, server] = await started();
    const tokens = openStore();
    const { auth, visits } = visitor(provider, { tokens });
    const send = auth.authorized(fetch, server.endpoint);
    await send(server.endpoint.url, { method: 'POST', body: '{}' });
    tokens.change({ access_token: 'wider' });
    server.takes = token => token === 'wider' || { error: 'insufficient_scope', scope: 'write' };
    expect((await send(server.endpoint.url, { method: 'POST', body: '{}' })).status).toBe(200);
    expect(visits).toHaveLength(1);
  });

  test('says with nobody there which scope is needed', async () => {
    const [provider, server] = await started();
    const tokens = openStore();
    await call(visitor(provider, { tokens }).auth, server);
    server.takes = () => ({ error: 'insufficient_scope', scope: 'write' });
    await expect(call(oauth({ tokens, interactive: false }), server)).rejects.toMatchObject({
      code: 'ERR_SIGN_IN_REQUIRED',
      message: expect.stringContaining('`write`') as string,
      data: { scope: 'write' },
    });
  });
});
