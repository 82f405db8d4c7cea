import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { type InvokeAgentRuntimeCommandInput } from '@aws-sdk/client-bedrock-agentcore';
import { sessionServer } from '../running';
import { INITIALIZE, message, startInvoked } from './invoked';

test('the AWS SDK keeps a session by its MCP session id, although it sends another runtime session id each time', async () => {
  const { invoke } = await startInvoked();
  const { mcpSessionId } = await invoke({ payload: Buffer.from(INITIALIZE) });
  const [first, second] = [await invoke({ mcpSessionId }), await invoke({ mcpSessionId })];
  expect(first.body.result?.pid).toBe(second.body.result?.pid);
  expect(first.mcpSessionId).toBe(mcpSessionId);
  expect(first.runtimeSessionId).not.toBe(second.runtimeSessionId);
  expect(first.body.result?.headers['x-amzn-bedrock-agentcore-runtime-session-id']).toBe(first.runtimeSessionId);
});

test('the runtime session id chooses the session when the setting says so', async () => {
  const { invoke } = await startInvoked({
    settings: { affinity: 'runtime-session-id' },
    runtimes: [sessionServer({ environment: { STATELESS: '1' } })],
  });
  const runtimeSessionId = 'a-runtime-session-id-of-33-characters';
  const [first, second, other] = [
    await invoke({ runtimeSessionId }),
    await invoke({ runtimeSessionId }),
    await invoke({}),
  ];
  expect(first.body.result?.pid).toBe(second.body.result?.pid);
  expect(other.body.result?.pid).not.toBe(first.body.result?.pid);
});

test('a runtime may be given by its id, with the account id', async () => {
  const { arn, invoke, started } = await startInvoked();
  const [, id = ''] = arn.split('/');
  expect((await invoke({ agentRuntimeArn: id, accountId: '000000000000' })).body.result?.pid).toBeGreaterThan(0);
  expect((await invoke({ agentRuntimeArn: id, accountId: '111111111111' })).body.error?.code).toBe(-32004);
  await expect(
    fetch(`${started.url}/runtimes/${id}/invocations`, { method: 'POST', body: '{}' }).then(response =>
      response.json(),
    ),
  ).resolves.toMatchObject({
    message: expect.stringContaining('accountId') as string,
    reason: 'FieldValidationFailed',
  });
});

describe('what the platform refuses, it tells an MCP client as JSON-RPC', () => {
  test.each<[string, Partial<InvokeAgentRuntimeCommandInput>, number]>([
    [
      'a runtime that does not exist',
      { agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/other-0123456789' },
      -32004,
    ],
    ['an endpoint that does not exist', { qualifier: 'live' }, -32004],
    ['a runtime session id that is too short', { runtimeSessionId: 'short' }, -32006],
    ['a user id that is too long', { runtimeUserId: 'x'.repeat(1025) }, -32006],
    ['an MCP session id that is too long', { mcpSessionId: 'x'.repeat(1025) }, -32006],
    ['a trace id that is too long', { traceId: 'x'.repeat(129) }, -32006],
    ['baggage that is too long', { baggage: 'x'.repeat(8193) }, -32006],
  ])('%s', async (_, input, code) => {
    const { invoke } = await startInvoked();
    expect((await invoke(input)).body).toMatchObject({ jsonrpc: '2.0', id: 7, error: { code } });
  });

  test('a payload that is too long, whether it says so or not', async () => {
    const { invoke, started } = await startInvoked({ limits: { payloadBytes: 1000 } });
    const payload = message('describe', { padding: 'x'.repeat(1000) });
    expect((await invoke({ payload: Buffer.from(payload) })).body.error).toEqual({
      code: -32006,
      message: 'Validation error - Invalid request data',
    });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(payload.slice(0, 900)));
        setTimeout(() => {
          controller.enqueue(Buffer.from(payload.slice(900)));
          controller.close();
        }, 50);
      },
    });
    const response = await started.endpoint.send(undefined, undefined, { body, duplex: 'half' } as RequestInit);
    expect(await response.json()).toMatchObject({ error: { code: -32006 } });
  });

  test('an Accept header that leaves out what MCP answers with', async () => {
    const {
      started: { endpoint },
    } = await startInvoked();
    for (const accept of [
      'application/json',
      'text/event-stream',
      'text/html',
      'application/json, text/event-stream;q=0',
    ]) {
      const response = await endpoint.call('describe', {}, undefined, { headers: { accept } });
      expect(response.status).toBe(406);
      expect(await response.json()).toMatchObject({ id: expect.any(Number) as number, error: { code: -32011 } });
    }
    for (const accept of ['*/*', 'application/*, text/*', 'text/event-stream, application/json;q=0.5']) {
      expect((await endpoint.call('describe', {}, undefined, { headers: { accept } })).status).toBe(200);
    }
  });

  test('more requests a second, or more sessions, than the quotas allow', async () => {
    const requests = await startInvoked({ quotas: { requestsPerSecond: 1 } });
    const codes = (await Promise.all([1, 2, 3].map(() => requests.invoke()))).map(({ body }) => body.error?.code);
    expect(codes.filter(code => code === -32003).length).toBeGreaterThanOrEqual(1);
    const active = await startInvoked({ quotas: { activeSessions: 1 } });
    await active.started.endpoint.initialize();
    expect((await active.invoke({ payload: Buffer.from(INITIALIZE) })).body.error?.code).toBe(-32003);
    const fresh = await startInvoked({ quotas: { newSessionsPerSecond: 1 } });
    await fresh.started.endpoint.initialize();
    expect((await fresh.invoke({ payload: Buffer.from(INITIALIZE) })).body.error?.code).toBe(-32003);
  });
});

