import { ImageAssemblyError, type ImageAssemblyErrorCode } from '../../../lambda/image-assembler/common/failures';
import { FRESH_PERMISSION_PAUSES_MS, withFreshPermissions } from '../../../lambda/common/fresh-permissions';

const DENIALS: ImageAssemblyErrorCode[] = ['ERR_APPLICATION_DENIED', 'ERR_REPOSITORY_DENIED'];
const never = new AbortController().signal;

function failing(...codes: (ImageAssemblyErrorCode | object)[]): jest.Mock<Promise<string>> {
  return jest.fn(() => {
    const code = codes.shift();
    if (code === undefined) {
      return Promise.resolve('done');
    }
    return Promise.reject(typeof code === 'string' ? new ImageAssemblyError(code, 'no') : (code as Error));
  });
}

beforeEach(() => {
  jest.spyOn(console, 'warn').mockImplementation();
});

test('what was denied is done again, and the log says why', async () => {
  const operation = failing('ERR_REPOSITORY_DENIED', 'ERR_REPOSITORY_DENIED');
  await expect(withFreshPermissions(DENIALS, [1, 2, 3], never, operation)).resolves.toBe('done');
  expect(operation).toHaveBeenCalledTimes(3);
  expect(console.warn).toHaveBeenCalledWith(
    'ERR_REPOSITORY_DENIED: no; it may be that a new permission has not taken effect, trying again in 0.002 s',
  );
});

test('what stays denied is the failure in the end', async () => {
  const operation = failing(
    'ERR_REPOSITORY_DENIED',
    'ERR_REPOSITORY_DENIED',
    'ERR_REPOSITORY_DENIED',
    'ERR_REPOSITORY_DENIED',
  );
  await expect(withFreshPermissions(DENIALS, [1, 1], never, operation)).rejects.toMatchObject({
    code: 'ERR_REPOSITORY_DENIED',
  });
  expect(operation).toHaveBeenCalledTimes(3);
});

test.each([
  'ERR_BASE_DENIED' as const,
  new Error('ERR_REPOSITORY_DENIED'),
  { code: 'ERR_REPOSITORY_DENIED', message: 'no error' },
])('anything else is the failure at once: %s', async failure => {
  const operation = failing(failure);
  await expect(withFreshPermissions(DENIALS, [1, 1], never, operation)).rejects.toMatchObject(
    typeof failure === 'string' ? { code: failure } : failure,
  );
  expect(operation).toHaveBeenCalledTimes(1);
});

test('the time limit of the function ends the wait', async () => {
  const outOfTime = new ImageAssemblyError('ERR_OUT_OF_TIME', 'late');
  const limit = new AbortController();
  const waiting = withFreshPermissions(DENIALS, [600_000], limit.signal, failing('ERR_REPOSITORY_DENIED'));
  setImmediate(() => {
    limit.abort(outOfTime);
  });
  await expect(waiting).rejects.toBe(outOfTime);
});

test('half a minute is what a permission gets', () => {
  expect(FRESH_PERMISSION_PAUSES_MS.reduce((sum, pause) => sum + pause)).toBe(30_000);
});
