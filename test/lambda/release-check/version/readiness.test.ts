import { TransientFailure } from '../../../../lambda/common/retry';
import type { AwsCallPolicy } from '../../../../lambda/release-check/aws/aws-calls';
import { ControlPlane } from '../../../../lambda/release-check/aws/control-plane';
import { Deadline } from '../../../../lambda/release-check/common/deadline';
import { defaultServes, endpointAtRest, versionReady } from '../../../../lambda/release-check/version/readiness';
import { liveOf } from '../../../../lambda/release-check/version/recognition';
import { AwsError, AwsServices } from '../aws-services';

// What the control plane tells on the way to a version in service, which the local runtime passes too quickly.

/** Notes how long it would wait, and does not wait for ever. */
class Hurried extends Deadline {
  public readonly pauses: number[] = [];

  public override pause(milliseconds: number): Promise<void> {
    this.pauses.push(milliseconds);
    return this.pauses.length > 50 ? Promise.reject(new Error('waits for ever')) : Promise.resolve();
  }
}

const QUICK: AwsCallPolicy = {
  retries: { attempts: 2, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 },
  denialPausesMs: [1],
};
const services = new AwsServices();
let control: ControlPlane;
let deadline: Hurried;

beforeAll(async () => {
  await services.start();
  process.env.AWS_MAX_ATTEMPTS = '1';
});
afterAll(() => services.close());
beforeEach(() => {
  jest.spyOn(console, 'warn').mockImplementation();
  services.reset();
  services.answers.clear();
  deadline = new Hurried({ startedAt: Date.now(), runMs: 60_000, invocationMs: 60_000, continues: false });
  control = new ControlPlane('expenses-1', QUICK, deadline.signal);
});
afterEach(() => {
  deadline.end();
  control.close();
});

/** Tells one thing after the other of a path, and the last one from then on. */
function tell(path: string, ...answers: (object | AwsError)[]): void {
  services.answers.set(`GET /runtimes/expenses-1/${path}`, () => {
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    if (answer instanceof AwsError) {
      throw answer;
    }
    return answer;
  });
}

const tellVersion = (...answers: (object | AwsError)[]): void => tell('?version=3', ...answers);
const tellEndpoint = (name: string, ...answers: (object | AwsError)[]): void =>
  tell(`runtime-endpoints/${name}/`, ...answers);
const missing = new AwsError('ResourceNotFoundException', 404);

test('a version is waited for, with pauses that grow to five seconds', async () => {
  tellVersion({}, ...Array<object>(12).fill({ status: 'CREATING' }), { status: 'READY', other: { member: 1 } });
  expect(await versionReady({ control, deadline }, '3')).toEqual({
    version: '3',
    status: 'READY',
    failureReason: undefined,
    document: { status: 'READY', other: { member: 1 } },
  });
  expect(services.calls).toHaveLength(14);
  expect(deadline.pauses).toHaveLength(13);
  expect(deadline.pauses.slice(0, 3)).toEqual([100, 150, 225]);
  expect(deadline.pauses.slice(-2)).toEqual([5_000, 5_000]);
});

test.each([
  ['CREATE_FAILED', { failureReason: 'no image' }, 'version 3 is CREATE_FAILED: no image'],
  ['UPDATE_FAILED', {}, 'version 3 is UPDATE_FAILED: the service gives no reason'],
  ['DELETING', {}, 'version 3 is DELETING: the service gives no reason'],
])('a version that is %s is not waited for', async (status, more, message) => {
  tellVersion({ status, ...more });
  await expect(versionReady({ control, deadline }, '3')).rejects.toMatchObject({ code: 'ERR_VERSION_FAILED', message });
});

