import { ListAgentRuntimesCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import type { UnloggedEvent } from '../../../local/src/events/event-log';
import { RefusalLog } from '../../../local/src/events/refusal-log';
import { controlClient } from '../aws-clients';
import { startRuntime, type Started } from '../running';

const credentials = [{ accessKeyId: 'AKID', secretAccessKey: 'secret' }];
const SECRET = 'what the caller said';
const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { SECRET } };
const notesOf = ({ log }: Started): string[] =>
  log.filter(({ stream }) => stream === 'runtime').map(({ runtimeName, line }) => `${runtimeName}: ${line}`);

test.each<[string, (started: Started) => Promise<unknown>, RegExp]>([
  [
    'an unsigned call',
    ({ runtime, url }) =>
      fetch(url + (runtime.runtimes[0]?.invocationPath ?? ''), { method: 'POST', body: JSON.stringify(body) }),
    /^sessions: refused initialize: AccessDeniedException, Missing Authentication Token$/,
  ],
  [
    'a runtime session id that is too short',
    ({ endpoint }) =>
      endpoint.send(body, undefined, { headers: { 'x-amzn-bedrock-agentcore-runtime-session-id': 'short' } }),
    /^sessions: refused initialize: ValidationException, runtimeSessionId: must be at least 33 characters, got 5$/,
  ],
  [
    'a qualifier that does not exist',
    ({ runtime, url }) =>
      fetch(`${url}${runtime.runtimes[0]?.invocationPath.replace('DEFAULT', 'prod')}`, {
        method: 'POST',
        body: JSON.stringify(body),
      }),
    /^sessions: refused initialize: ResourceNotFoundException, No endpoint or agent found with qualifier 'prod'/,
  ],
  [
    'an Accept header without event streams',
    ({ endpoint }) => endpoint.send(body, undefined, { headers: { accept: 'application/json' } }),
    /^sessions: refused initialize: McpRequestUnacceptableException, MCP protocol requires Accept header/,
  ],
  [
    'a method that is not allowed',
    ({ url }) => fetch(`${url}/mcp`, { method: 'PUT', body: JSON.stringify(body) }),
    /^sessions: refused PUT: MethodNotAllowed, PUT is none of POST, GET, DELETE$/,
  ],
  [
    'the page of another site',
    ({ endpoint }) => endpoint.send(body, undefined, { headers: { origin: 'https://elsewhere.example' } }),
    /^: refused POST: Forbidden, Invalid Origin: https:\/\/elsewhere\.example$/,
  ],
  [
    'a path where nothing is',
    ({ url }) => fetch(`${url}/nothing/mcp`, { method: 'POST', body: JSON.stringify(body) }),
    /^: refused POST: NotFound, nothing at \/nothing\/mcp$/,
  ],
])('the log says the cause of %s, and nothing of its body', async (_, send, line) => {
  const started = await startRuntime({ credentials });
  await send(started);
  await send(started);
  expect(notesOf(started)).toEqual([expect.stringMatching(line) as string]);
  expect(JSON.stringify(started.log)).not.toContain(SECRET);
});

test('the event log has the operations besides invocations, and what went nowhere', async () => {
  const { runtime, url, endpoint } = await startRuntime();
  const sessionId = await endpoint.initialize();
  const [{ invocationPath } = { invocationPath: '' }] = runtime.runtimes;
  const stop = invocationPath.replace('/invocations', '/stopruntimesession');
  const headers = { 'x-amzn-bedrock-agentcore-runtime-session-id': sessionId };
  await fetch(url + stop, { method: 'POST', headers });
  await fetch(url + stop, { method: 'POST' });
  await fetch(url + invocationPath.replace('?', '/.well-known/oauth-protected-resource?'));
  await controlClient(url).send(new ListAgentRuntimesCommand({}));
  await fetch(`${url}/runtimes/unknown/invocations`, { method: 'POST', body: '{}' });
  await fetch(`${url}/elsewhere?secret=1`);
  expect(runtime.eventLog.filter(({ type }) => type === 'operation')).toMatchObject([
    { operation: 'StopRuntimeSession', runtimeName: 'sessions', status: 200, error: undefined },
    { operation: 'StopRuntimeSession', status: 400, error: { name: 'ValidationException' } },
    {
      operation: 'protected resource metadata',
      method: 'GET',
      status: 404,
      error: { name: 'ResourceNotFoundException' },
    },
    { operation: 'ListAgentRuntimes', method: 'POST', path: '/runtimes/', status: 200 },
    {
      operation: undefined,
      path: '/runtimes/unknown/invocations',
      status: 404,
      error: { name: 'ResourceNotFoundException' },
    },
    { operation: undefined, path: '/elsewhere', status: 404 },
  ]);
});

test('many refusals are few lines', () => {
  const lines: string[] = [];
  const log = new RefusalLog(line => lines.push(line));
  const refused = (message: string): UnloggedEvent => ({
    type: 'request',
    runtimeName: 'a',
    sessionId: undefined,
    method: 'POST',
    rpcMethod: 'ping',
    status: 200,
    error: { name: 'ValidationException', message },
    durationMs: 0,
  });
  for (let index = 0; index < 100; index++) {
    log.record(refused('the same'), index);
  }
  expect(lines).toEqual(['refused ping: ValidationException, the same']);
  log.record(refused('the same'), 10_000);
  expect(lines[1]).toBe('refused ping: ValidationException, the same (99 more refused since the last line)');
  for (let index = 0; index < 100; index++) {
    log.record(refused(`cause ${index}`), 30_000 + index);
  }
  expect(lines).toHaveLength(22);
});
