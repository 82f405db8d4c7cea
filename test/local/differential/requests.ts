import { connect } from 'node:net';
import { Random } from '../load/random';
import { requestText } from './messages';
import type { Differing, Pair } from './pair';

interface Asked {
  readonly method: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Response {
  readonly status: number;
  readonly asked: Asked | undefined;
  readonly body: string;
}

const SILENCE_MS = 100;
const LONG_SILENCE_MS = 10_000;
const LOOKS = 4;

/** Sends the same bytes to a plain server of Node.js and through the runtime, and tells whether they differ in what comes of it. */
export async function compareRequests(pair: Pair, seed: number): Promise<Differing | undefined> {
  const random = new Random(seed);
  const text = Array.from({ length: random.chance(0.3) ? 2 : 1 }, (_, index) =>
    requestText(random, `${seed}.${index}`),
  ).join('');
  const difference = async (silenceMs: number): Promise<string | undefined> => {
    const [plain, through] = await Promise.all([
      exchange(pair.plainPort, text, silenceMs),
      exchange(pair.port, text, silenceMs),
    ]);
    return differenceOf(plain, through);
  };
  // On a busy machine, a later look says more than the first.
  let found = await difference(SILENCE_MS);
  for (let look = 1; look < LOOKS && found !== undefined; look++) {
    found = await difference(LONG_SILENCE_MS);
  }
  return found === undefined ? undefined : { seed, text, difference: found };
}

/** What comes over a connection until it closes or nothing comes any more. */
function exchange(port: number, text: string, silenceMs: number): Promise<Response[]> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    const silence = setTimeout(() => socket.destroy(), silenceMs);
    socket
      .setEncoding('latin1')
      .on('data', (piece: string) => {
        received += piece;
        silence.refresh();
      })
      .on('error', () => {})
      .on('close', () => {
        clearTimeout(silence);
        resolve(responsesOf(received));
      });
    socket.write(text, 'latin1');
  });
}

/** Both servers say the length of what they answer, but for Node's own refusals, which close the connection. */
function responsesOf(received: string): Response[] {
  const responses: Response[] = [];
  for (let at = 0; received.startsWith('HTTP/1.1 ', at);) {
    const end = received.indexOf('\r\n\r\n', at);
    const head = received.slice(at, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
    const body = received.slice(end + 4, end + 4 + length);
    const asked = status === 200 ? (JSON.parse(body) as Asked) : undefined;
    // An error of the platform for MCP clients comes with 200.
    responses.push(asked && !('method' in asked) ? { status: 0, asked: undefined, body } : { status, asked, body });
    at = end + 4 + length;
  }
  return responses;
}

/** What the runtime refuses although Node.js does not: another host, another path, a coding that it does not undo. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 404, 501]);

function differenceOf(plain: readonly Response[], through: readonly Response[]): string | undefined {
  const wrong = through.find(({ asked, status }) => !asked && !REFUSALS.has(status));
  if (wrong) {
    return `${wrong.status} ${wrong.body.slice(0, 200)} through the runtime`;
  }
  const [one = [], two = []] = [plain, through].map(responses =>
    responses.flatMap(({ asked }) => (asked ? [seenOf(asked)] : [])),
  );
  // What is refused ends a connection, and with it what is still being answered: which of several, depends on the moment.
  const isRefused = [...plain, ...through].some(response => !response.asked);
  const expected = isRefused ? one.filter(seen => two.includes(seen)) : one;
  return expected.join() === two.join() ? undefined : `${one.join()} by Node.js, ${two.join()} through the runtime`;
}

/** What a server has seen of a request: all of it that is not of one connection alone. */
function seenOf({ method, body, headers }: Asked): string {
  const isNamed = (headers.connection ?? '').toLowerCase().includes('x-a');
  return JSON.stringify([
    method,
    body,
    headers['mcp-name'],
    headers['content-type'],
    isNamed ? undefined : headers['x-a'],
  ]);
}
