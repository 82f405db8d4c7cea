import type { ServerContext } from '@modelcontextprotocol/server';
import { callContextOf } from '../../../../server/src/interaction/call-context';
import { messagesOf, URL_OF_KIT } from '../../kit';
import { LIST } from '../counting-kit';
import { call, listen, openSession, post, result, SESSION } from './opened-session';

describe('an id of a request', () => {
  test('is refused while another request has it, and then free again', async () => {
    const opened = await openSession();
    const [first, other] = [await post(opened, call(7)), await post(opened, call(8))];
    for (const body of [call(7), [call(9), call(7)]]) {
      const refused = await post(opened, body);
      expect([refused.status, await messagesOf(refused)]).toMatchObject([
        400,
        [{ error: { code: -32600, message: expect.stringContaining('the id 7 belongs to a request') as string } }],
      ]);
    }
    expect(opened.openCalls.count).toBe(2);
    await opened.transport.send(result(7));
    expect(await messagesOf(first)).toEqual([result(7)]);
    const again = await post(opened, call(7));
    expect(again.status).toBe(200);
    await opened.transport.send(result(7));
    await opened.transport.send(result(8));
    expect([await messagesOf(again), await messagesOf(other)]).toEqual([[result(7)], [result(8)]]);
    expect(opened.openCalls.count).toBe(0);
  });

  test.each<[unknown[], number]>([
    [[call(7), call(7)], 400],
    [[call(7), call(8), call(7)], 400],
    [[call(7), call('7')], 200],
    [[{ jsonrpc: '2.0', method: 'a' }, { jsonrpc: '2.0', method: 'a' }, call(7)], 200],
  ])('is one of a batch: %j gets %i', async (body, status) => {
    const opened = await openSession();
    expect((await post(opened, body)).status).toBe(status);
    expect(opened.openCalls.count).toBe(
      status === 200 ? body.filter(message => 'id' in (message as object)).length : 0,
    );
  });
});

test('parameters that do not fit are told before the peer gets them', async () => {
  const opened = await openSession({ invalidParams: body => (body === LIST ? 'they do not fit' : undefined) });
  const refused = await post(opened, LIST);
  expect([refused.status, await messagesOf(refused), opened.received]).toMatchObject([
    200,
    [{ id: LIST.id, error: { code: -32602, message: 'they do not fit' } }],
    [],
  ]);
  expect((await post(opened, call(7))).status).toBe(200);
});

test.each([undefined, { token: 't', clientId: 'app', scopes: ['read'] }])(
  'a peer gets what the token of a call says: %j',
  async authInfo => {
    const opened = await openSession();
    await post(opened, call(7), SESSION, authInfo);
    expect(opened.received.map(([, extra]) => extra?.authInfo)).toEqual([authInfo]);
  },
);

describe('the time that a session is idle', () => {
  test('begins anew with each request, and with each that waits to be admitted', async () => {
    const opened = await openSession({ admit: () => Promise.resolve(() => undefined) });
    await post(opened, { jsonrpc: '2.0', method: 'notifications/progress' });
    expect(opened.idle.refreshed).toHaveBeenCalledTimes(1);
    await opened.session.admit(5, new AbortController().signal);
    expect(opened.idle.refreshed).toHaveBeenCalledTimes(2);
    expect(opened.lifetime.refreshed).not.toHaveBeenCalled();
  });

  test('ends it', async () => {
    const { idle, lifetime, stops } = await openSession();
    idle.end();
    await new Promise(setImmediate);
    expect([stops, idle.cleared(), lifetime.cleared()]).toEqual([['idle-timeout'], true, true]);
  });

  test('does not count while a call is worked on', async () => {
    const opened = await openSession();
    await post(opened, call(7));
    opened.idle.refreshed.mockClear();
    opened.idle.end();
    expect([opened.stops, opened.idle.refreshed.mock.calls.length]).toEqual([[], 1]);
    await opened.transport.send(result(7));
    opened.idle.end();
    await new Promise(setImmediate);
    expect(opened.stops).toEqual(['idle-timeout']);
  });

  test('does not count while a client listens, however often it came back', async () => {
    const opened = await openSession();
    for (let times = 0; times < 3; times += 1) {
      const stream = await listen(opened);
      expect(stream.status).toBe(200);
      opened.idle.refreshed.mockClear();
      opened.idle.end();
      expect([opened.stops, opened.idle.refreshed.mock.calls.length]).toEqual([[], 1]);
      await stream.body!.cancel();
      await new Promise(setImmediate);
      expect(opened.idle.refreshed).toHaveBeenCalledTimes(2);
    }
    opened.idle.end();
    await new Promise(setImmediate);
    expect(opened.stops).toEqual(['idle-timeout']);
  });
});

