import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { ManualClock, type LocalRuntimeDefinition, type LocalRuntimeOptions } from 'stateful-mcp-local';
import { dataClient } from '../aws-clients';
import { nextStop, startRuntime, until, type Started } from '../running';

const SERVER = `
  let calls = 0;
  let busy = false;
  require('node:http').createServer((request, response) => {
    if (request.url === '/ping') return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: busy ? 'HealthyBusy' : 'Healthy' }));
    let body = '';
    request.on('data', chunk => body += chunk).on('end', () => {
      const { prompt } = JSON.parse(body);
      if (prompt === 'busy') busy = true;
      if (prompt === 'fail') return response.writeHead(418).end('teapot');
      if (prompt === 'crash') return process.exit(3);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
        pid: process.pid, calls: ++calls, path: request.url, sessionId: request.headers['x-amzn-bedrock-agentcore-runtime-session-id'],
      }));
    });
  }).listen(process.env.PORT, process.env.HOST);
`;
const agent: LocalRuntimeDefinition = { name: 'agent', command: [process.execPath, '-e', SERVER], protocol: 'HTTP' };
const SESSION = 'session-of-thirty-three-characters-or-more';

type Invoke = (prompt: string, runtimeSessionId?: string) => Promise<Answer & { returnedId?: string }>;

interface Answer {
  pid: number;
  calls: number;
  path: string;
  sessionId: string;
}

async function start(options: Partial<LocalRuntimeOptions> = {}): Promise<{ started: Started; invoke: Invoke }> {
  const started = await startRuntime({ runtimes: [agent], ...options });
  const client = dataClient(started.url);
  const agentRuntimeArn = started.runtime.runtimes[0]?.arn ?? '';
  return {
    started,
    invoke: async (prompt, runtimeSessionId) => {
      const answer = await client.send(
        new InvokeAgentRuntimeCommand({
          agentRuntimeArn,
          runtimeSessionId,
          payload: Buffer.from(JSON.stringify({ prompt })),
        }),
      );
      return {
        ...(JSON.parse((await answer.response?.transformToString()) ?? '') as Answer),
        returnedId: answer.runtimeSessionId,
      };
    },
  };
}

test('the runtime session id keeps a caller with its process', async () => {
  const { invoke } = await start();
  const [first, second, other] = [await invoke('hi', SESSION), await invoke('hi', SESSION), await invoke('hi')];
  expect(first).toMatchObject({ calls: 1, path: '/invocations', sessionId: SESSION, returnedId: SESSION });
  expect(second).toMatchObject({ pid: first.pid, calls: 2 });
  expect(other).toMatchObject({ calls: 1, sessionId: other.returnedId });
  expect(other.pid).not.toBe(first.pid);
});

test('a request without a session id gets a new session and its id', async () => {
  const {
    started: { url },
  } = await start();
  const response = await fetch(`${url}/invocations`, { method: 'POST', body: '{"prompt":"hi"}' });
  const { sessionId } = (await response.json()) as Answer;
  expect(response.headers.get('x-amzn-bedrock-agentcore-runtime-session-id')).toBe(sessionId);
  expect(response.headers.get('mcp-session-id')).toBeNull();
});

test('an error of the server is a RuntimeClientError, and the session lives on', async () => {
  const { invoke } = await start();
  const { pid } = await invoke('hi', SESSION);
  await expect(invoke('fail', SESSION)).rejects.toMatchObject({
    name: 'RuntimeClientError',
    message: 'Received error (418) from runtime. Please check your CloudWatch logs for more information.',
    $metadata: { httpStatusCode: 424 },
  });
  expect((await invoke('hi', SESSION)).pid).toBe(pid);
  await expect(invoke('crash', SESSION)).rejects.toMatchObject({ name: 'RuntimeClientError' });
  expect((await invoke('hi', SESSION)).pid).not.toBe(pid);
});

test.each([
  ['an endpoint that does not exist', '/invocations?qualifier=live', {}, 404, 'ResourceNotFoundException'],
  [
    'a session id that is too short',
    '/invocations',
    { 'x-amzn-bedrock-agentcore-runtime-session-id': 'short' },
    400,
    'ValidationException',
  ],
])('the platform refuses as the service model says: %s', async (_, suffix, headers, status, name) => {
  const {
    started: { runtime, url },
  } = await start();
  const response = await fetch(`${url}/runtimes/${encodeURIComponent(runtime.runtimes[0]?.arn ?? '')}${suffix}`, {
    method: 'POST',
    body: '{}',
    headers,
  });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([status, name]);
});

test('throttling and quotas have their own status', async () => {
  const {
    started: { url },
  } = await start({ quotas: { requestsPerSecond: 2, activeSessions: 1 } });
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => fetch(`${url}/invocations`, { method: 'POST', body: '{"prompt":"hi"}' })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 402, 429, 429]);
});

test('only POST is served', async () => {
  const {
    started: { url },
  } = await start();
  expect((await fetch(`${url}/invocations`)).status).toBe(405);
});

test('a server that says it is busy does not idle, until its max lifetime', async () => {
  const clock = new ManualClock();
  const runtimes = [{ ...agent, idleTimeoutSeconds: 60, maxLifetimeSeconds: 3600 }];
  const {
    invoke,
    started: { runtime },
  } = await start({ clock, runtimes, settings: { pingIntervalMs: 10_000 } });
  await invoke('busy', SESSION);
  await until(() => runtime.sessions()[0]?.state === 'idle');
  clock.advance(10_000);
  await until(() => runtime.sessions()[0]?.state === 'active');
  clock.advance(600_000);
  expect(runtime.sessions()[0]?.state).toBe('active');
  const stopped = nextStop(runtime);
  clock.advance(3_000_000);
  expect((await stopped).reason).toBe('max-lifetime');
});
