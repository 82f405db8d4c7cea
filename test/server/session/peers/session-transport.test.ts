import { messagesOf } from '../../kit';
import { call, listen, openSession, post, result } from './opened-session';

const ask = (id: number | string) => ({ jsonrpc: '2.0' as const, id, method: 'elicitation/create', params: {} });
const progress = {
  jsonrpc: '2.0' as const,
  method: 'notifications/progress',
  params: { progressToken: 1, progress: 1 },
};

test.each([0, 2])('questions and their answers find each other after %i processes', async generation => {
  const opened = await openSession({}, generation);
  const stream = await post(opened, call(7));
  await opened.transport.send(ask(5), { relatedRequestId: 7 });
  const name = generation === 0 ? 5 : `${generation}-5`;
  opened.received.splice(0);
  expect((await post(opened, result(name))).status).toBe(202);
  expect(opened.received.map(([message]) => message)).toEqual([result(5)]);
  await opened.transport.send(result(7));
  expect(await messagesOf(stream)).toEqual([ask(name), result(7)]);
});

test.each<[unknown]>([[result(5)], [result('1-5')], [[result(5), result('1-6')]]])(
  'the answer to a question of an earlier process is taken, and is for nobody: %j',
  async body => {
    const opened = await openSession({}, 2);
    const response = await post(opened, body);
    expect([response.status, await response.text(), opened.received]).toEqual([202, '', []]);
  },
);

test('progress of a call that is over goes nowhere; a question of one fails instead of waiting', async () => {
  const opened = await openSession();
  const [stream, listening] = [await post(opened, call(7)), await listen(opened)];
  await opened.transport.send(result(7));
  await opened.transport.send(progress, { relatedRequestId: 7 });
  await expect(opened.transport.send(ask(5), { relatedRequestId: 7 })).rejects.toThrow('7');
  expect(await messagesOf(stream)).toEqual([result(7)]);
  await opened.session.close();
  expect(await messagesOf(listening)).toEqual([]);
});

test('an answer that is of no call is refused, and what is open stays so', async () => {
  const opened = await openSession();
  await post(opened, call(7));
  await expect(opened.transport.send(result(8))).rejects.toThrow('8');
  await expect(
    opened.transport.send({ jsonrpc: '2.0', error: { code: -1, message: 'no' } }),
  ).rejects.not.toBeInstanceOf(TypeError);
  expect([opened.openCalls.count, opened.transport.busy, opened.transport.isOpen(7)]).toEqual([1, true, true]);
  await opened.session.close();
  expect([opened.openCalls.count, opened.transport.busy, opened.transport.isOpen(7)]).toEqual([0, false, false]);
});
