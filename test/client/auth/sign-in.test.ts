// How a person signs in, and what they and their browser may send back.
import { request } from 'node:http';
import { memoryTokenStore, type OAuthOptions } from 'stateful-mcp-client';
import { freePort } from '../../free-port';
import { closeServers, listen } from '../servers';
import { answerTo, call, challengeOf, started, visitor } from './scripted-provider';

afterEach(closeServers);

/** Signs in by a browser that does what it is told, and gives back the error of the call. */
async function failure(options: OAuthOptions): Promise<unknown> {
  const [provider, server] = await started();
  return call(visitor(provider, options).auth, server).catch((error: unknown) => error);
}

const refused = (message: string): object => ({
  code: 'ERR_SIGN_IN',
  message: expect.stringContaining(message) as string,
});

test('the code is redeemed by whoever asked for it: state and challenge are new each time, and the verifier fits', async () => {
  const [provider, server] = await started();
  const { auth, visits } = visitor(provider);
  await auth.signIn(server.endpoint);
  provider.token = { refresh_token: undefined };
  await auth.signOut(server.endpoint);
  await auth.signIn(server.endpoint);
  expect(visits).toHaveLength(2);
  for (const [index, { asked }] of visits.entries()) {
    const grant = provider.grants[index];
    expect(asked.code_challenge_method).toBe('S256');
    expect(asked.code_challenge).toBe(challengeOf(grant?.code_verifier));
    expect(grant).toMatchObject({
      code: `code-${index + 1}`,
      redirect_uri: asked.redirect_uri,
      client_id: asked.client_id,
    });
    expect(asked.state).toMatch(/^[\w-]{32}$/);
  }
  expect(visits[0]?.asked.state).not.toBe(visits[1]?.asked.state);
  expect(visits[0]?.asked.code_challenge).not.toBe(visits[1]?.asked.code_challenge);
});

test('the page of an authorization server that is not reached by https is not opened', async () => {
  const [provider, server] = await started();
  provider.metadata.authorization_endpoint = 'http://login.example.com/authorize';
  const { auth, visits } = visitor(provider);
  await expect(call(auth, server)).rejects.toMatchObject(refused('http://login.example.com'));
  expect(visits).toEqual([]);
});

test.each([
  ['another path', (back: URL): void => void (back.pathname = '/elsewhere'), 'GET', 404],
  ['another verb', (): void => undefined, 'POST', 404],
  ['another state', (back: URL): void => back.searchParams.set('state', 'guessed'), 'GET', 400],
] as const)('what comes by %s is not the answer, which is still waited for', async (_, change, method, status) => {
  const [provider, server] = await started();
  const seen: [number, string | null, string | null][] = [];
  const { auth } = visitor(provider, {
    callbackHost: '127.0.0.1',
    callbackPath: '/signed/in',
    openBrowser: async page => {
      const right = answerTo(page, { code: 'right', iss: provider.issuer });
      const wrong = new URL(right);
      wrong.searchParams.set('code', 'wrong');
      change(wrong);
      for (const [url, verb] of [
        [wrong, method],
        [right, 'GET'],
      ] as const) {
        const { status: got, headers } = await fetch(url, { method: verb });
        seen.push([got, headers.get('cache-control'), headers.get('referrer-policy')]);
      }
    },
  });
  expect(await call(auth, server)).toBe(200);
  expect(provider.grants).toMatchObject([
    { code: 'right', redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/signed\/in$/) as string },
  ]);
  expect(seen).toEqual([
    [status, 'no-store', 'no-referrer'],
    [200, 'no-store', 'no-referrer'],
  ]);
});

test('a browser that takes `localhost` for the address of IPv6 comes back, too, and nobody is waited for afterwards', async () => {
  const [provider, server] = await started();
  let back = new URL('http://localhost');
  const { auth } = visitor(provider, {
    openBrowser: page => {
      back = answerTo(page, { code: 'six', iss: provider.issuer });
      request({ host: '::1', port: back.port, path: `${back.pathname}${back.search}` }).end();
    },
  });
  expect(await call(auth, server)).toBe(200);
  for (const host of ['127.0.0.1', '[::1]']) {
    await expect(fetch(`http://${host}:${back.port}/`)).rejects.toThrow();
  }
});

