/** RFC 9110, section 5, for a head that was decoded byte by byte. */
const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** Control characters but the tab, and half of a line end. */
const UNFIT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const LINE_END = '\r\n';

/** The first line of a head, and its headers: names and values in turn. */
export interface HeadLines {
  readonly first: string;
  readonly headers: string[];
}

/**
 * Reads a head without the empty line that ends it; undefined when it is none. Folded lines and a space before the
 * colon are not taken.
 */
export function readHead(head: string): HeadLines | undefined {
  if (UNFIT.test(head)) {
    return undefined;
  }
  const headers: string[] = [];
  const firstEnd = endOfLine(head, 0);
  for (let start = firstEnd + LINE_END.length; start <= head.length;) {
    const end = endOfLine(head, start);
    const colon = head.indexOf(':', start);
    const name = head.slice(start, Math.max(start, Math.min(colon, end)));
    if (!NAME.test(name)) {
      return undefined;
    }
    headers.push(name, withoutSpace(head, colon + 1, end));
    start = end + LINE_END.length;
  }
  return { first: head.slice(0, firstEnd), headers };
}

/** Whether a packet begins with bytes that were read before. */
export function beginsWith(packet: Buffer, bytes: Buffer): boolean {
  return packet.length >= bytes.length && packet.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}

/** Headers as the lines of a head. */
export function headerLines(headers: readonly string[]): string {
  let lines = '';
  for (let index = 0; index + 1 < headers.length; index += 2) {
    lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
  }
  return lines;
}

function endOfLine(head: string, from: number): number {
  const end = head.indexOf(LINE_END, from);
  return end < 0 ? head.length : end;
}

function withoutSpace(text: string, from: number, to: number): string {
  while (from < to && isSpace(text.charCodeAt(from))) {
    from++;
  }
  while (from < to && isSpace(text.charCodeAt(to - 1))) {
    to--;
  }
  return text.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/**
 * Longest head of a request. What is allowed: 20 headers of an allowlist of 4 KB each (devguide, "header allowlist"), 8
 * KB of baggage, six members of 1 KB and about 2 KB of others (service model, InvokeAgentRuntime), a token or a
 * signature of some KB: about 100 KB with the names, where Node.js takes 16.
 */
export const LONGEST_HEAD_BYTES = 128 * 1024;
