import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import type { ReleaseCheckProperties } from '../../../../lib/private/release/release-check-contract';
import { checkCandidate, type ReleaseParts } from '../../../../lambda/release-check/stage/candidate';
import { checkPromoted } from '../../../../lambda/release-check/stage/promoted';
import { AwsError } from '../aws-services';
import { RECORD, StagedRelease } from './staged-release';

// A version that users have met, in what a whole release comes to seldom.

const KEEPS: Partial<ReleaseCheckProperties> = { keepsEndpoint: 'true' };
const LENIENT: Partial<ReleaseCheckProperties> = { onInconclusive: 'pass' };
const GET = 'AmazonSSM.GetParameter';
const PUT = 'AmazonSSM.PutParameter';

const staged = new StagedRelease();
beforeAll(() => staged.start());
beforeEach(() => {
  staged.reset();
  staged.promote('3');
});
afterEach(() => {
  staged.release();
});
afterAll(() => staged.close());

const promoted = (change: Partial<ReleaseCheckProperties> = {}): ReleaseParts =>
  staged.parts({ stage: 'promoted', ...change });

/** Checks a version before its promotion, so that it is in the record. */
async function verify(version: string): Promise<void> {
  staged.tell('runtime-endpoints/DEFAULT/', { status: 'READY', liveVersion: version });
  await checkCandidate(staged.parts({ version }));
  staged.release();
  staged.asked.length = 0;
}

const written = (): boolean => staged.services.calls.some(({ operation }) => operation === PUT);

test('a version that passes through the endpoint is kept, and written down as served where it is known', async () => {
  const data = { endpointVersion: '3', verifiedVersion: '3', verdict: 'pass' };
  expect(await checkPromoted(promoted())).toEqual({ ...data, transcript: 'log group group, log stream stream' });
  expect(staged.qualifiers).toEqual(['live']);
  expect(written()).toBe(false);
  staged.release();
  await verify('2');
  await verify('3');
  expect(await checkPromoted(promoted())).toMatchObject(data);
  expect(staged.record).toMatchObject({ version: '3', promotedVersion: '3', earlier: [{ version: '2' }] });
});

test('a version that fails is taken back, whatever becomes of what is open', async () => {
  staged.tools.set('live', ['other']);
  staged.services.answers.set('Logs_20140328.FilterLogEvents', () => ({
    events: [{ message: 'what a user wrote', timestamp: 1 }],
  }));
  const logGroupNames = ['/aws/bedrock-agentcore/runtimes/expenses-1-live'];
  const checked = checkPromoted(promoted({ ...LENIENT, logGroupNames }));
  await expect(checked).rejects.toMatchObject({
    code: 'ERR_CHECK_FAILED',
    message: expect.stringMatching(
      /^version 3 at the endpoint live failed .*\. users call it until live is moved back\. the whole transcript is in log group group, log stream stream$/,
    ) as string,
  });
});

test.each([
  ['before the check', ['2']],
  ['during it', ['3', '2']],
])('an endpoint that somebody has moved %s is not what was checked', async (_when, versions) => {
  staged.promote(...versions);
  await expect(checkPromoted(promoted(LENIENT))).rejects.toMatchObject({ code: 'ERR_ENDPOINT_MOVED' });
  expect(staged.asked.length > 0).toBe(versions.length > 1);
});

test('an endpoint that people move serves what they want', async () => {
  staged.promote('2', '1');
  expect(await checkPromoted(promoted(KEEPS))).toMatchObject({ endpointVersion: '2', verifiedVersion: '3' });
});

test('no verdict takes a version back, unless it counts as a pass', async () => {
  staged.refuse = () => ({ status: 429, code: PLATFORM_ERROR_CODES.throttled });
  await expect(checkPromoted(promoted())).rejects.toMatchObject({ code: 'ERR_CHECK_INCONCLUSIVE' });
  staged.release();
  expect(await checkPromoted(promoted(LENIENT))).toEqual({
    endpointVersion: '3',
    verifiedVersion: '3',
    verdict: 'inconclusive',
    transcript: 'log group group, log stream stream',
  });
  expect(staged.log).toMatch(
    /^warn: kept although it could not be judged, .*version 3 at the endpoint live left open/m,
  );
});

/** The version before has served well, this one has not, and the runtime has a version like the one before. */
async function wayBack(): Promise<ReleaseParts> {
  await verify('2');
  staged.promote('2');
  await checkPromoted(promoted({ version: '2' }));
  staged.release();
  staged.make('4', { RELEASE: '2' });
  staged.promote('4');
  staged.asked.length = 0;
  const parts = promoted({ version: '4' });
  const { endpointName, checkHash } = parts.request;
  return { ...parts, request: { ...parts.request, before: { version: '3', endpointName, checkHash } } };
}

test('the way back is taken without a check, and written down', async () => {
  const parts = await wayBack();
  expect(await checkPromoted(parts)).toMatchObject({ endpointVersion: '4', verdict: 'already-verified' });
  expect(staged.asked).toEqual([]);
  expect(staged.record).toMatchObject({ version: '2', promotedVersion: '4' });
  expect(staged.record?.earlier).toBeUndefined();
});

test('the way back is taken though it cannot be written down', async () => {
  const parts = await wayBack();
  staged.services.answers.set(PUT, () => {
    throw new AwsError('AccessDeniedException');
  });
  expect(await checkPromoted(parts)).toMatchObject({ verdict: 'already-verified' });
  expect(staged.log).toMatch(/^error: ReleaseCheckError: writing the parameter \/record: AccessDenied/m);
});

test('a record that cannot be read has the version checked, and is not overwritten', async () => {
  await verify('3');
  const record = staged.services.parameters.get(RECORD);
  staged.services.calls.length = 0;
  staged.services.answers.set(GET, () => {
    throw new AwsError('InternalServerError', 500);
  });
  expect(await checkPromoted(promoted())).toMatchObject({ verdict: 'pass' });
  expect(staged.log).toMatch(/^error: .*InternalServerError of the test/m);
  expect(written()).toBe(false);
  expect(staged.services.parameters.get(RECORD)).toBe(record);
});
