import { closeKits, echo, modernCall, openKit } from '../kit';

afterEach(closeKits);

test.each(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])(
  'the modern era has no %s, whatever its parameters are',
  async method => {
    const { status, error } = await modernCall(openKit(echo), { method, name: '' });
    expect({ status, code: error?.code }).toEqual({ status: 404, code: -32601 });
  },
);

test('parameters that do not fit a method of the modern era are refused', async () => {
  const { status, error } = await modernCall(openKit(echo), { name: 1 as never });
  expect({ status, code: error?.code }).toEqual({ status: 200, code: -32602 });
  expect(error?.message).toContain('`params.name`');
});
