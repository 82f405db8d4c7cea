import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import type { ReleaseCheckProperties } from '../../../../lib/private/release/release-check-contract';
import { NeedsAnotherInvocation } from '../../../../lambda/release-check/common/deadline';
import { checkCandidate } from '../../../../lambda/release-check/stage/candidate';
import { AwsError } from '../aws-services';
import { StagedRelease } from './staged-release';

// A version before users meet it, in what a whole release comes to seldom.

const KEEPS: Partial<ReleaseCheckProperties> = { keepsEndpoint: 'true' };
const LENIENT: Partial<ReleaseCheckProperties> = { onInconclusive: 'pass' };
const PUT = 'AmazonSSM.PutParameter';

const staged = new StagedRelease();
beforeAll(() => staged.start());
beforeEach(() => {
  staged.reset();
});
afterEach(() => {
  staged.release();
});
afterAll(() => staged.close());

/** Has the platform refuse every call of a server, for too many of them. */
function throttle(): void {
  staged.refuse = () => ({ status: 429, code: PLATFORM_ERROR_CODES.throttled });
}

function refuseRecord(name: string, status?: number): void {
  staged.services.answers.set(PUT, () => {
    throw new AwsError(name, status);
  });
}

test.each<[string, string[], Partial<ReleaseCheckProperties>, string, string[]]>([
  ['nobody calls a version yet', [], {}, '3', ['DEFAULT']],
  ['users call another one, with which it is compared', ['2'], {}, '3', ['live', 'DEFAULT']],
  ['users call it already', ['3'], {}, '3', ['DEFAULT']],
  ['people move the endpoint', ['2'], KEEPS, '2', ['live', 'DEFAULT']],
  ['people will move the endpoint that is not there yet', [], KEEPS, '3', ['DEFAULT']],
])('a version is released where %s', async (_what, live, properties, endpointVersion, qualifiers) => {
  staged.promote(...live);
  expect(await checkCandidate(staged.parts(properties))).toEqual({
    endpointVersion,
    verifiedVersion: '3',
    verdict: 'pass',
    transcript: 'log group group, log stream stream',
  });
  expect(staged.qualifiers).toEqual(expect.arrayContaining(qualifiers));
  expect(staged.qualifiers).toHaveLength(qualifiers.length);
  expect(staged.record).toMatchObject({ version: '3', verdict: 'pass' });
});

test.each([
  ['nobody has one', [], 'live was not made'],
  ['users have another one', ['2'], 'live still serves version 2'],
])('a version that fails is not released, whatever becomes of what is open: %s', async (_what, live, told) => {
  staged.promote(...live);
  staged.tools.set('DEFAULT', ['other']);
  const logGroupNames = ['/aws/bedrock-agentcore/runtimes/expenses-1-DEFAULT'];
  staged.services.answers.set('Logs_20140328.FilterLogEvents', () => ({
    events: [{ message: 'what the server wrote', timestamp: 1 }],
  }));
  await expect(checkCandidate(staged.parts({ ...LENIENT, logGroupNames }))).rejects.toMatchObject({
    code: 'ERR_CHECK_FAILED',
    message: expect.stringMatching(
      new RegExp(`^version 3 failed .*\\. ${told}\\. .*log:\\nwhat the server wrote$`, 's'),
    ) as string,
  });
  expect(staged.record).toBeUndefined();
});

test('a version that a newer one has superseded meanwhile is not judged by what came', async () => {
  staged.tell(
    'runtime-endpoints/DEFAULT/',
    { status: 'READY', liveVersion: '3' },
    { status: 'UPDATING', liveVersion: '3', targetVersion: '4' },
  );
  staged.tools.set('DEFAULT', ['other']);
  await expect(checkCandidate(staged.parts(LENIENT))).rejects.toMatchObject({ code: 'ERR_VERSION_SUPERSEDED' });
  staged.release();
  // By now it is known before.
  staged.asked.length = 0;
  await expect(checkCandidate(staged.parts(LENIENT))).rejects.toMatchObject({ code: 'ERR_VERSION_SUPERSEDED' });
  expect(staged.asked).toEqual([]);
});

test('no verdict fails a release, unless it counts as a pass', async () => {
  throttle();
  await expect(checkCandidate(staged.parts())).rejects.toMatchObject({ code: 'ERR_CHECK_INCONCLUSIVE' });
  expect(staged.record).toBeUndefined();
});

