import { PassThrough } from 'node:stream';
import { readLines } from '../../../server/src/stdio/line-reader';

async function linesOf(chunks: readonly (string | Buffer)[], maxBytes = 100): Promise<string[]> {
  const lines: string[] = [];
  const stream = new PassThrough();
  readLines(
    stream,
    maxBytes,
    line => lines.push(line),
    () => lines.push('TOO LONG'),
  );
  for (const chunk of chunks) {
    stream.write(chunk);
  }
  stream.end();
  await new Promise(resolve => stream.once('close', resolve));
  return lines;
}

const EURO = Buffer.from('€');

test.each<[string, (string | Buffer)[], string[]]>([
  ['line separators of Unicode', ['a\u2028b\u2029c\u0085d\ne\n'], ['a\u2028b\u2029c\u0085d', 'e']],
  ['a lone carriage return', ['a\rb\r\nc\n'], ['a\rb', 'c']],
  ['lines in pieces', ['a', 'b', '\nc', '\n'], ['ab', 'c']],
  ['a character in pieces', [EURO.subarray(0, 1), EURO.subarray(1), '\n'], ['€']],
  ['a last line without an end', ['a\nb'], ['a', 'b']],
  ['a line that is too long', ['x'.repeat(80), 'x'.repeat(80), 'x', '\nb\n'], ['TOO LONG', 'b']],
])('reads %s', async (_name, chunks, lines) => {
  expect(await linesOf(chunks)).toEqual(lines);
});
