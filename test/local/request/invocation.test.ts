import { ManualClock } from 'stateful-mcp-local';
import type { Exchange } from '../../../local/src/http/exchange';
import { fetchByExchange } from '../../../local/src/http/fetch-adapter';
import type { ErrorDialect } from '../../../local/src/platform/error-encoding';
import { requestLimits } from '../../../local/src/platform/limits';
import { PlatformException } from '../../../local/src/platform/platform-errors';
import { platformSettings } from '../../../local/src/platform/platform-settings';
import { exceptionOf, Invocation } from '../../../local/src/request/invocation';
import { TimeLimits } from '../../../local/src/request/time-limits';
import { mcpRequest } from '../checked';
import { MESSAGE } from './forwarding';

const FIRST = new PlatformException('ConflictException', 'first');
const SECOND = new PlatformException('ValidationException', 'second');

interface Invoked {
  readonly invocation: Invocation;
  readonly exchange: Exchange;
  readonly clock: ManualClock;
  readonly response: Promise<Response>;
}

/** A request on its way, whose body is read when somebody wants it. */
function invoked(dialect: ErrorDialect, body: BodyInit = MESSAGE): Promise<Invoked> {
  const clock = new ManualClock();
  return new Promise(resolve => {
    const response = fetchByExchange(
      mcpRequest({ body, duplex: 'half' } as RequestInit),
      async exchange => {
        const limits = new TimeLimits(clock, requestLimits());
        const invocation = new Invocation(exchange, dialect, platformSettings(), limits);
        // After the call has returned, and before any of the body is read.
        await Promise.resolve();
        resolve({ invocation, exchange, clock, response });
      },
      Infinity,
    );
  });
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

test.each<[ErrorDialect, number]>([
  ['mcp', 200],
  ['native', 424],
])('a request whose time is over before a server has it is answered: %s', async (dialect, status) => {
  const { invocation, clock, response } = await invoked(dialect);
  clock.advance(requestLimits().requestMs);
  expect(await (await response).text()).toContain('the request took longer than 900 s');
  expect(invocation).toMatchObject({ status, failure: { name: 'RuntimeClientError' } });
});

test.each<[string, (invocation: Invocation) => Promise<void>]>([
  [
    'and fails again',
    async invocation => {
      await invocation.fail(FIRST);
      await invocation.fail(SECOND);
    },
  ],
  [
    'and its time is over then',
    async invocation => {
      await invocation.fail(FIRST);
      invocation.timeOver(SECOND);
    },
  ],
  [
    'after its time was over',
    async invocation => {
      invocation.timeOver(FIRST);
      await invocation.fail(SECOND);
    },
  ],
])('a request that fails has failed with what came first: %s', async (_, fail) => {
  const { invocation, response } = await invoked('native');
  await fail(invocation);
  expect(invocation).toMatchObject({ failure: FIRST, status: 409 });
  expect(await (await response).text()).toContain('first');
});

test('a request that fails in its stream has failed with what came first', async () => {
  const { invocation } = await invoked('mcp');
  invocation.failureEvent(FIRST);
  invocation.failureEvent(SECOND);
  expect(invocation.failure).toBe(FIRST);
});

test('an answer that has begun keeps its status', async () => {
  const { invocation, exchange } = await invoked('native');
  exchange.response.writeHead(202, []);
  invocation.status = 202;
  await invocation.fail(FIRST);
  invocation.timeOver(FIRST);
  expect(invocation).toMatchObject({ failure: FIRST, status: 202 });
});

test('an error waits for the message whose id it carries, where errors carry one', async () => {
  const body = new TransformStream<Uint8Array, Uint8Array>();
  const [mcp, native] = [await invoked('mcp', body.readable), await invoked('native', new ReadableStream())];
  const failed = [mcp, native].map(({ invocation }) => invocation.fail(FIRST));
  await turn();
  expect([mcp.invocation.status, native.invocation.status]).toEqual([undefined, 409]);
  const writer = body.writable.getWriter();
  await writer.write(Buffer.from(MESSAGE));
  await writer.close();
  await Promise.all(failed);
  expect(await (await mcp.response).json()).toMatchObject({ id: 7 });
});

test.each([undefined, 'of-the-client'])(
  'an error tells the ids of the session that was reached, besides headers of its own: %s',
  async mcpSessionId => {
    const { invocation, response } = await invoked('native');
    invocation.session = { idsOf: () => ({ mcpSessionId, runtimeSessionId: 'of-the-platform' }) };
    await invocation.fail(new PlatformException('ThrottlingException', 'slower', { headers: ['Retry-After', '1'] }));
    const { headers } = await response;
    expect(headers.get('mcp-session-id')).toBe(mcpSessionId ?? null);
    expect(headers.get('x-amzn-bedrock-agentcore-runtime-session-id')).toBe('of-the-platform');
    expect(headers.get('retry-after')).toBe('1');
  },
);

test.each<[string, unknown, object]>([
  ['one of the platform', FIRST, FIRST],
  ['an error', new Error('broken'), { name: 'InternalServerException', message: 'broken' }],
  ['a text', 'broken', { name: 'InternalServerException', message: 'broken' }],
  ['nothing', undefined, { name: 'InternalServerException', message: 'undefined' }],
])('whatever is thrown is an exception of the platform to its caller: %s', (_, thrown, exception) => {
  expect(exceptionOf(thrown)).toMatchObject(exception);
});
