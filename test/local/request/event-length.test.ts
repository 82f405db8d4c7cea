import { EventLength } from '../../../local/src/request/event-length';

const exceeds = (longest: number, ...chunks: string[]): boolean => {
  const length = new EventLength(longest);
  return chunks.some(chunk => length.exceededBy(Buffer.from(chunk)));
};

test.each<[string, number, string[], boolean]>([
  ['one event that fits', 10, ['data: 12\n\n'], false],
  ['one event that does not', 10, ['data: 12345\n\n'], true],
  ['many events in one chunk', 10, ['data: 1\n\n'.repeat(10)], false],
  ['many events in many chunks', 10, Array(10).fill('data: 1\n\n') as string[], false],
  ['an event in pieces', 10, ['data', ': 12', '34567'], true],
  ['an end in pieces', 10, ['data: 1\n', '\ndata: 2\n', '\ndata: 3\n\n'], false],
  ['lines that end in CR LF', 12, ['data: 1\r\n\r\n'.repeat(5), 'data: 2\r\n\r\n'], false],
  ['lines that end in CR', 10, ['data: 1\r\r'.repeat(5), 'data: 2\r\r'], false],
  ['a long event after short ones', 10, ['data: 1\n\ndata: 1\n\n', 'data: 123456789\n\n'], true],
])('%s', (_, longest, chunks, expected) => {
  expect(exceeds(longest, ...chunks)).toBe(expected);
});

// Where a stream is cut is up to the server, its libraries and the network.
test.each([
  'data: 1\n\ndata: 22\n\ndata: 3\n\n',
  'data: 1\r\n\r\ndata: 22\r\n\r\ndata: 3\r\n\r\n',
  'id: 1\ndata: 1\n\n\n\ndata: 1\r\n\ndata: 1\n\r\n',
  '\n\n\r\n\r\ndata: 12345\r\n\r\n',
  'data: 1\n\ndata: 1234567890',
  '\ndata: 1\nx\ndata: 1\n\ndata: 1',
  'data: 1\r\rdata: 22\r\rdata: 3\r\r',
  'data: 1\r\ndata: 1\n\rdata: 1\r\n\rdata: 1\r\r\n',
])('an event is as long however its stream is cut: %j', stream => {
  // An event is over with the carriage return of its empty line, whether a line feed follows or not.
  const events = stream.match(/[^]*?(?:(?:\r\n|\n|\r(?!\n)){2}|$)/g) ?? [];
  const longestEvent = Math.max(...events.map(event => event.replace(/\r\n$/, '\r').length));
  const cuts = Array.from({ length: stream.length + 1 }, (_, one) =>
    Array.from({ length: stream.length + 1 - one }, (__, size) => [
      stream.slice(0, one),
      stream.slice(one, one + size),
      stream.slice(one + size),
    ]),
  ).flat();
  const wrong = [...cuts, [...stream]].filter(
    chunks => exceeds(longestEvent, ...chunks) || !exceeds(longestEvent - 1, ...chunks),
  );
  expect(wrong).toEqual([]);
});