test.each([
  ['that is not there', missing, 'ERR_VERSION_NOT_FOUND', 1],
  [
    'that may not be read, for longer than a permission takes',
    new AwsError('AccessDeniedException', 403),
    'ERR_RUNTIME_DENIED',
    2,
  ],
])('a version %s is a failure', async (_what, error, code, calls) => {
  tellVersion(error);
  await expect(versionReady({ control, deadline }, '3')).rejects.toMatchObject({ code });
  expect(services.calls).toHaveLength(calls);
});

test('what may not be read is told by its name', async () => {
  const denied = new AwsError('AccessDeniedException', 403);
  tellVersion(denied);
  await expect(versionReady({ control, deadline }, '3')).rejects.toMatchObject({
    message: 'reading version 3 of expenses-1: AccessDeniedException of the test',
  });
  tellEndpoint('live', denied);
  await expect(endpointAtRest({ control, deadline }, 'live')).rejects.toMatchObject({
    message: 'reading the endpoint live of expenses-1: AccessDeniedException of the test',
  });
});

test('DEFAULT is waited for until it is at rest at the version', async () => {
  tellEndpoint(
    'DEFAULT',
    { status: 'READY', liveVersion: '9' },
    { status: 'UPDATING', liveVersion: '9', targetVersion: '10' },
    { status: 'UPDATING', liveVersion: '10', targetVersion: '10' },
    { status: 'READY' },
    { status: 'READY', liveVersion: '10' },
  );
  await defaultServes({ control, deadline }, '10');
  expect(deadline.pauses).toHaveLength(4);
});

test.each([
  ['serves a newer version', { status: 'READY', liveVersion: '10' }, 'ERR_VERSION_SUPERSEDED', 'version 10 was made'],
  [
    'is on its way to a newer version',
    { status: 'UPDATING', liveVersion: '9', targetVersion: '10' },
    'ERR_VERSION_SUPERSEDED',
    'version 10 was made',
  ],
  [
    'has failed',
    { status: 'UPDATE_FAILED', liveVersion: '8', failureReason: 'no room' },
    'ERR_VERSION_FAILED',
    'the endpoint DEFAULT is UPDATE_FAILED: no room',
  ],
  ['is not there', missing, 'ERR_ENDPOINT_NOT_FOUND', 'no endpoint DEFAULT'],
])('where DEFAULT %s, a version cannot be reached', async (_what, answer, code, message) => {
  tellEndpoint('DEFAULT', answer);
  await expect(defaultServes({ control, deadline }, '9')).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
  });
});

test('an endpoint is waited for until it is at rest, and gives what it serves', async () => {
  tellEndpoint(
    'live',
    { status: 'UPDATING', liveVersion: '2', targetVersion: '3' },
    { status: 'READY' },
    { status: 'READY', liveVersion: '3' },
  );
  expect(await endpointAtRest({ control, deadline }, 'live')).toBe('3');
  expect(deadline.pauses).toHaveLength(2);
  tellEndpoint('live', { status: 'CREATE_FAILED' });
  await expect(endpointAtRest({ control, deadline }, 'live')).rejects.toMatchObject({
    code: 'ERR_VERSION_FAILED',
    message: 'the endpoint live is CREATE_FAILED: the service gives no reason',
  });
});

test('what is live has a version, and what it is made of where that is still there', async () => {
  tellEndpoint('live', missing);
  expect(await liveOf(control, 'live')).toBeUndefined();
  tellEndpoint('live', { status: 'CREATING', targetVersion: '3' });
  expect(await liveOf(control, 'live')).toBeUndefined();
  tellEndpoint('live', { status: 'READY', liveVersion: '3' });
  tellVersion(missing);
  expect(await liveOf(control, 'live')).toEqual({ version: '3', fingerprint: undefined });
  tellVersion({ status: 'READY' });
  expect(await liveOf(control, 'live')).toMatchObject({ version: '3', fingerprint: { isPinned: false } });
});

test('a platform that fails says nothing of a version', async () => {
  tellVersion(new AwsError('InternalServerException', 500));
  await expect(versionReady({ control, deadline }, '3')).rejects.toBeInstanceOf(TransientFailure);
});
