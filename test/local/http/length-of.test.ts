import { lengthOf, UnknownFraming } from '../../../local/src/http/framing';

test.each<[string[], number | undefined]>([
  [[], undefined],
  [['Content-Length', '0'], 0],
  [['X', 'content-length', 'CONTENT-LENGTH', '12'], 12],
  [['Transfer-Encoding', 'chunked'], undefined],
  [['transfer-encoding', 'CHUNKED'], undefined],
])('the head %j says the length of its body: %s', (head, length) => {
  expect(lengthOf(head)).toBe(length);
});

// The parsers on both sides refuse most of these, too: what is made from here must not depend on that.
test.each([
  [['Content-Length', '+5']],
  [['Content-Length', '0x5']],
  [['Content-Length', '']],
  [['Content-Length', '5 5']],
  [['Content-Length', '1e3']],
  [['Content-Length', '-1']],
  [['Content-Length', '9999999999999999']],
  [['Content-Length', '5', 'content-length', '6']],
  [['Content-Length', '5', 'Content-Length', '5']],
  [['Transfer-Encoding', 'chunked', 'Content-Length', '5']],
  [['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
  [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
  [['Transfer-Encoding', 'gzip, chunked']],
  [['Transfer-Encoding', 'identity']],
  [['Transfer-Encoding', '']],
  [['Transfer-Encoding', 'chunked;a=b']],
])('the head %j frames nothing', head => {
  expect(() => lengthOf(head)).toThrow(UnknownFraming);
});
