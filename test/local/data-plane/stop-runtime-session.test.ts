import { nextStop, sessionServer } from '../running';
import { INITIALIZE, startInvoked } from './invoked';

describe('StopRuntimeSession', () => {
  test('ends a session and its open requests, and its id is unknown then', async () => {
    const {
      invoke,
      stop,
      started: { runtime, endpoint },
    } = await startInvoked();
    const { mcpSessionId = '' } = await invoke({ payload: Buffer.from(INITIALIZE) });
    const hanging = endpoint.message('hang', {}, mcpSessionId);
    while (runtime.sessions()[0]?.state !== 'active') {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    const stopped = nextStop(runtime);
    expect(await stop(mcpSessionId)).toBe(200);
    expect((await stopped).reason).toBe('stopped');
    expect((await hanging).error?.message).toBe('the session was stopped by StopRuntimeSession');
    await expect(stop(mcpSessionId)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('takes the runtime session id, too', async () => {
    const {
      stop,
      started: { runtime, endpoint },
    } = await startInvoked();
    const sessionId = await endpoint.initialize();
    const runtimeSessionId =
      (await endpoint.describe(sessionId)).headers['x-amzn-bedrock-agentcore-runtime-session-id'] ?? '';
    expect(runtimeSessionId).not.toBe(sessionId);
    const stopped = nextStop(runtime);
    expect(await stop(runtimeSessionId)).toBe(200);
    expect((await stopped).sessionId).toBe(sessionId);
  });

  test('takes the runtime session id that the caller chose, for as long as one of the last requests carried it', async () => {
    const {
      invoke,
      stop,
      started: { runtime },
    } = await startInvoked();
    const [chosen, early] = ['a-runtime-session-id-of-the-caller-1', 'a-runtime-session-id-of-the-caller-2'];
    const { mcpSessionId } = await invoke({ payload: Buffer.from(INITIALIZE), runtimeSessionId: early });
    for (let request = 0; request < 15; request++) {
      await invoke({ mcpSessionId });
    }
    await invoke({ mcpSessionId, runtimeSessionId: chosen });
    await expect(stop(early)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const stopped = nextStop(runtime);
    expect(await stop(chosen)).toBe(200);
    expect(await stopped).toMatchObject({ sessionId: mcpSessionId, reason: 'stopped' });
    await expect(stop(chosen)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('takes the runtime session id that an answer carries, which is another one with each request of the AWS SDK', async () => {
    const {
      invoke,
      stop,
      started: { runtime },
    } = await startInvoked();
    const { mcpSessionId } = await invoke({ payload: Buffer.from(INITIALIZE) });
    const { runtimeSessionId = '' } = await invoke({ mcpSessionId });
    await invoke({ mcpSessionId });
    const stopped = nextStop(runtime);
    expect(await stop(runtimeSessionId)).toBe(200);
    expect((await stopped).sessionId).toBe(mcpSessionId);
  });

  test('of a session that is ending is a conflict, and so is a request to it', async () => {
    const {
      stop,
      started: { runtime, endpoint },
    } = await startInvoked({ runtimes: [sessionServer({ environment: { IGNORE_SIGTERM: '1' } })] });
    const sessionId = await endpoint.initialize();
    await stop(sessionId);
    expect(runtime.sessions()[0]?.state).toBe('stopping');
    await expect(stop(sessionId)).rejects.toMatchObject({
      name: 'RetryableConflictException',
      $metadata: { httpStatusCode: 409, attempts: 3 },
    });
    expect((await endpoint.message('describe', {}, sessionId)).error).toEqual({
      code: -32005,
      message: 'Session operation in progress, please retry',
    });
  });

  test.each<[string, RequestInit, number, string]>([
    ['no session id', { method: 'POST' }, 400, 'ValidationException'],
    [
      'a session id that is too short',
      { method: 'POST', headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': 'short' } },
      400,
      'ValidationException',
    ],
    [
      'a body that is no JSON',
      { method: 'POST', body: '{', headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': 'x'.repeat(33) } },
      400,
      'ValidationException',
    ],
    [
      'a client token that is too short',
      {
        method: 'POST',
        body: '{"clientToken":"a"}',
        headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': 'x'.repeat(33) },
      },
      400,
      'ValidationException',
    ],
    [
      'a session that never was',
      { method: 'POST', headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': 'x'.repeat(33) } },
      404,
      'ResourceNotFoundException',
    ],
  ])('refuses %s', async (_, init, status, name) => {
    const { arn, started } = await startInvoked();
    const response = await fetch(`${started.url}/runtimes/${encodeURIComponent(arn)}/stopruntimesession`, init);
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, name]);
    expect(await response.json()).toHaveProperty('message');
  });
});