test('a session counts from its opening on, not only once it is served', async () => {
  const { started, invoke } = await startInvoked({
    runtimes: [{ name: 'slow', command: ['sleep', '60'], startLimitMs: 3000 }],
    pooledProcesses: 0,
    quotas: { activeSessions: 2 },
  });
  const opening = [1, 2].map(() => started.endpoint.send(JSON.parse(INITIALIZE)));
  await new Promise(resolve => setTimeout(resolve, 500));
  expect((await invoke({ payload: Buffer.from(INITIALIZE) })).body.error?.code).toBe(-32003);
  await Promise.all(opening);
  // What has not come to be does not count any more.
  expect((await invoke({ payload: Buffer.from(INITIALIZE) })).body.error?.code).toBe(-32010);
});

test('the text of an error is the one sentence of the documentation when the setting says so', async () => {
  const {
    started: { endpoint },
  } = await startInvoked({ settings: { errorTexts: 'documented' } });
  const sessionId = await endpoint.initialize();
  expect((await endpoint.message('dropConnection', {}, sessionId)).error).toEqual({
    code: -32010,
    message: 'Tool execution error - Please check your CloudWatch logs for more information',
  });
});

test('the errors of other operations keep their own text with that setting', async () => {
  const { stop } = await startInvoked({ settings: { errorTexts: 'documented' } });
  await expect(stop('x'.repeat(33))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Session not found',
  });
});

test('a method that is not served is told which are', async () => {
  const {
    started: { endpoint },
  } = await startInvoked();
  const response = await fetch(endpoint.url, { method: 'PUT' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, GET, DELETE']);
});

test.each([
  ['pass-4xx', 404, -32001],
  ['pass-404', 404, -32001],
  ['pass', 404, -32001],
  ['map', 200, -32010],
] as const)('a 404 of the server: %s', async (serverErrors, status, code) => {
  const {
    started: { endpoint },
  } = await startInvoked({ settings: { serverErrors } });
  const response = await endpoint.call('describe', {}, 'unknown');
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code } });
});

test.each([
  [undefined, 200],
  ['pass-4xx', 200],
  ['pass-404', 200],
  ['pass', 503],
  ['map', 200],
] as const)('a 503 of the server: %s', async (serverErrors, status) => {
  const {
    started: { endpoint },
  } = await startInvoked({ settings: { serverErrors } });
  const sessionId = await endpoint.initialize();
  const response = await endpoint.call('fail', { status: 503 }, sessionId);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual(
    status === 503
      ? { error: 'failed with 503' }
      : {
          jsonrpc: '2.0',
          id: 2,
          error: {
            code: -32010,
            message: 'Received error (503) from runtime. Please check your CloudWatch logs for more information.',
          },
        },
  );
  expect((await endpoint.call('describe', {}, sessionId)).status).toBe(200);
});

test.each([
  ['allow', 200],
  ['refuse', 406],
] as const)('a request without an Accept header: %s', async (missingAccept, status) => {
  const {
    started: { url },
  } = await startInvoked({ settings: { missingAccept } });
  const sent = request(`${url}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json' } });
  sent.end(message('describe'));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(status);
});

test('GET and DELETE do not reach the server when the setting says so', async () => {
  const {
    started: { endpoint },
  } = await startInvoked({ settings: { getAndDelete: 'refuse' } });
  const headers = { 'mcp-session-id': await endpoint.initialize() };
  for (const method of ['GET', 'DELETE', 'PUT']) {
    const response = await fetch(endpoint.url, { method, headers });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  }
  expect((await endpoint.call('describe', {}, headers['mcp-session-id'])).status).toBe(200);
});

test('an answer that takes longer than a request may take is broken off', async () => {
  const {
    started: { endpoint },
  } = await startInvoked({ limits: { requestMs: 200, streamMs: 400 } });
  const sessionId = await endpoint.initialize();
  expect((await endpoint.message('hang', {}, sessionId)).error).toEqual({
    code: -32010,
    message: 'the request took longer than 0.2 s',
  });
  const stream = await endpoint.call('stream', { steps: 100, intervalMs: 50 }, sessionId);
  const events = (await stream.text()).split('\n\n').filter(text => text !== '');
  expect(events.length).toBeGreaterThan(3);
  expect(events.at(-1)).toContain('the stream lasted longer than 0.4 s');
});

test('an event that is longer than a chunk may be ends its stream', async () => {
  const {
    started: { endpoint },
  } = await startInvoked({ limits: { chunkBytes: 30 } });
  const sessionId = await endpoint.initialize();
  const stream = await endpoint.call('stream', { steps: 1, intervalMs: 1 }, sessionId);
  expect(await stream.text()).toContain('an event of the server is longer than 30 bytes');
});
