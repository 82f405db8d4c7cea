import { isVersion } from '../../../../lib/private/python-bundle/distributions';

test.each([
  ['2025.4.25', '2025.04.25'],
  ['1.1.0', '1.1'],
  ['1.0', '1.0.0'],
  ['1.0', 'v1.0'],
  ['1.0rc1', '1.0-RC1'],
  ['1.0rc1', '1.0c1'],
  ['1.0a0', '1.0.alpha'],
  ['1.0.post1', '1.0-1'],
  ['1.0.dev3', '1.0dev3'],
  ['1.0+cpu', '1.0'],
  ['1.0+cpu.1', '1.0+CPU-1'],
  ['of no kind', 'of no kind'],
])('%s is what %s asks for', (version, asked) => {
  expect(isVersion(version, asked)).toBe(true);
});

test.each([
  ['1.0', '1.0.1'],
  ['1.10', '1.1'],
  ['1.0', '1!1.0'],
  ['1.0', '1.0rc1'],
  ['1.0', '1.0.dev1'],
  ['1.0', '1.0.post1'],
  ['1.0', '1.0+cpu'],
  ['1.0', 'of no kind'],
])('%s is not what %s asks for', (version, asked) => {
  expect(isVersion(version, asked)).toBe(false);
});
