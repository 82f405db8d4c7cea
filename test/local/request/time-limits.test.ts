import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ManualClock } from 'stateful-mcp-local';
import type { ClockTimer } from '../../../local/src/common/clock';
import { fetchByExchange } from '../../../local/src/http/fetch-adapter';
import { PlatformException } from '../../../local/src/platform/platform-errors';
import { respondTimeOver, TimeLimits } from '../../../local/src/request/time-limits';
import { mcpRequest } from '../checked';
import { until } from '../running';
import { open, post, startForwarding } from './forwarding';
import { requestLimits } from '../../../local/src/platform/limits';

/** A clock that counts the timers that were set. */
class CountingClock extends ManualClock {
  public timersSet = 0;

  public override setTimeout(callback: () => void, delayMs: number): ClockTimer {
    this.timersSet++;
    return super.setTimeout(callback, delayMs);
  }
}

function start(requestMs: number, streamMs: number): { clock: CountingClock; limits: TimeLimits; told: string[] } {
  const clock = new CountingClock();
  const limits = new TimeLimits(clock, requestLimits({ requestMs, streamMs }));
  const told: string[] = [];
  limits.tell(({ name, message }) => told.push(`${name}: ${message}`));
  return { clock, limits, told };
}

const REQUEST_OVER = 'RuntimeClientError: the request took longer than 1 s';
const STREAM_OVER = 'RuntimeClientError: the stream lasted longer than';

test('a request is over to the millisecond, and told once', () => {
  const { clock, told } = start(1000, 5000);
  clock.advance(999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([REQUEST_OVER]);
  clock.advance(10_000);
  expect(told).toEqual([REQUEST_OVER]);
});

test('who is told changes on the way from the door to the server', () => {
  const { clock, limits, told } = start(1000, 5000);
  limits.tell(({ message }) => told.push(`last: ${message}`));
  clock.advance(1000);
  expect(told).toEqual(['last: the request took longer than 1 s']);
});

test('nobody has to be told', () => {
  const clock = new ManualClock();
  new TimeLimits(clock, requestLimits({ requestMs: 1000 }));
  expect(() => {
    clock.advance(1000);
  }).not.toThrow();
});

test('a stream lasts its own time, from its beginning on', () => {
  const { clock, limits, told } = start(1000, 5000);
  clock.advance(400);
  limits.streaming();
  // Most end before: the timer of the request stays.
  expect(clock.timersSet).toBe(1);
  clock.advance(4999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([`${STREAM_OVER} 5 s`]);
});

test('a stream may be shorter than a request', () => {
  const { clock, limits, told } = start(1000, 300);
  clock.advance(400);
  limits.streaming();
  clock.advance(299);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([`${STREAM_OVER} 0.3 s`]);
  clock.advance(10_000);
  expect(told).toHaveLength(1);
});

test.each([
  ['as it began', false],
  ['as a stream', true],
])('a request that has ended is not over later: %s', (_, streams) => {
  const { clock, limits, told } = start(1000, 500);
  if (streams) {
    limits.streaming();
  }
  limits.cancel();
  clock.advance(10_000);
  expect(told).toEqual([]);
});

describe('a request whose time is over before a server has it', () => {
  const over = (headers?: readonly string[]): PlatformException =>
    new PlatformException('RuntimeClientError', 'too long', headers && { headers });

  async function answered(body: BodyInit, exception: PlatformException) {
    const response = await fetchByExchange(
      mcpRequest({ body, duplex: 'half' } as RequestInit),
      async exchange => {
        await Promise.race([exchange.body.readBeginning(), new Promise(setImmediate)]);
        expect(respondTimeOver(exchange, exception, 'native', 'specific')).toBe(424);
      },
      Infinity,
    );
    const { message } = (await response.json()) as { message: string };
    return { message, connection: response.headers.get('connection'), other: response.headers.get('x-other') };
  }

  test('is answered as any other when its body has come', async () => {
    expect(await answered('whole', over(['X-Other', '1']))).toMatchObject({
      message: 'too long',
      connection: null,
      other: '1',
    });
  });

  test.each([[['X-Other', '1'], '1'] as const, [undefined, null] as const])(
    'is the last of its connection when its body has not come: %j',
    async (headers, other) => {
      expect(await answered(new ReadableStream(), over(headers))).toEqual({
        message: 'too long: its body has not come',
        connection: 'close',
        other,
      });
    },
  );
});

const EVENT = 'event: message\ndata: {"step":1}\n\n';
const error = (message: string): object => ({ jsonrpc: '2.0', id: 7, error: { code: -32010, message } });
const stream = (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(EVENT);
};

describe('the time of a request that a server has', () => {
  test('is over before the answer: the server sees its connection close', async () => {
    let closed = false;
    const { url, clock, seen, over } = await startForwarding((_, response) => {
      response.once('close', () => {
        closed = true;
      });
    });
    const pending = post(url);
    await until(() => seen.length === 1);
    clock.advance(900_000);
    expect(await (await pending).json()).toEqual(error('the request took longer than 900 s'));
    await until(() => closed && over.length === 1);
  });

  test('is over although its body has not come', async () => {
    const { url, clock, invocations } = await startForwarding(() => {});
    const request = open(url, { 'content-length': '100' });
    await until(() => invocations.length === 1);
    clock.advance(900_000);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(JSON.parse((await response.toArray()).join(''))).toMatchObject({
      error: { message: 'the request took longer than 900 s: its body has not come' },
    });
  });

  test('is longer for an event stream, whose last event says that it is over', async () => {
    const { url, clock } = await startForwarding(stream);
    const response = await post(url);
    clock.advance(3_599_999);
    const text = response.text();
    clock.advance(1);
    expect(await text).toBe(
      `${EVENT}\n\nevent: message\ndata: ${JSON.stringify(error('the stream lasted longer than 3600 s'))}\n\n`,
    );
  });

  test('is not longer for another answer, which is broken off', async () => {
    const { url, clock } = await startForwarding((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    const response = await post(url);
    clock.advance(900_000);
    await expect(response.text()).rejects.toThrow();
  });
});
