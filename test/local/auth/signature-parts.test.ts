import { CREDENTIALS } from '../aws-clients';
import { BODY, reasons, send, start, type SigningChanges } from './signed-requests';

const TEMPORARY = { accessKeyId: 'ASIALOCAL', secretAccessKey: 'secret', sessionToken: 'token' };

test.each<[string, (made: string) => string]>([
  ['another algorithm', made => made.replace('HMAC-SHA256', 'HMAC-SHA512')],
  ['no space behind the algorithm', made => made.replace('SHA256 ', 'SHA256,')],
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
  const signed = await start();
  expect((await send(signed, {}, { authorization })).status).toBe(403);
  expect(reasons(signed)).toEqual(['Missing Authentication Token']);
});

test.each<[string, (made: string) => string]>([
  ['shorter', made => made.slice(0, -1)],
  ['longer', made => `${made}0`],
  ['of other characters', made => made.replace(/Signature=.*/, `Signature=${'é'.repeat(64)}`)],
])('a signature that is %s does not match', async (_, authorization) => {
  const signed = await start();
  expect((await send(signed, {}, { authorization })).status).toBe(403);
  expect(reasons(signed)).toEqual([expect.stringContaining('The request signature we calculated does not match')]);
});

const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
const amzDate = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '');

test.each<[string, string]>([
  ['more behind it', `${amzDate(new Date())}0`],
  ['more before it', `0${amzDate(new Date())}`],
  ['no time zone', amzDate(new Date()).slice(0, -1)],
  ['another way to write it', new Date().toISOString()],
])('the date of a signature has %s', async (_, date) => {
  const signed = await start();
  expect((await send(signed, {}, { headers: { 'x-amz-date': date } })).status).toBe(403);
  expect(reasons(signed)).toEqual(['The request has no valid X-Amz-Date']);
});

test.each<[string, Date]>([
  ['past', ago(6)],
  ['to come', ago(-6)],
])('a date that is %s by six minutes is the reason', async (_, date) => {
  const signed = await start();
  expect((await send(signed, { date })).status).toBe(403);
  expect(reasons(signed)).toEqual(['Signature expired: X-Amz-Date is more than 5 minutes off']);
});

// As signers do that are not made for S3: the hash of the body is covered, but no header says it.
test('a signature holds without a header that says the hash of the body, and covers the body all the same', async () => {
  const signed = await start();
  expect((await send(signed, { hashesBody: false })).status).toBe(200);
  expect((await send(signed, { hashesBody: false }, { body: BODY.replace('5', '6') })).status).toBe(403);
});

test('a body that was signed cannot be declared unsigned afterwards', async () => {
  const signed = await start({ settings: { unsignedPayload: 'accept' } });
  const changed: SigningChanges = {
    headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    body: BODY.replace('describe', 'crash'),
  };
  expect((await send(signed, {}, changed)).status).toBe(403);
  expect((await send(signed, { hashesBody: false }, changed)).status).toBe(403);
});

test('where a body may be left out, a body that was not is covered', async () => {
  const signed = await start({ settings: { unsignedPayload: 'accept' } });
  expect((await send(signed)).status).toBe(200);
  expect((await send(signed, {}, { body: BODY.replace('describe', 'crash') })).status).toBe(403);
});

test.each<[string, SigningChanges, SigningChanges]>([
  ['another one', { credentials: TEMPORARY }, { headers: { 'x-amz-security-token': 'other' } }],
  ['none', { credentials: { ...TEMPORARY, sessionToken: undefined } }, {}],
  ['one for credentials without', {}, { headers: { 'x-amz-security-token': 'token' } }],
])('the session token is checked before the signature: %s', async (_, signing, sent) => {
  const signed = await start({ credentials: [CREDENTIALS, TEMPORARY] });
  expect((await send(signed, { credentials: TEMPORARY })).status).toBe(200);
  expect((await send(signed, signing, sent)).status).toBe(403);
  expect(reasons(signed)).toEqual(['The security token included in the request is invalid']);
});
