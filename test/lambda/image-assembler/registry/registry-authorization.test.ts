import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { digestOf } from '../../../../lambda/image-assembler/common/digest';
import type { RegistryCredentials } from '../../../../lambda/image-assembler/registry/registry-authorization';
import { baseClient, closeTransports, targetClient } from '../clients';
import { startFaultyRegistry, type FaultyRegistry } from '../faulty-registry';

const { signal } = new AbortController();
const ABC = { mediaType: 'application/octet-stream', digest: digestOf('abc'), size: 3 };
const ofAbc = () => Readable.from([Buffer.from('abc')]);
let registry: FaultyRegistry;
let elsewhere: FaultyRegistry;
let tokens: TokenService;

/** Issues the tokens `token-1`, `token-2`, …, of which the last one is good. */
class TokenService {
  public readonly requests: URL[] = [];
  public readonly authorizations: (string | undefined)[] = [];
  public readonly replies: { status: number; body: object; location?: string }[] = [];
  public expiresIn: number | undefined = 300;
  public realm = '';
  private readonly server = createServer((request, response) => {
    this.requests.push(new URL(request.url ?? '', this.realm));
    this.authorizations.push(request.headers.authorization);
    const reply = this.replies.shift();
    const { status, body } = reply ?? {
      status: 200,
      body: { token: this.current, expires_in: this.expiresIn },
    };
    response.writeHead(status, reply?.location === undefined ? {} : { location: reply.location });
    response.end(JSON.stringify(body));
  });

  public get current(): string {
    return `token-${this.requests.length}`;
  }

