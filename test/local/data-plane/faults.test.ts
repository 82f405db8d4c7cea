import { ManualClock } from 'stateful-mcp-local';
import { nextStop, startRuntime } from '../running';

test('a session that expires is unknown to its client then', async () => {
  const { runtime, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const stopped = nextStop(runtime);
  await runtime.faults.expireSession(sessionId);
  expect((await stopped).reason).toBe('expired');
  expect((await endpoint.call('describe', {}, sessionId)).status).toBe(404);
});

test('a session crashes in the middle of a call', async () => {
  const { runtime, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const call = endpoint.message('hang', {}, sessionId);
  while (runtime.sessions()[0]?.state !== 'active') {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  await runtime.faults.crash(sessionId);
  expect((await call).error).toEqual({
    code: -32010,
    message: 'the server process of this session ended by SIGKILL during the request',
  });
  expect(runtime.sessions()[0]).toMatchObject({ sessionId, state: 'stopped' });
});

test.each(['expireSession', 'crash'] as const)('%s of a session that is not there says so', async fault => {
  const { runtime } = await startRuntime();
  await expect(runtime.faults[fault]('other')).rejects.toMatchObject({
    code: 'ERR_UNKNOWN_SESSION',
    message: expect.stringContaining('other') as string,
  });
});

test('the next requests are throttled, and no others', async () => {
  const { runtime, endpoint } = await startRuntime();
  const [one, other] = [await endpoint.initialize(), await endpoint.initialize()];
  runtime.faults.throttle({ times: 2, sessionId: one });
  const codes: unknown[] = [];
  for (const id of [one, other, one, one]) {
    codes.push((await endpoint.message('describe', {}, id)).error?.code);
  }
  expect(codes).toEqual([-32003, undefined, -32003, undefined]);
});

test('a method alone is met', async () => {
  const { runtime, endpoint } = await startRuntime();
  runtime.faults.throttle({ rpcMethod: 'tools/call' });
  const sessionId = await endpoint.initialize();
  expect((await endpoint.message('describe', {}, sessionId)).error?.code).toBe(-32003);
});

test('a stream is dropped after its first bytes', async () => {
  const { runtime, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  runtime.faults.dropStream();
  const response = await endpoint.call('stream', { steps: 100, intervalMs: 20 }, sessionId);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
  expect(await (await endpoint.call('stream', { steps: 2, intervalMs: 1 }, sessionId)).text()).toContain('streamed');
});

test('a request is held back by the clock', async () => {
  const clock = new ManualClock();
  const { runtime, endpoint } = await startRuntime({ clock });
  const sessionId = await endpoint.initialize();
  runtime.faults.delay(30_000);
  let answered = false;
  const call = endpoint.message('describe', {}, sessionId).finally(() => {
    answered = true;
  });
  await new Promise(resolve => setTimeout(resolve, 100));
  expect(answered).toBe(false);
  clock.advance(30_000);
  expect(await call).toHaveProperty('result');
  expect(runtime.eventLog.at(-1)).toMatchObject({ type: 'request', durationMs: 30_000 });
});

test('what was planned can be taken back', async () => {
  const { runtime, endpoint } = await startRuntime();
  runtime.faults.throttle({ times: 100 });
  runtime.faults.clear();
  expect((await endpoint.call('describe')).status).toBe(200);
  expect(await (await endpoint.call('describe')).json()).toHaveProperty('result');
});

test('numbers that mean nothing are refused', async () => {
  const {
    runtime: { faults },
  } = await startRuntime();
  expect(() => {
    faults.throttle({ times: 0 });
  }).toThrow('`times`');
  expect(() => {
    faults.delay(-1);
  }).toThrow('`ms`');
});

test('the event log tells what happened, in order', async () => {
  const clock = new ManualClock();
  const { runtime, endpoint } = await startRuntime({ clock });
  const sessionId = await endpoint.initialize();
  await (await endpoint.call('describe', {}, sessionId)).text();
  await endpoint.message('dropConnection', {}, sessionId);
  runtime.faults.throttle();
  await endpoint.message('describe', {}, sessionId);
  await runtime.faults.expireSession(sessionId);
  const request = {
    type: 'request',
    runtimeName: 'sessions',
    method: 'POST',
    status: 200,
    sessionId,
    at: new Date(clock.now()),
  };
  expect(runtime.eventLog).toMatchObject([
    { type: 'session-started', sessionId },
    { ...request, rpcMethod: 'initialize', error: undefined },
    { ...request, rpcMethod: 'tools/call', error: undefined },
    { ...request, rpcMethod: 'tools/call', error: { name: 'RuntimeClientError' } },
    { type: 'fault', fault: 'throttle' },
    { ...request, sessionId: undefined, rpcMethod: 'tools/call', error: { name: 'ThrottlingException' } },
    { type: 'fault', fault: 'expireSession', sessionId },
    { type: 'session-stopped', sessionId, reason: 'expired' },
  ]);
});