test.each<[string, string[], Partial<ReleaseCheckProperties>, string]>([
  ['the version', ['2'], {}, '3'],
  ['the one that people have left it at', ['2'], KEEPS, '2'],
  ['the version, where there is none before', [], KEEPS, '3'],
])('where no verdict counts as a pass, the endpoint serves %s', async (_what, live, properties, endpointVersion) => {
  staged.promote(...live);
  throttle();
  expect(await checkCandidate(staged.parts({ ...LENIENT, ...properties }))).toEqual({
    endpointVersion,
    verifiedVersion: '3',
    verdict: 'inconclusive',
    transcript: 'log group group, log stream stream',
  });
  expect(staged.record).toMatchObject({ version: '3', verdict: 'inconclusive' });
  expect(staged.log).toMatch(/^warn: released although it could not be judged, .*version 3 left open/m);
});

test('a version that cannot be asked for is released where no verdict counts as a pass, and not written down', async () => {
  staged.services.answers.set('GET /runtimes/expenses-1/?version=3', () => {
    throw new AwsError('InternalServerException', 500);
  });
  expect(await checkCandidate(staged.parts(LENIENT))).toMatchObject({ endpointVersion: '3', verdict: 'inconclusive' });
  expect(staged.services.calls.map(({ operation }) => operation)).not.toContain(PUT);
  staged.release();
  // Which version people have left the endpoint at is not known.
  await expect(checkCandidate(staged.parts({ ...LENIENT, ...KEEPS }))).rejects.toThrow(/InternalServerException/);
});

test('what was verified before stays written down, behind a version without a verdict', async () => {
  await checkCandidate(staged.parts());
  staged.release();
  staged.make('3', { RELEASE: 'other' });
  throttle();
  await checkCandidate(staged.parts(LENIENT));
  expect(staged.record).toMatchObject({ verdict: 'inconclusive', earlier: [{ verdict: 'pass' }] });
  staged.release();
  refuseRecord('AccessDeniedException');
  expect(await checkCandidate(staged.parts(LENIENT))).toMatchObject({ verdict: 'inconclusive' });
  expect(staged.log).toMatch(/^error: ReleaseCheckError: writing the parameter \/record: AccessDenied/m);
});

test('a version that passed is released though it cannot be written down for now', async () => {
  const answer = staged.services.answers.get(PUT) as never;
  refuseRecord('InternalServerError', 500);
  expect(await checkCandidate(staged.parts())).toMatchObject({ endpointVersion: '3', verdict: 'pass' });
  expect(staged.log).toMatch(
    /^warn: version 3 passed, which the record does not say: InternalServerError of the test/m,
  );
  staged.release();
  staged.services.answers.set(PUT, answer);
  expect(await checkCandidate(staged.parts())).toMatchObject({ verdict: 'pass' });
  expect(staged.record).toMatchObject({ version: '3', verdict: 'pass' });
});

test.each(['AccessDeniedException', 'ParameterLimitExceeded'])('one that could never be is not: %s', async name => {
  refuseRecord(name);
  await expect(checkCandidate(staged.parts(LENIENT))).rejects.toThrow(name);
});

test('a version of the same making as one that passed is recognised without a call, and written down anew', async () => {
  await checkCandidate(staged.parts());
  staged.release();
  staged.promote('3');
  staged.make('4', { RELEASE: '3' });
  staged.asked.length = 0;
  const data = { endpointVersion: '3', verifiedVersion: '4', verdict: 'already-verified' };
  expect(await checkCandidate(staged.parts({ version: '4' }))).toMatchObject(data);
  expect(staged.asked).toEqual([]);
  expect(staged.record).toMatchObject({ version: '4', verdict: 'pass' });
  expect(staged.record?.earlier).toBeUndefined();
  staged.release();
  refuseRecord('ThrottlingException');
  expect(await checkCandidate(staged.parts({ version: '4' }))).toMatchObject(data);
  expect(staged.log).toMatch(/^warn: the record still names version 4: ThrottlingException/m);
});

const MINUTE_MS = 60_000;

test('a check begins in an invocation that has eight minutes left, or in another one', async () => {
  const invocationMs = 8 * MINUTE_MS;
  const begun = checkCandidate(staged.parts({}, { invocationMs: invocationMs - 1 }));
  await expect(begun).rejects.toBeInstanceOf(NeedsAnotherInvocation);
  expect(staged.asked).toEqual([]);
  staged.release();
  expect(await checkCandidate(staged.parts({}, { invocationMs: invocationMs + MINUTE_MS }))).toMatchObject({
    verdict: 'pass',
  });
});
