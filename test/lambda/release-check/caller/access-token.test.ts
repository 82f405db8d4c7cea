import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { DowngradeError } from '../../../../lambda/common/encrypted-url';
import { CertificateError, HttpTransport } from '../../../../lambda/common/http-transport';
import { accessToken } from '../../../../lambda/release-check/caller/access-token';
import { encryptedServer } from '../../encrypted-server';

// What an authorization server may say, beside what the one of `callers.test.ts` does.

interface Asked {
  readonly what: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: Readonly<Record<string, string>>;
}

type Reply = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

const CLIENT = { kind: 'client-credentials', discoveryUrl: '', clientId: 'agent one' } as const;
const retries = { attempts: 3, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 };
const { signal } = new AbortController();

const asked: Asked[] = [];
const documents: Reply[] = [];
const tokens: Reply[] = [];
const answer: RequestListener = (request, response) => {
  void text(request).then(body => {
    const what = `${request.method} ${request.url}`;
    asked.push({ what, headers: request.headers, form: Object.fromEntries(new URLSearchParams(body)) });
    const [status, reply, headers] = (what === 'GET /discovery' ? documents : tokens).shift() ?? [200, {}];
    response.writeHead(status, headers).end(typeof reply === 'string' ? reply : JSON.stringify(reply));
  });
};
const plain = createServer(answer);
const encrypted = encryptedServer(answer);
let transport: HttpTransport;