describe('what the browser brings back', () => {
  const bringing = (answer: Record<string, string>): Promise<unknown> => {
    const statuses: number[] = [];
    return failure({
      openBrowser: async page => void statuses.push((await fetch(answerTo(page, answer))).status),
    });
  };

  test.each([
    [{ error: 'access_denied' }, 'refused to sign in: access_denied'],
    [{ error: 'access_denied', error_description: 'ask\u001b[31m Ana\n' }, 'access_denied (ask [31m Ana )'],
    [{ error: 'x'.repeat(500) }, `: ${'x'.repeat(200)}`],
    [{}, 'neither a code nor an error'],
    [{ code: 'of nobody' }, 'ssuer'],
  ])('%j is an error', async (answer: Record<string, string>, message) => {
    const error = (await bringing(answer)) as Error;
    expect(error).toMatchObject(refused(message));
    expect(error.message).not.toContain('x'.repeat(201));
  });
});

describe('a person who enters the URL that their browser ended at', () => {
  const pasting = (text: (page: URL) => string | Promise<string>): Promise<unknown> => {
    let page = new URL('http://localhost');
    return failure({
      openBrowser: false,
      showUrl: shown => {
        page = shown;
      },
      readRedirect: () => Promise.resolve(text(page)),
    });
  };

  test.each<[string, (page: URL) => string | Promise<string>, string]>([
    ['is no URL', () => 'code-1', 'is not a URL'],
    ['is of another sign-in', page => answerTo(page, { state: 'other', code: 'a' }).href, 'belongs to another sign-in'],
    ['has no state', () => 'http://localhost/callback?code=a', 'belongs to another sign-in'],
    ['says no', page => `  ${answerTo(page, { error: 'access_denied' }).href}\n`, 'access_denied'],
    ['cannot be read', () => Promise.reject(new Error('no terminal')), 'no terminal'],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    ['cannot be read, without a reason', () => Promise.reject('closed'), 'closed'],
  ])('one that %s is an error', async (_, text, message) => {
    expect(await pasting(text)).toMatchObject(refused(message));
  });

  test('is not asked any more once the browser has come back by itself', async () => {
    const [provider, server] = await started();
    const ends: boolean[] = [];
    const { auth } = visitor(provider, {
      readRedirect: signal =>
        new Promise(() => {
          ends.push(signal.aborted);
          signal.addEventListener('abort', () => ends.push(true));
        }),
    });
    expect(await call(auth, server)).toBe(200);
    expect(ends).toEqual([false, true]);
  });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no browser');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no browser'))],
])('a browser that does not open, since it %s, is no error: the page is shown', async (_, openBrowser) => {
  const [provider, server] = await started();
  const { auth } = visitor(provider, {
    openBrowser,
    showUrl: page => void setTimeout(() => void fetch(answerTo(page, { code: 'a', iss: provider.issuer })), 20),
  });
  expect(await call(auth, server)).toBe(200);
});

test('a sign-in ends with the signal of the call, before and while a person is asked, and frees its port', async () => {
  const [provider, server] = await started();
  const callbackPort = await freePort();
  const ended = new AbortController();
  const { auth, visits } = visitor(provider, { callbackPort, openBrowser: () => ended.abort(new Error('enough')) });
  await expect(auth.signIn(server.endpoint, { signal: ended.signal })).rejects.toThrow('enough');
  await expect(auth.signIn(server.endpoint, { signal: ended.signal })).rejects.toThrow('enough');
  expect(visits).toEqual([]);
  const other = await listen((_request, response) => void response.end());
  expect(other).toBeDefined();
  await expect(fetch(`http://127.0.0.1:${callbackPort}/`)).rejects.toThrow();
});

test('one who waits for the sign-in of another ends with the signal of their own', async () => {
  const [provider, server] = await started();
  const tokens = memoryTokenStore();
  let page: URL | undefined;
  const { auth } = visitor(provider, { tokens, openBrowser: shown => void (page = shown) });
  const first = call(auth, server);
  while (page === undefined) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await expect(call(auth, server, AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  await fetch(answerTo(page, { code: 'a', iss: provider.issuer }));
  expect(await first).toBe(200);
  expect(await call(auth, server)).toBe(200);
});

test.each<[string, Record<string, unknown>, string]>([
  ['registers nobody', { registration_endpoint: undefined }, 'pass `clientId`'],
  ['says that it is somebody else', { issuer: 'https://other.example.com' }, 'sign out and sign in again'],
  ['takes codes without https', { token_endpoint: 'http://login.example.com/token' }, 'tokens must travel by https'],
  ['names no place', { token_endpoint: 'nowhere', revocation_endpoint: 7 }, '(`token_endpoint`: '],
])('an error says what is wrong with an authorization server that %s', async (_, metadata, message) => {
  const [provider, server] = await started();
  Object.assign(provider.metadata, metadata);
  const error = (await call(visitor(provider).auth, server).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject(refused(message));
  expect(error.message).not.toContain('\n');
});
