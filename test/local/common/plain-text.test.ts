import { plainLines, plainOutput, plainText } from '../../../local/src/common/plain-text';

test.each([
  ['a line that is forged', 'a\r\n[server] all is well', String.raw`a\u000d\u000a[server] all is well`],
  ['a terminal that is told to go back', '\u001b[2Ka', String.raw`\u001b[2Ka`],
  ['C1', 'a\u009b31m\u0085b', String.raw`a\u009b31m\u0085b`],
  ['text that is turned', '\u202efdp.exe\u2066', String.raw`\u202efdp.exe\u2066`],
  ['separators', 'a\u2028b\u2029', String.raw`a\u2028b\u2029`],
  ['what cannot be seen', 'a\u200b\ufeffb\u0000', String.raw`a\u200b\ufeffb\u0000`],
  ['what everybody reads', 'größer\t漢字 🙂 “q”', 'größer\t漢字 🙂 “q”'],
])('%s', (_, text, expected) => {
  expect(plainText(text)).toBe(expected);
});

test('a text that is too long is cut', () => {
  expect(plainText('x'.repeat(11), 10)).toBe(`${'x'.repeat(10)}…`);
});

test('the colours of a server stay, what else it tells a terminal does not', () => {
  expect(plainOutput('\u001b[1;31mred\u001b[0m \u001b]0;title\u0007\r')).toBe(
    `\u001b[1;31mred\u001b[0m ${String.raw`\u001b]0;title\u0007\u000d`}`,
  );
});

test('a text of several lines keeps its lines', () => {
  expect(plainLines('a\u0007\nb')).toBe(`${String.raw`a\u0007`}\nb`);
});
