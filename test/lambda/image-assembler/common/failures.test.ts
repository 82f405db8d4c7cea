import { asImageAssemblyError, ImageAssemblyError } from '../../../../lambda/image-assembler/common/failures';

test('a failure of ours stays as it is', () => {
  const failure = new ImageAssemblyError('ERR_TAG_TAKEN', 'taken');
  expect(asImageAssemblyError(failure)).toBe(failure);
});

test('a full disk is told apart', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(asImageAssemblyError(full)).toMatchObject({ code: 'ERR_OUT_OF_SPACE', cause: full });
});

test.each<[unknown, string]>([
  [new TypeError('x is not a function'), 'x is not a function'],
  [Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' }), 'EIO: i/o error, write'],
  [undefined, 'undefined'],
  ['a text', 'a text'],
])('anything else is unexpected: %s', (thrown, message) => {
  expect(asImageAssemblyError(thrown)).toMatchObject({
    code: 'ERR_UNEXPECTED',
    message: expect.stringContaining(message) as string,
    cause: thrown,
  });
});
