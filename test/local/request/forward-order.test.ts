import { EventEmitter } from 'node:events';
import { ManualClock } from 'stateful-mcp-local';
import type { Exchange } from '../../../local/src/http/exchange';
import type { ServerResponseHandler } from '../../../local/src/http/server-connections';
import { HeaderPolicy } from '../../../local/src/platform/header-policy';
import { requestLimits } from '../../../local/src/platform/limits';
import { platformSettings } from '../../../local/src/platform/platform-settings';
import type { SessionProcess } from '../../../local/src/process/session-process';
import { forward, type ForwardedFor } from '../../../local/src/request/forward';
import { Invocation } from '../../../local/src/request/invocation';
import { forwardToPort } from '../../../local/src/request/port-forward';
import { TimeLimits } from '../../../local/src/request/time-limits';
import { checked, mcpRequest } from '../checked';

// What happens in which order is up to two connections; here, to the test.

/** A client whose connection the test holds. */
class HeldClient extends EventEmitter {
  public headersSent = false;
  public destroyed = false;
  public writableEnded = false;
  public readonly writableFinished = false;
  public readonly flushHeaders = jest.fn();
  public readonly write = jest.fn(() => true);
  public readonly writeHead = jest.fn(() => {
    this.headersSent = true;
  });
  public readonly end = jest.fn(() => {
    this.writableEnded = true;
  });
  public readonly destroy = jest.fn(() => {
    this.destroyed = true;
    this.emit('close');
  });
}

interface Held {
  readonly client: HeldClient;
  readonly server: { readonly [Hand in 'pause' | 'resume' | 'abort']: jest.Mock };
  readonly handler: ServerResponseHandler;
  readonly hand: never;
  readonly limits: TimeLimits;
  readonly clock: ManualClock;
}

type Way = 'to a session' | 'to a port';

/** A request whose client the test holds, and which it sees when it is sent. */
async function begin(
  way: Way,
  client: HeldClient,
  limits: TimeLimits,
  dispatch: (request: unknown, handler: ServerResponseHandler) => void,
  session: Partial<ForwardedFor> = {},
): Promise<void> {
  const connections = { dispatch } as never;
  const forwarded = (exchange: Exchange): void => {
    const held = { ...exchange, response: client };
    if (way === 'to a port') {
      void forwardToPort(held, { port: 1, connections, path: '/', failed: () => {} }, limits);
      return;
    }
    const process = { port: 1, connections } as unknown as SessionProcess;
    void forward(new Invocation(held, 'mcp', platformSettings(), limits), process, {
      limits: requestLimits(),
      headers: new HeaderPolicy('all', () => {}),
      path: '/mcp',
      addedHeaders: () => [],
      hidesAnswer: status => status === 503,
      responded: () => ({ mcpSessionId: undefined, runtimeSessionId: 'runtime-session' }),
      whyEnded: () => Promise.resolve(undefined),
      ...session,
    });
  };
  await checked(forwarded, mcpRequest({ body: '{"jsonrpc":"2.0","id":7,"method":"ping"}' }));
}