  public async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.realm = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/token`;
    return this;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

beforeEach(async () => {
  registry = await startFaultyRegistry();
  elsewhere = await startFaultyRegistry();
  registry.manifests.set('1', { mediaType: 'application/vnd.oci.image.manifest.v1+json', content: Buffer.from('{}') });
  tokens = await new TokenService().start();
});

afterEach(async () => {
  closeTransports();
  await registry.close();
  await elsewhere.close();
  await tokens.close();
});

/** Lets only the newest token pass. */
function demandToken(scope = 'repository:library/base:pull'): void {
  registry.intercept = ({ headers }: IncomingMessage) =>
    headers.authorization === `Bearer ${tokens.current}` && tokens.requests.length > 0
      ? undefined
      : {
          status: 401,
          headers: { 'www-authenticate': `Bearer realm="${tokens.realm}",service="registry.test",scope="${scope}"` },
        };
}

test('a token is fetched where the registry says, once for many requests', async () => {
  demandToken();
  const client = baseClient(registry);
  await client.findManifest('1', signal);
  await client.findManifest('1', signal);
  expect(registry.authorizations).toEqual([undefined, 'Bearer token-1', 'Bearer token-1']);
  expect(tokens.requests.map(({ search }) => search)).toEqual([
    '?service=registry.test&scope=repository%3Alibrary%2Fbase%3Apull',
  ]);
});

test("scopes of the registry's own making are asked for too", async () => {
  demandToken('aws');
  await targetClient(registry).findManifest('1', signal);
  expect(tokens.requests[0]?.searchParams.getAll('scope')).toEqual(['aws', 'repository:expenses:pull,push']);
});

test('a layer is uploaded with the token for its repository', async () => {
  demandToken('repository:expenses:pull,push');
  expect(await targetClient(registry).putBlob(ABC, ofAbc, signal, { lookFirst: false })).toBe('uploaded');
  expect(registry.requests.map(request => request.split(' ')[0])).toEqual(['POST', 'POST', 'PUT']);
  expect(registry.authorizations).toEqual([undefined, 'Bearer token-1', 'Bearer token-1']);
});

test('a layer of another repository is mounted with a token for both', async () => {
  demandToken('repository:expenses:pull,push');
  await targetClient(registry).putBlob(ABC, ofAbc, signal, { lookFirst: false, mountFrom: 'library/base' });
  expect(tokens.requests[0]?.searchParams.getAll('scope')).toEqual([
    'repository:expenses:pull,push',
    'repository:library/base:pull',
  ]);
});

test('a token is renewed before it expires', async () => {
  demandToken();
  tokens.expiresIn = 0;
  const client = baseClient(registry);
  await client.findManifest('1', signal);
  await client.findManifest('1', signal);
  expect(registry.authorizations.filter(header => header === undefined)).toHaveLength(1);
  expect(tokens.requests.length).toBeGreaterThan(1);
});

test.each([
  ['five minutes', 300, 290],
  ['seconds', 20, 16],
  ['a time that it does not tell', undefined, 50],
])('a token of %s is used until shortly before its end', async (_what, expiresIn, seconds) => {
  let passed = 0;
  const start = Date.now();
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => start + passed);
  demandToken();
  tokens.expiresIn = expiresIn;
  const client = baseClient(registry);
  await client.findManifest('1', signal);
  passed = seconds * 1000 - 1;
  await client.findManifest('1', signal);
  expect(tokens.requests).toHaveLength(1);
  passed = seconds * 1000;
  await client.findManifest('1', signal);
  expect(tokens.requests).toHaveLength(2);
  clock.mockRestore();
});

test('a token that the registry no longer takes is renewed', async () => {
  demandToken();
  const client = baseClient(registry);
  await client.findManifest('1', signal);
  await fetch(tokens.realm);
  await client.findManifest('1', signal);
  expect(registry.authorizations.at(-1)).toBe('Bearer token-3');
});

test('a token that is refused time and again is a denial', async () => {
  registry.intercept = () => ({
    status: 401,
    headers: { 'www-authenticate': `Bearer realm="${tokens.realm}",service="registry.test"` },
  });
  await expect(baseClient(registry).findManifest('1', signal)).rejects.toMatchObject({ code: 'ERR_BASE_DENIED' });
});

test('a token service that fails is asked again', async () => {
  demandToken();
  tokens.replies.push({ status: 503, body: {} }, { status: 429, body: {} }, { status: 500, body: {} });
  await baseClient(registry).findManifest('1', signal);
  expect(tokens.requests).toHaveLength(4);
});

test.each([301, 302, 303, 307, 308])('a token service that has moved is followed (%s)', async status => {
  demandToken();
  tokens.replies.push({ status, body: {}, location: '/elsewhere?scope=a' });
  const credentials = () => Promise.resolve({ username: 'AWS', password: 'secret' });
  await targetClient(registry, { credentials }).hasBlob(`sha256:${'0'.repeat(64)}`, signal);
  expect(tokens.requests.map(({ pathname }) => pathname)).toEqual(['/token', '/elsewhere']);
  expect(tokens.authorizations[1]).toBe(tokens.authorizations[0]);
});

test('a token service that leads to another gets no credentials there', async () => {
  const other = await new TokenService().start();
  try {
    demandToken();
    tokens.replies.push({ status: 307, body: {}, location: other.realm });
    const credentials = () => Promise.resolve({ username: 'AWS', password: 'secret' });
    await targetClient(registry, { credentials }).hasBlob(`sha256:${'0'.repeat(64)}`, signal);
    expect(other.authorizations).toEqual([undefined]);
  } finally {
    await other.close();
  }
});

test('a token service that leads in a circle is a denial', async () => {
  demandToken();
  tokens.replies.push(...Array.from({ length: 6 }, () => ({ status: 302, body: {}, location: tokens.realm })));
  await expect(baseClient(registry).findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_BASE_DENIED',
    message: expect.stringContaining('answered 302') as string,
  });
});

test('an access token beside an empty token is taken', async () => {
  demandToken();
  tokens.replies.push({ status: 200, body: { token: '', access_token: 'token-1' } });
  await expect(baseClient(registry).findManifest('1', signal)).resolves.toBeDefined();
});

test('a token service that refuses is a denial', async () => {
  demandToken();
  tokens.replies.push({ status: 403, body: { details: 'no such account' } });
  await expect(baseClient(registry).findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_BASE_DENIED',
    message: expect.stringContaining('no such account') as string,
  });
});

test.each<[string, { status: number; body: unknown }, string]>([
  ['without a token', { status: 200, body: {} }, 'answered 200 without a token'],
  ['of nothing', { status: 200, body: null }, 'answered 200 without a token'],
  ['that is no JSON', { status: 200, body: undefined }, 'answered 200 without a token'],
  ['with a token, and a refusal', { status: 403, body: { token: 'a' } }, 'answered 403: {"token":"a"}'],
  ['with a token of two lines', { status: 200, body: { token: 'a\n' } }, 'with a token that no header can hold'],
  ['with a token of letters', { status: 200, body: { token: 'tök€n' } }, 'with a token that no header can hold'],
  ['with a number', { status: 200, body: { token: 5 } }, 'with a token that no header can hold'],
  ['with a map', { status: 200, body: { access_token: { a: 1 } } }, 'with a token that no header can hold'],
  ['with errors', { status: 403, body: { errors: [{ code: 'DENIED', message: 'no' }] } }, 'answered 403: DENIED no)'],
  ['of many words', { status: 403, body: 'x'.repeat(300) }, `answered 403: "${'x'.repeat(199)})`],
])('an answer %s is no token', async (_what, { status, body }, message) => {
  demandToken();
  tokens.replies.push({ status, body: body as object });
  await expect(baseClient(registry).findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_BASE_DENIED',
    message: expect.stringContaining(message) as string,
  });
});

