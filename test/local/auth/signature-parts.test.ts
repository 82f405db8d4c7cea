import { signerOf, type SignatureCheck } from '../../../local/src/auth/signature';
import { CREDENTIALS } from '../aws-clients';
import { checked } from '../checked';
import { BODY, signedRequest, type SigningChanges } from './signed-requests';

const TEMPORARY = { accessKeyId: 'ASIALOCAL', secretAccessKey: 'secret', sessionToken: 'token' };
const HOLDS = CREDENTIALS.accessKeyId;

interface Check extends Partial<SignatureCheck> {
  readonly path?: string;
}

/** Whose signature a request carries, or why it is refused. */
async function outcome(signing: SigningChanges = {}, sent: SigningChanges = {}, check: Check = {}): Promise<string> {
  const { path = '/runtimes/one/invocations?qualifier=DEFAULT', ...more } = check;
  const { url, init } = await signedRequest(`http://localhost:8080${path}`, signing, sent);
  const signer = await checked(
    exchange =>
      signerOf(exchange, {
        credentials: [TEMPORARY, CREDENTIALS],
        region: 'us-east-1',
        unsignedPayload: 'refuse',
        ...more,
      }).then(({ accessKeyId }) => accessKeyId),
    new Request(url, init),
    1000,
  );
  return signer instanceof Error ? signer.message : String(signer);
}

const MISMATCH = expect.stringContaining('The request signature we calculated does not match') as string;

test.each<[string, (made: string) => string]>([
  ['another algorithm', made => made.replace('HMAC-SHA256', 'HMAC-SHA512')],
  ['no space behind the algorithm', made => made.replace('SHA256 ', 'SHA256,')],
  ['no credential', made => made.replace(/Credential=[^,]+, /, '')],
  ['nothing', () => ''],
  ['no access key id', made => made.replace('Credential=AKIDLOCAL', 'Credential=')],
  ['no date', made => made.replace(/\/\d{8}\//, '//')],
  ['no region', made => made.replace('/us-east-1/', '//')],
  ['no service', made => made.replace('/bedrock-agentcore/', '//')],
  ['another end of the scope', made => made.replace('aws4_request', 'aws5_request')],
  ['no scope', made => made.replace(/Credential=[^,]+/, 'Credential=AKIDLOCAL')],
  ['no signed headers', made => made.replace(/SignedHeaders=[^,]+, /, '')],
  ['no signature', made => made.replace(/, Signature=.*/, '')],
  ['an empty signature', made => made.replace(/Signature=.*/, 'Signature=')],
])('a signature is nothing without its parts: %s', async (_, authorization) => {
  expect(await outcome({}, { authorization })).toBe('Missing Authentication Token');
});

test.each<[string, (made: string) => string]>([
  ['shorter', made => made.slice(0, -1)],
  ['longer', made => `${made}0`],
  ['of other characters', made => made.replace(/Signature=.*/, `Signature=${'ÿ'.repeat(64)}`)],
])('a signature that is %s does not match', async (_, authorization) => {
  expect(await outcome({}, { authorization })).toEqual(MISMATCH);
});

test('a signer who is not known here is told by its id', async () => {
  expect(await outcome({}, {}, { credentials: [TEMPORARY] })).toContain('the access key id AKIDLOCAL');
  expect(await outcome({}, {}, { credentials: [{ ...CREDENTIALS, secretAccessKey: 'other' }] })).toEqual(MISMATCH);
});

test.each<[SigningChanges, string]>([
  [{ service: 's3' }, 'us-east-1/s3'],
  [{ region: 'eu-west-1' }, 'eu-west-1/bedrock-agentcore'],
])('a signature is for this service in this region: %j', async (signing, scope) => {
  expect(await outcome(signing)).toBe(`Credential should be scoped to us-east-1/bedrock-agentcore, got ${scope}`);
});

test.each([
  '/runtimes/one/invocations',
  '/runtimes/one/invocations?qualifier=DEFAULT&note=is%20it?really',
  '/runtimes/arn%3Aaws%3Aone%2Ftwo/invocations?b=2&a=1&a=0&empty=',
])('a signature covers all of a URL: %s', async path => {
  expect(await outcome({}, {}, { path })).toBe(HOLDS);
  expect(await outcome({}, { to: url => `${url}${url.includes('?') ? '&' : '?'}more=1` }, { path })).toEqual(MISMATCH);
  expect(await outcome({}, { to: url => url.replace('one', 'other') }, { path })).toEqual(MISMATCH);
});

const NOW = Date.UTC(2026, 5, 1, 12);
const at = (ms: number): Date => new Date(NOW + ms);
const amzDate = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '');

describe('the date of a signature', () => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each<[string, string]>([
    ['more behind it', `${amzDate(at(0))}0`],
    ['more before it', `0${amzDate(at(0))}`],
    ['the day of its scope before it', `20260601${amzDate(at(0))}`],
    ['no time zone', amzDate(at(0)).slice(0, -1)],
    ['another way to write it', at(0).toISOString()],
    ['another day than its scope', amzDate(at(86_400_000))],
  ])('has %s', async (_, date) => {
    expect(await outcome({ date: at(0) }, { headers: { 'x-amz-date': date } })).toBe(
      'The request has no valid X-Amz-Date',
    );
  });

  const OFF = 'Signature expired: X-Amz-Date is more than 5 minutes off';
  test.each<[number, string]>([
    [-301_000, OFF],
    [-300_000, HOLDS],
    [300_000, HOLDS],
    [301_000, OFF],
  ])('is off by %i ms', async (ms, expected) => {
    expect(await outcome({ date: at(ms) })).toBe(expected);
  });

  test('is not left to another header', async () => {
    const request = new Request('http://localhost/mcp', { method: 'POST', body: BODY });
    const { init } = await signedRequest(request.url, { date: at(0) });
    const { 'x-amz-date': date, ...headers } = init.headers as Record<string, string>;
    const refused = await checked(
      exchange => signerOf(exchange, { credentials: [CREDENTIALS], region: 'us-east-1', unsignedPayload: 'refuse' }),
      new Request(request, { headers: { ...headers, date: at(0).toUTCString() } }),
    );
    expect(date).toBe(amzDate(at(0)));
    expect(refused).toMatchObject({ message: 'The request has no valid X-Amz-Date' });
  });

  test('is covered', async () => {
    expect(await outcome({ date: at(0) }, { headers: { 'x-amz-date': amzDate(at(1000)) } })).toEqual(MISMATCH);
  });
});

