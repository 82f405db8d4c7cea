import { admitsPython } from '../../../../lib/private/python/requires-python';

test.each([
  ['>=3.11', true],
  ['>=3.11,<3.14', true],
  ['>=3.11, < 3.13', false],
  ['~=3.11', true],
  ['~=3.12.1', false],
  ['~=3.13.2', true],
  ['==3.13.*', true],
  ['==3.12.*', false],
  ['!=3.13.*', false],
  ['!=3.13.1', true],
  ['>3.13', true],
  ['<=3.12', false],
  ['>=3.13.4', true],
  ['==3.13.2', true],
  ['<4', true],
  ['>=3.14', false],
  ['>=3.13.0rc1', true],
  ['', true],
  ['of an unknown kind', true],
])('%s on Python 3.13: %s', (specifiers, admitted) => {
  expect(admitsPython(specifiers, '3.13')).toBe(admitted);
});
