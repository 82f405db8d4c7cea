import { TransientFailure } from '../../../lambda/common/retry';
import { calling, statusOf } from '../../../lambda/common/sdk-failure';

/** As the AWS SDK throws it: with the status of the response, where there was one. */
function failure(status: number | undefined, name = 'Error'): Error {
  return Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });
}

function failing(error: unknown): Promise<unknown> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever comes
  return calling(() => Promise.reject(error)).catch((thrown: unknown) => thrown);
}

test('what succeeds is passed on', async () => {
  expect(await calling(() => Promise.resolve(1))).toBe(1);
});

test.each<[number | undefined, string, number | undefined]>([
  [429, 'Error', 429],
  [400, 'ThrottlingException', 429],
  [400, 'Throttling', 429],
  [400, 'TooManyRequestsException', 429],
  [400, 'TooManyUpdates', 429],
  [503, 'ThrottlingException', 429],
  [500, 'InternalServerError', 500],
  [599, 'Error', 599],
  [undefined, 'TimeoutError', undefined],
])('status %s and the name %s may pass', async (status, name, told) => {
  const error = failure(status, name);
  const thrown = await failing(error);
  expect(thrown).toBeInstanceOf(TransientFailure);
  expect(thrown).toMatchObject({ message: 'no', status: told, cause: error });
});

test('a failure without a response may pass', async () => {
  for (const error of [new Error('no'), 'no']) {
    const thrown = await failing(error);
    expect(thrown).toBeInstanceOf(TransientFailure);
    expect(thrown).toMatchObject({ message: 'no', cause: error });
  }
});

test.each([400, 403, 404, 412, 499])('status %s stays', async status => {
  const error = failure(status, 'Denied');
  expect(await failing(error)).toBe(error);
  expect(statusOf(error)).toBe(status);
});

test('what is no error of the SDK has no status', () => {
  expect(statusOf(new Error('no'))).toBeUndefined();
});
