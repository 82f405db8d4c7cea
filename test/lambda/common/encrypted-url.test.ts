import { DowngradeError, PlaceRefusedError, urlAfter } from '../../../lambda/common/encrypted-url';

test.each([
  ['https://a.test/x/y', '../z?q=1', 'https://a.test/z?q=1'],
  ['https://a.test/', '//b.test/z', 'https://b.test/z'],
  ['http://127.0.0.1:5000/', 'http://127.0.0.1:6000/z', 'http://127.0.0.1:6000/z'],
  ['http://127.0.0.1:5000/', 'https://a.test/z', 'https://a.test/z'],
])('from %s to %s', (from, to, url) => {
  expect(urlAfter(new URL(from), to).href).toBe(url);
});

test.each(['http://a.test/z', 'HTTP://A.TEST/z', 'ftp://a.test/z', 'file:///etc/passwd'])(
  'from HTTPS to %s',
  target => {
    expect(() => urlAfter(new URL('https://a.test/'), target)).toThrow(DowngradeError);
  },
);

test.each(['https://[', 'http://a b/', '//'])('to %s, which is no URL', target => {
  expect(() => urlAfter(new URL('https://a.test/x'), target)).toThrow(
    new PlaceRefusedError(`https://a.test leads to "${target}", which is no URL`),
  );
});
