import type { Random } from '../load/random';

const HEADERS = [
  'x-a: 1',
  'X-A:2',
  'x-a: \t spaces \t',
  'x-empty:',
  'x-byte: \u00e9',
  'Connection: x-a',
  'Connection: keep-alive, X-A, mcp-name',
  'Connection: content-length',
  'connection: transfer-encoding, host, content-type',
  'keep-alive: timeout=1',
  'te: trailers',
  'Content-Type: application/json',
  'x-folded: 1\r\n 2',
  'x-space : 1',
  'x-bare: 1\nx-feed: 2',
  'x-return: 1\rx: 2',
  'x-null: 1\u00002',
  ': no-name',
  'no colon',
  `x-long: ${'x'.repeat(2000)}`,
];
const CODINGS = [
  'Transfer-Encoding: chunked',
  'transfer-encoding: CHUNKED',
  'transfer-encoding:chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: identity',
];

/** A body and the headers that frame it, rightly or not. */
interface Framed {
  readonly headers: readonly string[];
  readonly bytes: string;
}

/** One request in whatever form (but DELETE, which ends the server that all of them reach); its token tells it from others. */
export function requestText(random: Random, token: string): string {
  const body = bodyText(random, token);
  const method = random.pick(['POST', 'POST', 'POST', 'POST', 'GET']);
  const { headers, bytes } = framed(random, method === 'POST' || random.chance(0.2) ? body : '');
  const others = Array.from({ length: random.below(4) }, () => random.pick(HEADERS));
  const head = [
    `${method} /mcp HTTP/1.1`,
    'Host: localhost',
    `mcp-name: ${token}`,
    ...shuffled(random, [...headers, ...others]),
  ];
  return mutated(random, `${head.join('\r\n')}\r\n\r\n${bytes}`);
}

/** One response in whatever form. */
export function responseText(random: Random, token: string): string {
  const { headers, bytes } = framed(random, bodyText(random, token));
  const others = Array.from({ length: random.below(4) }, () => random.pick(HEADERS));
  const status = random.pick([
    '200 OK',
    '200 OK',
    '200 OK',
    '200',
    '202 Accepted',
    '404 Not Found',
    '204 No Content',
    '304 No',
    '600 Odd',
    '99 No',
    '101 Switch',
  ]);
  const version = random.chance(0.9) ? 'HTTP/1.1' : random.pick(['HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1']);
  const before = random.chance(0.05) ? 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' : '';
  const after = random.chance(0.05) ? 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged' : '';
  const head = [`${version} ${status}`, ...shuffled(random, [...headers, ...others])];
  return mutated(random, `${before}${head.join('\r\n')}\r\n\r\n${bytes}${after}`);
}

function bodyText(random: Random, token: string): string {
  return `{"token":"${token}","text":"${'x'.repeat(random.below(random.chance(0.02) ? 50_000 : 30))}"}`;
}

function framed(random: Random, body: string): Framed {
  const { length } = body;
  const kind = random.next();
  if (kind < 0.5) {
    return { headers: body === '' && random.chance(0.7) ? [] : [`Content-Length: ${length}`], bytes: body };
  }
  if (kind < 0.8) {
    return {
      headers: [random.chance(0.7) ? 'Transfer-Encoding: chunked' : random.pick(CODINGS)],
      bytes: chunked(random, body),
    };
  }
  if (kind < 0.85) {
    return {
      headers: [`Content-Length: ${length}`, random.pick(CODINGS)],
      bytes: random.chance(0.5) ? body : chunked(random, body),
    };
  }
  if (kind < 0.9) {
    const other = random.pick([`${length}`, `${length + 1}`, '0', `${length}, ${length}`]);
    return { headers: [`Content-Length: ${length}`, `content-length: ${other}`], bytes: body };
  }
  const wrong = random.pick([
    `+${length}`,
    `${length} `,
    `0${length}`,
    '-1',
    `${length - 1}`,
    `${length + 1}`,
    '',
    'abc',
    '1e2',
    `0x${length}`,
  ]);
  return { headers: [`Content-Length: ${wrong}`], bytes: body };
}

function chunked(random: Random, body: string): string {
  let text = '';
  for (let at = 0; at < body.length;) {
    const size = Math.min(body.length - at, 1 + random.below(20_000));
    const digits = random.pick([size.toString(16), size.toString(16).toUpperCase(), `00${size.toString(16)}`]);
    text += `${digits}${random.chance(0.05) ? random.pick([';a=b', ';a="b;c"', ' ', ';', 'g']) : ''}\r\n${body.slice(at, at + size)}${random.chance(0.98) ? '\r\n' : random.pick(['\n', '', 'x\r\n'])}`;
    at += size;
  }
  return `${text}${random.chance(0.98) ? '0' : random.pick(['', '00', 'x'])}\r\n${random.chance(0.1) ? 'x-trailer: 1\r\n' : ''}\r\n`;
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map(item => [random.next(), item] as const)
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item);
}

/** Now and then with one byte of it changed, left out or added. */
function mutated(random: Random, text: string): string {
  if (random.chance(0.8)) {
    return text;
  }
  const at = random.below(text.length);
  const byte = random.pick(['\r', '\n', '\r\n', ' ', '\0', ':', '0', 'x', ',', '\u00ff']);
  return text.slice(0, at) + (random.chance(0.5) ? byte : '') + text.slice(at + random.below(2));
}