test('the host is covered, or there is no signature of the request', async () => {
  expect(await outcome({}, { headers: { host: 'other.example' } })).toEqual(MISMATCH);
  expect(await outcome({ unsigned: ['host'] })).toBe('The Host header must be part of the signature');
});

// The signer of Python, for one, signs some of these, which that of JavaScript leaves to proxies.
test.each(['cache-control', 'user-agent', 'pragma', 'sec-example', 'proxy-example'])(
  'a header is covered by whoever signs it: %s',
  async name => {
    const signing = { headers: { [name]: 'no-store' }, signable: [name] };
    expect(await outcome(signing)).toBe(HOLDS);
    expect(await outcome(signing, { headers: { [name]: 'other' } })).toEqual(MISMATCH);
  },
);

// As signers do that are not made for S3: the hash of the body is covered, but no header says it.
test('a signature holds without a header that says the hash of the body, and covers the body all the same', async () => {
  expect(await outcome({ hashesBody: false })).toBe(HOLDS);
  expect(await outcome({ hashesBody: false }, { body: BODY.replace('5', '6') })).toEqual(MISMATCH);
});

test.each<[string, SigningChanges, SigningChanges]>([
  ['another', {}, { body: BODY.replace('5', '6') }],
  ['none', {}, { body: '' }],
  ['one where there was none', { body: '' }, { body: BODY }],
])('the body is covered: %s', async (_, signing, sent) => {
  expect(await outcome(signing)).toBe(HOLDS);
  expect(await outcome(signing, sent)).toEqual(MISMATCH);
});

const UNSIGNED = { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } };

test('a body may be left out where that is allowed', async () => {
  expect(await outcome(UNSIGNED)).toBe('The payload must be part of the signature');
  expect(await outcome(UNSIGNED, { body: 'other' }, { unsignedPayload: 'accept' })).toBe(HOLDS);
});

test.each([true, false])('a body that was signed cannot be declared unsigned afterwards: %s', async hashesBody => {
  const changed = { ...UNSIGNED, body: BODY.replace('describe', 'crash') };
  expect(await outcome({ hashesBody }, changed, { unsignedPayload: 'accept' })).toEqual(MISMATCH);
});

test('where a body may be left out, a body that was not is covered', async () => {
  const check: Check = { unsignedPayload: 'accept' };
  expect(await outcome({}, {}, check)).toBe(HOLDS);
  expect(await outcome({}, { body: BODY.replace('describe', 'crash') }, check)).toEqual(MISMATCH);
});

test('a body that is too long, or breaks off, is no body', async () => {
  expect(await outcome({ body: 'x'.repeat(1000) })).toBe(HOLDS);
  expect(await outcome({ body: 'x'.repeat(1001) })).toBe('payload: must be at most 1000 bytes');
  const broken = new ReadableStream({
    pull(controller) {
      controller.error(new Error('the client broke off'));
    },
  });
  expect(await outcome({}, { stream: broken })).toBe('The payload could not be read');
});

const INVALID = 'The security token included in the request is invalid';
test.each<[string, SigningChanges, SigningChanges, string]>([
  ['it', { credentials: TEMPORARY }, {}, TEMPORARY.accessKeyId],
  ['another one', { credentials: TEMPORARY }, { headers: { 'x-amz-security-token': 'other' } }, INVALID],
  ['none', { credentials: { ...TEMPORARY, sessionToken: undefined } }, {}, INVALID],
  ['one for credentials without', {}, { headers: { 'x-amz-security-token': 'token' } }, INVALID],
])('a session token is checked before the signature: %s', async (_, signing, sent, expected) => {
  expect(await outcome(signing, sent)).toBe(expected);
});

test('a session token that the signature leaves out is none', async () => {
  const credentials = { ...TEMPORARY, sessionToken: undefined };
  expect(await outcome({ credentials }, { headers: { 'x-amz-security-token': 'token' } })).toEqual(MISMATCH);
});
