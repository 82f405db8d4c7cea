import { TransientFailure } from '../../../../lambda/common/retry';
import {
  asReleaseCheckError,
  RELEASE_CHECK_ERRORS,
  ReleaseCheckError,
  type ReleaseCheckErrorCode,
} from '../../../../lambda/release-check/common/failures';

test('what says nothing of the version is the choice of `onInconclusive`, and nothing else', () => {
  const codes = Object.keys(RELEASE_CHECK_ERRORS) as ReleaseCheckErrorCode[];
  expect(codes.filter(code => new ReleaseCheckError(code, '').isInconclusive)).toEqual([
    'ERR_CHECK_INCONCLUSIVE',
    'ERR_TOKEN_UNAVAILABLE',
    'ERR_PLATFORM_UNAVAILABLE',
  ]);
});

test('a failure of ours stays as it is', () => {
  const failure = new ReleaseCheckError('ERR_CHECK_FAILED', 'failed');
  expect(asReleaseCheckError(failure)).toBe(failure);
});

test.each<[unknown, ReleaseCheckErrorCode, string]>([
  [new TransientFailure('too many requests'), 'ERR_PLATFORM_UNAVAILABLE', 'too many requests: deploy later'],
  [new TypeError('no function'), 'ERR_UNEXPECTED', 'no function: the log of the function says more'],
  ['a text', 'ERR_UNEXPECTED', 'a text: the log of the function says more'],
])('%s becomes one', (thrown, code, message) => {
  expect(asReleaseCheckError(thrown)).toMatchObject({ code, message, cause: thrown });
});
