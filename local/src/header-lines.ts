// RFC 9110, section 5, for a head that was decoded byte by byte.
const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The headers of lines, names and values in turn; undefined when a line is none. Folded lines and a space before the colon are not taken. */
export function headersOf(lines: readonly string[]): string[] | undefined {
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!NAME.test(name) || !VALUE.test(line)) return undefined;
    headers.push(name, withoutSpace(line, colon + 1));
  }
  return headers;
}

function withoutSpace(line: string, from: number): string {
  let end = line.length;
  while (from < end && isSpace(line.charCodeAt(from))) from++;
  while (from < end && isSpace(line.charCodeAt(end - 1))) end--;
  return line.slice(from, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