test('a registry that names neither service nor scope is asked for its own scope', async () => {
  registry.intercept = ({ headers }) =>
    headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': `Bearer realm="${tokens.realm}"` } }
      : undefined;
  await baseClient(registry).findManifest('1', signal);
  expect(tokens.requests.map(({ search }) => search)).toEqual(['?scope=repository%3Alibrary%2Fbase%3Apull']);
});

test('credentials go to the token service', async () => {
  demandToken();
  const credentials = jest.fn(() => Promise.resolve({ username: 'AWS', password: 'secret' }));
  const client = baseClient(registry, { credentials });
  await client.findManifest('1', signal);
  expect(tokens.authorizations).toEqual([`Basic ${Buffer.from('AWS:secret').toString('base64')}`]);
  await fetch(tokens.realm);
  await client.findManifest('1', signal);
  expect(credentials.mock.calls).toMatchObject([[{ renew: false }], [{ renew: true }]]);
});

test.each([
  ['who asked for nothing', () => undefined],
  [
    'who asked for a password',
    ({ headers }: IncomingMessage) =>
      headers.authorization === undefined
        ? { status: 401, headers: { 'www-authenticate': 'Basic realm="a"' } }
        : undefined,
  ],
])('no credentials go where the end of a redirect wants them, from a registry %s', async (_what, demand) => {
  elsewhere.intercept = () => ({ status: 401, headers: { 'www-authenticate': `Bearer realm="${tokens.realm}"` } });
  registry.intercept = request => demand(request) ?? { status: 307, headers: { location: elsewhere.url.href } };
  const credentials = (): Promise<RegistryCredentials> => Promise.resolve({ username: 'AWS', password: 'secret' });
  await expect(baseClient(registry, { credentials }).findManifest('1', signal)).rejects.toMatchObject({
    code: 'ERR_BASE_DENIED',
  });
  expect(tokens.requests).toEqual([]);
  expect(elsewhere.authorizations.filter(sent => sent !== undefined)).toEqual([]);
});

test('credentials that have expired, which Amazon ECR tells by status 403, are renewed once', async () => {
  let issued = 0;
  const credentials = ({ renew }: { renew: boolean }): Promise<RegistryCredentials> => {
    if (renew || issued === 0) {
      issued++;
    }
    return Promise.resolve({ username: 'AWS', password: String(issued) });
  };
  const accepted = new Set(['1']);
  registry.intercept = ({ headers }) => {
    const password = Buffer.from(headers.authorization?.slice('Basic '.length) ?? '', 'base64')
      .toString()
      .split(':')[1];
    if (password === undefined) {
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="https://ecr/",service="ecr.amazonaws.com"' } };
    }
    return accepted.has(password)
      ? undefined
      : { status: 403, body: '{"errors":[{"code":"DENIED","message":"Your authorization token has expired."}]}' };
  };
  const client = targetClient(registry, { credentials });
  await client.findManifest('1', signal);
  accepted.clear();
  accepted.add('2');
  await client.findManifest('1', signal);
  expect(issued).toBe(2);

  accepted.clear();
  await expect(client.findManifest('1', signal)).rejects.toMatchObject({ code: 'ERR_REPOSITORY_DENIED' });
  expect(issued).toBe(3);
});

test.each([
  ['Bearer first, in one header', false, false],
  ['Basic first, in one header', true, false],
  ['Bearer first, in two headers', false, true],
  ['Basic first, in two headers', true, true],
])('a registry that takes a token or a password: %s', async (_case, basicFirst, apart) => {
  const challenges = [`Bearer realm="${tokens.realm}",service="registry.test",scope="*"`, 'Basic realm="a, b"'];
  if (basicFirst) {
    challenges.reverse();
  }
  registry.intercept = ({ headers }) =>
    headers.authorization?.startsWith('Bearer ')
      ? undefined
      : { status: 401, headers: { 'www-authenticate': apart ? challenges : challenges.join(', ') } };
  await expect(baseClient(registry).findManifest('1', signal)).resolves.toBeDefined();
});

test('a password that nobody has given is a denial', async () => {
  registry.intercept = () => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="a"' } });
  await expect(baseClient(registry).findManifest('1', signal)).rejects.toMatchObject({ code: 'ERR_BASE_DENIED' });
  expect(registry.requests).toEqual(['GET library/base/manifests/1']);
});