async function start(way: Way, type = 'application/json', session: Partial<ForwardedFor> = {}): Promise<Held> {
  const client = new HeldClient();
  const server = { pause: jest.fn(), resume: jest.fn(), abort: jest.fn(), rawHeaders: ['content-type', type] };
  const clock = new ManualClock();
  const limits = new TimeLimits(clock, requestLimits());
  const handler = await new Promise<ServerResponseHandler>((resolve, reject) => {
    const dispatch = (_: unknown, told: ServerResponseHandler): void => {
      resolve(told);
    };
    begin(way, client, limits, dispatch, session).catch(reject);
  });
  return { client, server, handler, hand: server as never, limits, clock };
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe.each<Way>(['to a session', 'to a port'])('%s', way => {
  test('the server waits while the client does not keep up', async () => {
    const { client, server, handler, hand } = await start(way);
    handler.onRequestStart(hand);
    handler.onResponseStart(hand, 200);
    handler.onResponseData(hand, Buffer.from('one'));
    expect(server.pause).not.toHaveBeenCalled();
    client.write.mockReturnValueOnce(false);
    handler.onResponseData(hand, Buffer.from('two'));
    expect([server.pause.mock.calls.length, server.resume.mock.calls.length]).toEqual([1, 0]);
    client.emit('drain');
    client.emit('drain');
    expect([server.pause.mock.calls.length, server.resume.mock.calls.length]).toEqual([1, 1]);
  });

  test('a client that has gone while its body came takes no connection', async () => {
    const client = new HeldClient();
    const dispatch = jest.fn();
    const limits = new TimeLimits(new ManualClock(), requestLimits());
    await begin(way, client, limits, dispatch);
    client.emit('close');
    await turn();
    expect(dispatch).not.toHaveBeenCalled();
  });

  test('a client that has gone before its request is sent is given up', async () => {
    const { client, server, handler, hand } = await start(way);
    client.emit('close');
    expect(server.abort).not.toHaveBeenCalled();
    handler.onRequestStart(hand);
    expect(server.abort).toHaveBeenCalledWith(new Error('the request was given up'));
  });

  test('a request that is sent is not given up for it', async () => {
    const { server, handler, hand } = await start(way);
    handler.onRequestStart(hand);
    handler.onResponseStart(hand, 200);
    expect(server.abort).not.toHaveBeenCalled();
  });

  test.each<[string, (handler: ServerResponseHandler, hand: never) => void]>([
    [
      'whole',
      (handler, hand) => {
        handler.onResponseEnd(hand);
      },
    ],
    [
      'broken',
      (handler, hand) => {
        handler.onResponseError(hand, new Error('broken'));
      },
    ],
  ])('a response that is over is not given up when its client goes: %s', async (_, end) => {
    const { client, server, handler, hand } = await start(way);
    handler.onRequestStart(hand);
    handler.onResponseStart(hand, 200);
    end(handler, hand);
    client.emit('close');
    await turn();
    expect(server.abort).not.toHaveBeenCalled();
  });

  test('a client that does not take the rest of an answer is given up when its time is over', async () => {
    const { client, handler, hand, clock } = await start(way);
    handler.onRequestStart(hand);
    handler.onResponseStart(hand, 200);
    clock.advance(3_600_000);
    expect(client.destroy).toHaveBeenCalledTimes(1);
  });
});

test('what comes after the end of a request is dropped', async () => {
  const whyEnded = jest.fn();
  const { client, handler, hand } = await start('to a session', 'application/json', { whyEnded });
  handler.onRequestStart(hand);
  client.destroyed = true;
  client.emit('close');
  handler.onResponseStart(hand, 200);
  handler.onResponseData(hand, Buffer.from('late'));
  handler.onResponseEnd(hand);
  handler.onResponseError(hand, new Error('late'));
  await turn();
  expect([client.writeHead, client.write, client.end, client.destroy].flatMap(({ mock }) => mock.calls)).toEqual([]);
  expect(whyEnded).not.toHaveBeenCalled();
});

test('why a server answered with nonsense is not asked, for it need not have ended', async () => {
  const whyEnded = jest.fn();
  const { client, handler, hand } = await start('to a session', 'application/json', { whyEnded });
  handler.onResponseError(hand, new Error('bad response'));
  await turn();
  expect(client.end).toHaveBeenCalledWith(expect.stringContaining('not valid HTTP/1.1: bad response'));
  expect(whyEnded).not.toHaveBeenCalled();
});

test.each(['EMFILE', 'ENFILE'])(
  'a server that cannot be reached for want of descriptors (%s) is not blamed',
  async code => {
    const whyEnded = jest.fn();
    const { client, handler } = await start('to a session', 'application/json', { whyEnded });
    handler.onResponseError(undefined, Object.assign(new Error(`connect ${code}`), { code }));
    await turn();
    expect(client.end).toHaveBeenCalledWith(
      expect.stringMatching(/could not be sent to its server: this (program|machine) has no file descriptors left/),
    );
    expect(whyEnded).not.toHaveBeenCalled();
  },
);

test('a client that has gone before the reason is known has no error', async () => {
  let invocation: Invocation | undefined;
  let tell: (reason: string) => void = () => {};
  const { client, handler, hand } = await start('to a session', 'application/json', {
    addedHeaders: forwarded => {
      invocation = forwarded;
      return [];
    },
    whyEnded: () =>
      new Promise(resolve => {
        tell = resolve;
      }),
  });
  handler.onResponseError(hand, new Error('other side closed'));
  client.destroy();
  tell('it ended');
  await turn();
  expect(invocation).toMatchObject({ failure: undefined, status: undefined });
});

test('a server is given up as soon as an event of it is too long, whatever follows', async () => {
  const { client, server, handler, hand } = await start('to a session', 'text/event-stream');
  handler.onRequestStart(hand);
  handler.onResponseStart(hand, 200);
  handler.onResponseData(hand, Buffer.alloc(requestLimits().chunkBytes + 1));
  expect(server.abort).toHaveBeenCalledTimes(1);
  handler.onResponseData(hand, Buffer.from('data: more\n\n'));
  handler.onResponseEnd(hand);
  await turn();
  expect([client.write.mock.calls.length, client.end.mock.calls.length]).toEqual([0, 1]);
});

test('a server is given up as soon as the time is over, and its late answer is dropped', async () => {
  const { client, server, handler, hand, clock } = await start('to a session');
  handler.onRequestStart(hand);
  clock.advance(requestLimits().requestMs);
  expect(server.abort).toHaveBeenCalledTimes(1);
  handler.onResponseStart(hand, 200);
  handler.onResponseEnd(hand);
  await turn();
  expect([client.writeHead.mock.calls.length, client.end.mock.calls.length]).toEqual([1, 1]);
});

test('of an answer that is hidden, nothing is passed on', async () => {
  const { client, handler, hand } = await start('to a session');
  handler.onRequestStart(hand);
  handler.onResponseStart(hand, 503);
  handler.onResponseData(hand, Buffer.from('secret'));
  handler.onResponseEnd(hand);
  await turn();
  expect(client.write).not.toHaveBeenCalled();
  expect(client.end).toHaveBeenCalledTimes(1);
  expect(client.end).toHaveBeenCalledWith(expect.stringContaining('Received error (503)'));
});

test('the head of a stream waits for what comes with it, and no longer', async () => {
  const together = await start('to a session', 'text/event-stream');
  together.handler.onResponseStart(together.hand, 200);
  together.handler.onResponseData(together.hand, Buffer.from('data: 1\n\n'));
  const apart = await start('to a session', 'text/event-stream');
  apart.handler.onResponseStart(apart.hand, 200);
  expect(apart.client.flushHeaders).not.toHaveBeenCalled();
  const gone = await start('to a session', 'text/event-stream');
  gone.handler.onResponseStart(gone.hand, 200);
  gone.client.emit('close');
  const whole = await start('to a session');
  whole.handler.onResponseStart(whole.hand, 202);
  whole.handler.onResponseEnd(whole.hand);
  const broken = await start('to a session', 'application/json', { whyEnded: () => new Promise(() => {}) });
  broken.handler.onResponseStart(broken.hand, 200);
  broken.handler.onResponseError(broken.hand, new Error('other side closed'));
  await turn();
  const flushes = [together, apart, gone, whole, broken].map(({ client }) => client.flushHeaders.mock.calls.length);
  expect(flushes).toEqual([0, 1, 0, 0, 0]);
});

test('an answer that has ended is not ended again when its time is over', async () => {
  const { client, handler, hand, clock } = await start('to a session', 'text/event-stream');
  handler.onRequestStart(hand);
  handler.onResponseStart(hand, 200);
  handler.onResponseEnd(hand);
  clock.advance(3_600_000);
  await turn();
  expect([client.end.mock.calls.length, client.destroy.mock.calls.length]).toEqual([1, 0]);
});