test('its lifetime ends it, with its calls and its streams', async () => {
  const opened = await openSession();
  const [answer, stream] = [await post(opened, call(7)), await listen(opened)];
  opened.lifetime.end();
  await Promise.all([answer.text(), stream.text()]);
  expect([opened.stops, opened.openCalls.count, opened.session.initialized]).toEqual([['max-lifetime'], 0, true]);
  expect([opened.idle.cleared(), opened.lifetime.cleared()]).toEqual([true, true]);
});

test('whoever ends it has what was kept removed; who closes it has not', async () => {
  for (const [method, reason, removals] of [
    ['DELETE', 'deleted', 1],
    ['CLOSE', 'closed', 0],
  ] as const) {
    const { session, kept, stops } = await openSession();
    const remove = jest.spyOn(kept, 'remove');
    if (method === 'DELETE') {
      await session.handle(new Request(URL_OF_KIT, { method, headers: SESSION }), undefined, undefined);
    } else {
      await post({ session }, { jsonrpc: '2.0', method: 'notifications/progress' });
      await session.close();
    }
    expect([stops, remove.mock.calls.length]).toEqual([[reason], removals]);
  }
});

test('the end of the handshake is kept, once', async () => {
  const opened = await openSession();
  const initialized = jest.spyOn(opened.kept, 'initialized');
  await post(opened, { jsonrpc: '2.0', method: 'notifications/progress' });
  expect(initialized).not.toHaveBeenCalled();
  for (let times = 0; times < 2; times += 1) {
    await post(opened, { jsonrpc: '2.0', method: 'notifications/initialized' });
  }
  expect([initialized.mock.calls.length, opened.kept.isInitialized]).toEqual([1, true]);
});

test('a handler finds what its peer and its client agreed on, and counts for as long as it works', async () => {
  const opened = await openSession({
    clientCapabilities: () => ({ elicitation: {} }),
    protocolVersion: () => '2025-06-18',
    hasOutputSchema: tool => tool === 'typed',
  });
  const named = (id: number, name: string): object => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } });
  await post(opened, [named(7, 'typed'), named(8, 'plain')]);
  const [[, extra]] = opened.received as [(typeof opened.received)[0]];
  const context = callContextOf({ http: { req: extra?.request } } as ServerContext);
  expect([context.clientCapabilities?.(), context.protocolVersion?.()]).toEqual([{ elicitation: {} }, '2025-06-18']);
  expect([7, 8, 9].map(id => context.hasOutputSchema(id))).toEqual([true, false, false]);
  expect(opened.openCalls.count).toBe(2);
  const end = context.beginCall();
  await opened.transport.send(result(7));
  await opened.transport.send(result(8));
  expect(opened.openCalls.count).toBe(1);
  end();
  expect(opened.openCalls.count).toBe(0);
});

test('a peer that can wait is told of a reader that is behind, and of one that went away', async () => {
  const readerIsBehind = jest.fn();
  const opened = await openSession({ readerIsBehind });
  const stream = await listen(opened);
  const large = { padding: 'x'.repeat(1024 * 1024) };
  while (readerIsBehind.mock.calls.length === 0) {
    await opened.transport.send({ jsonrpc: '2.0', method: 'notifications/message', params: large });
    await new Promise(setImmediate);
  }
  expect(readerIsBehind.mock.calls).toEqual([[true]]);
  await stream.body!.cancel();
  expect(readerIsBehind.mock.calls).toEqual([[true], [false]]);
});
