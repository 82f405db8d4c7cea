import type { ReleaseRecord } from '../../../../lib/private/release/release-check-contract';
import { TransientFailure } from '../../../../lambda/common/retry';
import { RecordStore, verifiedOf } from '../../../../lambda/release-check/aws/record';
import { AwsError, AwsServices } from '../aws-services';

// What was verified, in a parameter of 4 KB.

const NAME = '/record';
const services = new AwsServices();
let records: RecordStore;

beforeAll(async () => {
  await services.start();
  process.env.AWS_MAX_ATTEMPTS = '1';
});
afterAll(() => services.close());
beforeEach(() => {
  services.reset();
  jest.spyOn(console, 'warn').mockImplementation();
  const retries = { attempts: 2, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 };
  records = new RecordStore(NAME, { retries, denialPausesMs: [1, 1] }, new AbortController().signal);
});
afterEach(() => {
  records.close();
});

function entry(version: number, change: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    version: String(version),
    fingerprint: `made-as-${version}`,
    checkHash: 'check',
    verdict: 'pass',
    checkedAt: '2026-11-28T12:00:00.000Z',
    artifact: 'sha256:a',
    ...change,
  };
}

async function written(verified: ReleaseRecord, before?: ReleaseRecord): Promise<ReleaseRecord | undefined> {
  await records.write(verified, before);
  return records.read();
}

const versionsOf = (record: ReleaseRecord | undefined): string[] => verifiedOf(record).map(({ version }) => version);

test('what was verified before is kept behind what is now, flat, the five newest', async () => {
  expect(verifiedOf(undefined)).toEqual([]);
  expect(verifiedOf(await written(entry(2), entry(1)))).toMatchObject([entry(2), entry(1)]);
  services.reset();
  let record: ReleaseRecord | undefined;
  for (let version = 1; version <= 8; version++) {
    record = await written(entry(version), record);
  }
  expect(versionsOf(record)).toEqual(['8', '7', '6', '5', '4', '3']);
  expect(record?.earlier?.filter(earlier => 'earlier' in earlier)).toEqual([]);
  expect(await written(entry(1))).toEqual(entry(1));
  expect(services.calls[0]?.input).toMatchObject({ Name: NAME, Type: 'String', Overwrite: true });
});

test('an entry replaces the one of the same making and the same check, no other', async () => {
  const before = entry(3, { earlier: [entry(2), entry(2, { checkHash: 'other', version: '1' })] });
  expect(versionsOf(await written(entry(2, { version: '4' }), before))).toEqual(['4', '3', '1']);
});

test.each([
  ['all of them', 300, 6],
  ['the newest', 900, 4],
  ['none', 5_000, 1],
])('of earlier ones there is as much as fits: %s', async (_what, bytes, count) => {
  const earlier = [2, 3, 4, 5, 6].map(version => entry(version, { artifact: 'é'.repeat(bytes / 2) }));
  const record = await written(entry(1), { ...entry(2), ...earlier[0], earlier: earlier.slice(1) });
  expect(versionsOf(record)).toEqual(['1', '2', '3', '4', '5', '6'].slice(0, count));
  expect(Buffer.byteLength(services.parameters.get(NAME) ?? '')).toBeLessThanOrEqual(4_096);
});

test.each([
  ['as much as there is room for', 0, 2],
  ['a byte more', 1, 1],
])('a parameter takes %s', async (_what, more, count) => {
  const before = entry(2);
  const others = Buffer.byteLength(JSON.stringify({ ...entry(1, { artifact: '' }), earlier: [before] }));
  const record = await written(entry(1, { artifact: 'a'.repeat(4_096 - others + more) }), before);
  expect(verifiedOf(record)).toHaveLength(count);
});

test('an entry that is too long by itself is for the service to refuse', async () => {
  expect(versionsOf(await written(entry(1, { artifact: 'a'.repeat(5_000) }), entry(2)))).toEqual(['1']);
});

test.each([
  ['no JSON', 'none'],
  ['nothing', 'null'],
  ['no fingerprint', JSON.stringify({ checkHash: 'check' })],
  ['no check', JSON.stringify({ fingerprint: 'made' })],
  ['earlier ones that are no list', JSON.stringify({ ...entry(2), earlier: 1 })],
  ['an earlier one that is none', JSON.stringify({ ...entry(2), earlier: [entry(1), null] })],
  ['an earlier one without a check', JSON.stringify({ ...entry(2), earlier: [{ fingerprint: 'made' }] })],
])('a parameter with %s is no record', async (_what, text) => {
  services.parameters.set(NAME, text);
  expect(await records.read()).toBeUndefined();
});

test('a parameter that is not there is no record, and is deleted', async () => {
  expect(await records.read()).toBeUndefined();
  const answer = services.answers.get('AmazonSSM.GetParameter');
  services.answers.set('AmazonSSM.GetParameter', () => ({}));
  expect(await records.read()).toBeUndefined();
  services.answers.set('AmazonSSM.GetParameter', () => {
    throw new AwsError('Gone', 404);
  });
  expect(await records.read()).toBeUndefined();
  services.answers.set('AmazonSSM.GetParameter', answer as never);
  await records.delete();
  await records.write(entry(1), undefined);
  await records.delete();
  expect(services.parameters.size).toBe(0);
});

test.each([
  ['reading', 'GetParameter', () => records.read()],
  ['writing', 'PutParameter', () => records.write(entry(1), undefined)],
  ['deleting', 'DeleteParameter', () => records.delete()],
])('%s is tried again after a denial, and after a failure, after no other answer', async (doing, operation, call) => {
  const name = `AmazonSSM.${operation}`;
  const answer = services.answers.get(name);
  const fail = (error: AwsError): void => {
    services.reset();
    services.answers.set(name, () => {
      throw error;
    });
  };
  fail(new AwsError('AccessDeniedException'));
  await expect(call()).rejects.toMatchObject({
    code: 'ERR_RECORD_DENIED',
    message: `${doing} the parameter /record: AccessDeniedException of the test`,
    cause: expect.objectContaining({ name: 'AccessDeniedException' }) as Error,
  });
  expect(services.calls).toHaveLength(3);
  fail(new AwsError('Unreadable', 403));
  await expect(call()).rejects.toMatchObject({ code: 'ERR_RECORD_DENIED' });
  expect(services.calls).toHaveLength(3);
  fail(new AwsError('ThrottlingException'));
  await expect(call()).rejects.toBeInstanceOf(TransientFailure);
  fail(new AwsError('ParameterLimitExceeded'));
  await expect(call()).rejects.toMatchObject({
    code: 'ERR_RECORD_DENIED',
    message: `${doing} the parameter /record: ParameterLimitExceeded of the test`,
    cause: expect.objectContaining({ name: 'ParameterLimitExceeded' }) as Error,
  });
  expect(services.calls).toHaveLength(1);
  services.answers.set(name, answer as never);
});