beforeAll(async () => {
  for (const server of [plain, encrypted.server]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
});
beforeEach(() => {
  asked.length = documents.length = tokens.length = 0;
  transport = new HttpTransport();
});
afterEach(() => {
  jest.restoreAllMocks();
  transport.close();
});
afterAll(async () => {
  for (const server of [plain, encrypted.server]) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const urlOf = (path: string): string => `http://127.0.0.1:${portOf(plain)}${path}`;
const document = (more: object = {}): Reply => [200, { token_endpoint: urlOf('/token'), ...more }];

function ask(change: object = {}, discoveryUrl = urlOf('/discovery')): Promise<string> {
  return accessToken({ ...CLIENT, discoveryUrl, ...change }, 's3cret%', { transport, retries, signal });
}

test('a client shows its secret in a header, in the form of RFC 6749', async () => {
  documents.push(document());
  tokens.push([200, { access_token: 'token' }]);
  expect(await ask()).toBe('token');
  expect(asked.map(({ what }) => what)).toEqual(['GET /discovery', 'POST /token']);
  expect(asked[1]?.form).toEqual({ grant_type: 'client_credentials' });
  expect(asked[1]?.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('agent%20one:s3cret%25').toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': '29',
    accept: 'application/json',
  });
});

test('scopes and audience are asked for, an audience that is a URL as a resource, too', async () => {
  documents.push(document(), document());
  tokens.push([200, { access_token: 'token' }], [200, { access_token: 'token' }]);
  await ask({ scopes: ['a', 'b'], audience: 'expenses' });
  await ask({ scopes: [], audience: 'https://expenses.example' });
  const { form } = asked[1] as Asked;
  expect(form).toEqual({ grant_type: 'client_credentials', scope: 'a b', audience: 'expenses' });
  const resource = 'https://expenses.example';
  expect(asked[3]?.form).toEqual({ grant_type: 'client_credentials', audience: resource, resource });
});

test.each([
  ['a list with the header', ['client_secret_post', 'client_secret_basic'], false],
  ['a list without it', ['client_secret_post'], true],
  ['a text', 'client_secret_post', false],
])('the secret is in the body where the server wants it: %s', async (_what, methods, inBody) => {
  documents.push(document({ token_endpoint_auth_methods_supported: methods }));
  tokens.push([200, { access_token: 'token' }]);
  await ask();
  const { headers, form } = asked[1] as Asked;
  expect('authorization' in headers).toBe(!inBody);
  expect(form).toEqual({
    grant_type: 'client_credentials',
    ...(inBody && { client_id: 'agent one', client_secret: 's3cret%' }),
  });
});

test.each<[string, Reply]>([
  ['another status', [404, { token_endpoint: 'http://127.0.0.1:1/' }]],
  ['no JSON', [200, '<html>']],
  ['null', [200, null]],
  ['no token endpoint', [200, {}]],
  ['a list of them', [200, { token_endpoint: ['http://127.0.0.1:1/'] }]],
  ['a path', [200, { token_endpoint: '/token' }]],
])('a discovery document with %s is refused', async (_what, reply) => {
  documents.push(reply);
  await expect(ask()).rejects.toMatchObject({
    code: 'ERR_TOKEN_REFUSED',
    message: expect.stringContaining(`names no \`token_endpoint\` (status ${reply[0]})`) as string,
  });
  expect(asked).toHaveLength(1);
});

test.each<[string, Reply, RegExp]>([
  [
    'an error',
    [401, { error: 'invalid_client' }],
    /\/token gives the client agent one no token: status 401, invalid_client; check/,
  ],
  ['a long error', [400, { error: 'x'.repeat(101) }], /status 400, x{100}; check/],
  ['an error that is none', [400, { error: {} }], /status 400; check/],
  ['a token, and a refusal', [201, { access_token: 'a.token' }], /status 201; check/],
  ['a token that is no text', [200, { access_token: 7 }], /status 200; check/],
  ['no JSON', [200, 'a.token'], /status 200; check/],
  ['null', [200, null], /status 200; check/],
])('an answer with %s is no token, and neither secret nor token is told', async (_what, reply, message) => {
  documents.push(document());
  tokens.push(reply);
  const asking = ask();
  await expect(asking).rejects.toMatchObject({
    code: 'ERR_TOKEN_REFUSED',
    message: expect.stringMatching(message) as string,
  });
  await expect(asking).rejects.not.toThrow(/s3cret|a\.token/);
});

test('a server that cannot answer for now is asked again', async () => {
  documents.push([500, {}], [429, {}], document());
  tokens.push([503, {}], [429, {}, { 'retry-after': '0' }], [200, { access_token: 'token' }]);
  expect(await ask()).toBe('token');
  expect(asked).toHaveLength(6);
});

test.each<[string, Reply[], string, number]>([
  [
    'never could',
    [
      [503, {}],
      [503, {}],
      [503, {}],
    ],
    'GET http://127.0.0.1:PORT/discovery answered 503',
    3,
  ],
  ['wants to be left alone for long', [[429, {}, { 'retry-after': '60' }]], 'answered 429', 1],
])('a server that %s is no verdict', async (_what, replies, message, requests) => {
  documents.push(...replies);
  await expect(ask()).rejects.toMatchObject({
    code: 'ERR_TOKEN_UNAVAILABLE',
    message: expect.stringContaining(message.replace('PORT', String(portOf(plain)))) as string,
  });
  expect(asked).toHaveLength(requests);
});

test('the end of the time is no fault of the server', async () => {
  const end = new AbortController();
  const reason = new Error('the time is up');
  plain.once('request', () => {
    end.abort(reason);
  });
  const asking = accessToken({ ...CLIENT, discoveryUrl: urlOf('/discovery') }, 's3cret%', {
    transport,
    retries,
    signal: end.signal,
  });
  await expect(asking).rejects.toBe(reason);
});

test('a secret goes to no place without encryption', async () => {
  encrypted.trust();
  documents.push(document());
  await expect(ask({}, `https://127.0.0.1:${portOf(encrypted.server)}/discovery`)).rejects.toMatchObject({
    code: 'ERR_TOKEN_REFUSED',
    message: expect.stringContaining('names a `token_endpoint` without encryption') as string,
    cause: expect.any(DowngradeError) as Error,
  });
  expect(asked.map(({ what }) => what)).toEqual(['GET /discovery']);
});

test('a server that is not who it should be says nothing of the version', async () => {
  await expect(ask({}, `https://127.0.0.1:${portOf(encrypted.server)}/discovery`)).rejects.toMatchObject({
    code: 'ERR_TOKEN_UNAVAILABLE',
    message: expect.stringContaining('self-signed certificate') as string,
    cause: expect.any(CertificateError) as Error,
  });
  expect(asked).toEqual([]);
});
