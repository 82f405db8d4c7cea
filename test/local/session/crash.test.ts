import { isAlive, nextStop, startRuntime, until, type JsonRpc } from '../running';

const CRASHED = 'the server process of this session ended with exit code 7 during the request; its last error output: ';

test('a crash ends the calls of its session with the exit code and the error, and leaves the others alone', async () => {
  const { runtime, endpoint } = await startRuntime();
  const [broken, whole] = [await endpoint.initialize(), await endpoint.initialize()];
  const hanging = endpoint.message('hang', {}, broken);
  const stopped = nextStop(runtime);
  const crashing = await endpoint.call('crash', { exitCode: 7 }, broken);
  expect(crashing.status).toBe(200);
  expect(crashing.headers.get('content-type')).toBe('application/json');
  expect(await crashing.json()).toEqual({
    jsonrpc: '2.0',
    id: 4,
    error: { code: -32010, message: `${CRASHED}Error: the tool broke` },
  });
  expect(await hanging).toEqual({
    jsonrpc: '2.0',
    id: 3,
    error: { code: -32010, message: `${CRASHED}Error: the tool broke` },
  });
  expect(await stopped).toMatchObject({ sessionId: broken, reason: 'crashed', exitCode: 7, signal: null });
  expect((await endpoint.call('describe', {}, whole)).status).toBe(200);
});

test('the next request with the id gets a fresh process, which answers 404', async () => {
  const { endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  await (await endpoint.call('crash', { exitCode: 7 }, sessionId)).text();
  expect((await endpoint.call('describe', {}, sessionId)).status).toBe(404);
});

test('a crash in the middle of an event stream is the last event of the stream', async () => {
  const { endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const response = await endpoint.call('crashInStream', { exitCode: 7 }, sessionId);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = (await response.text())
    .split('\n')
    .filter(line => line.startsWith('data: '))
    .map(line => JSON.parse(line.slice(6)) as JsonRpc<unknown>);
  expect(events).toHaveLength(2);
  expect(events[1]).toEqual({
    jsonrpc: '2.0',
    id: 2,
    error: { code: -32010, message: `${CRASHED}Error: broke in a stream` },
  });
});

test('a process that is killed from outside is a crash too', async () => {
  const { runtime, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const { pid } = await endpoint.describe(sessionId);
  const call = endpoint.message('hang', {}, sessionId);
  const stream = await fetch(endpoint.url, { headers: { 'mcp-session-id': sessionId } });
  const stopped = nextStop(runtime);
  process.kill(pid, 'SIGKILL');
  expect(await stopped).toMatchObject({ reason: 'crashed', exitCode: null, signal: 'SIGKILL' });
  expect((await call).error?.message).toBe('the server process of this session ended by SIGKILL during the request');
  await stream.text();
});

test('what the process has started ends with it', async () => {
  const { runtime, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const { result } = await endpoint.message<{ pid: number }>('spawnChild', {}, sessionId);
  const child = result?.pid as number;
  expect(isAlive(child)).toBe(true);
  const stopped = nextStop(runtime);
  await (await endpoint.call('crash', { exitCode: 7 }, sessionId)).text();
  await stopped;
  await until(() => !isAlive(child));
});

test('a crash during initialize is an error, and the next initialize works', async () => {
  const { endpoint } = await startRuntime({
    runtimes: [
      {
        name: 'fragile',
        command: [
          'node',
          '-e',
          `
    require('node:http').createServer(() => { console.error('Error: not today'); process.exit(9); }).listen(process.env.PORT, process.env.HOST);
  `,
        ],
      },
    ],
  });
  const response = await endpoint.send({ jsonrpc: '2.0', id: 'first', method: 'initialize' });
  expect(await response.json()).toMatchObject({
    id: 'first',
    error: { code: -32010, message: expect.stringContaining('exit code 9') as string },
  });
  expect(response.headers.get('mcp-session-id')).toBeNull();
});

test('a connection that the living server drops before its answer is an error for that call alone', async () => {
  const { endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  expect((await endpoint.message('dropConnection', {}, sessionId)).error).toEqual({
    code: -32010,
    message: 'the server closed the connection without a response',
  });
  expect((await endpoint.call('describe', {}, sessionId)).status).toBe(200);
});

test('a stream that the living server drops is dropped for the client, who may resume it', async () => {
  const { endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const response = await endpoint.call('dropStream', {}, sessionId);
  await expect(response.text()).rejects.toThrow();
  expect((await endpoint.call('describe', {}, sessionId)).status).toBe(200);
});

test('the error of a very long request comes without its id, which was only passed on', async () => {
  const { endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const call = endpoint.message('hang', { padding: 'x'.repeat(300_000) }, sessionId);
  await (await endpoint.call('crash', { exitCode: 7 }, sessionId)).text();
  expect(await call).toMatchObject({ id: null, error: { code: -32010 } });
});
