import { request } from 'node:http';
import { Random } from '../load/random';
import { responseText } from './messages';
import type { Differing, Pair } from './pair';

/** What a client gets: a whole response, or none. */
interface Outcome {
  readonly status: number;
  readonly body: string;
  readonly xA: string | string[] | undefined;
  readonly connection: string;
}

const SILENCE_MS = 150;
const LONG_SILENCE_MS = 10_000;
const LOOKS = 4;

/** Has a server answer with the same bytes to Node's own client and through the runtime, and tells whether they differ in what comes of it. */
export async function compareResponses(pair: Pair, seed: number): Promise<Differing | undefined> {
  const random = new Random(seed);
  const text = responseText(random, String(seed));
  const cut = random.chance(0.3) ? random.below(text.length) : text.length;
  const ends = random.chance(0.05) ? random.below(text.length) : text.length;
  const pieces = [text.slice(0, Math.min(cut, ends)), text.slice(cut, ends)].filter(piece => piece !== '');
  const body = JSON.stringify({
    pieces: pieces.map(piece => Buffer.from(piece, 'latin1').toString('base64')),
    closes: ends < text.length || random.chance(0.5),
  });
  const difference = async (silenceMs: number): Promise<string | undefined> => {
    const [plain, through] = await Promise.all([
      call(pair.plainPort, body, silenceMs),
      call(pair.port, body, silenceMs),
    ]);
    return differenceOf(text, plain, through);
  };
  // On a busy machine, a later look says more than the first.
  let found = await difference(SILENCE_MS);
  for (let look = 1; look < LOOKS && found !== undefined; look++) {
    found = await difference(LONG_SILENCE_MS);
  }
  return found === undefined ? undefined : { seed, text: pieces.join('|'), difference: found };
}

function call(port: number, body: string, silenceMs: number): Promise<Outcome | undefined> {
  return new Promise(resolve => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request({ port, host: '127.0.0.1', path: '/mcp', method: 'POST', headers, agent: false }, response => {
      let text = '';
      response
        .setEncoding('latin1')
        .on('data', (piece: string) => {
          text += piece;
          silence.refresh();
        })
        .on('error', () => {})
        .on('close', () => {
          clearTimeout(silence);
          const {
            statusCode: status = 0,
            headers: { 'x-a': xA, connection = '' },
          } = response;
          resolve(response.complete ? { status, body: text, xA, connection } : undefined);
          sent.destroy();
        });
    });
    const silence = setTimeout(() => {
      resolve(undefined);
      sent.destroy();
    }, silenceMs);
    sent
      .on('error', () => {
        clearTimeout(silence);
        resolve(undefined);
      })
      .on('upgrade', () => {
        clearTimeout(silence);
        sent.destroy();
        resolve(undefined);
      });
    sent.end(body);
  });
}

const BODYLESS: ReadonlySet<number> = new Set([204, 304]);
/** A transfer coding besides chunks is refused, where Node.js hands on what it does not undo. */
const CODED = /transfer-encoding:(?![ \t]*chunked\r\n)|transfer-encoding:[^]*transfer-encoding:/i;
/** A redirect is never handed on, and an error in its place. */
const isRedirect = (status: number): boolean => status >= 300 && status < 400;
/** The error of the platform in place of a response that is none. */
const REFUSED = /"code":-32010,/;

function differenceOf(text: string, plain: Outcome | undefined, through: Outcome | undefined): string | undefined {
  const isRefused = !through || REFUSED.test(through.body);
  if (!plain) {
    // What comes after the end of a response is not taken for one.
    return isRefused || BODYLESS.has(through.status) || isSized(text, through) || isWithoutMore(text, through)
      ? undefined
      : `none by Node.js, ${through.status} ${through.body.slice(0, 200)} through the runtime`;
  }
  if (isRefused) {
    return plain.status < 200 || isRedirect(plain.status) || CODED.test(text)
      ? undefined
      : `${plain.status} ${plain.body.slice(0, 200)} by Node.js, ${through ? through.body : 'none'} through the runtime`;
  }
  if (plain.status !== through.status || plain.body !== through.body) {
    return `${plain.status} ${plain.body.slice(0, 200)} by Node.js, ${through.status} ${through.body.slice(0, 200)} through the runtime`;
  }
  const expected = plain.connection.toLowerCase().includes('x-a') ? undefined : plain.xA;
  return expected === through.xA
    ? undefined
    : `x-a is ${String(plain.xA)} by Node.js, ${String(through.xA)} through the runtime`;
}

/** Whether it is as long as the response says, whatever came after it. */
function isSized(text: string, { body }: Outcome): boolean {
  return new RegExp(`content-length:[ \\t]*0*${body.length}[ \\t]*\r\n`, 'i').test(text.replace('|', ''));
}

/** Whether it is a response without the second one that came unasked. */
function isWithoutMore(text: string, { body }: Outcome): boolean {
  return text.includes('forged') && !body.includes('forged');
}
