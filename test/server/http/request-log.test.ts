import * as z from 'zod';
import { interactive, type LogEntry, type LogLevel } from 'stateful-mcp-server';
import { logToStderr } from '../../../server/src/common/log';
import { closeKits, initialize, INITIALIZE, messagesOf, modernCall, openKit, post, URL_OF_KIT, type Kit } from '../kit';

afterEach(async () => {
  delete process.env['STATEFUL_MCP_LOG_LEVEL'];
  jest.restoreAllMocks();
  await closeKits();
});

function kit(options: Parameters<typeof openKit>[1] = {}): Kit {
  return openKit(server => {
    server.registerTool(
      'pay',
      { description: 'Pays.', inputSchema: z.object({ card: z.string().optional() }) },
      interactive(async (_args, io) => ({
        content: [{ type: 'text', text: JSON.stringify(await io.elicit('PIN?', z.object({ pin: z.string() }))) }],
      })),
    );
    server.registerTool('fail', { description: 'Fails.', inputSchema: z.object({}) }, () => {
      throw new Error('secret-of-the-error');
    });
  }, options);
}

const DURATION = { durationMs: expect.any(Number) as number };
const events = (log: readonly LogEntry[]): string[] => log.map(({ event }) => event);

test('has one entry for each request, and for the start and end of a session', async () => {
  const { log, ...logged } = kit();
  const sessionId = await initialize({ ...logged, log }, { 'x-amzn-bedrock-agentcore-runtime-request-id': 'r-1' });
  await (
    await post({ ...logged, log }, { jsonrpc: '2.0', id: 7, method: 'tools/list' }, { 'mcp-session-id': sessionId })
  ).text();
  await post(
    { ...logged, log },
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { 'mcp-session-id': sessionId },
  );
  await logged.fetch(URL_OF_KIT, { method: 'DELETE', headers: { 'mcp-session-id': sessionId } });
  await post(
    { ...logged, log },
    { jsonrpc: '2.0', id: 'eight', method: 'tools/list' },
    { 'mcp-session-id': sessionId },
  );
  expect(log).toEqual([
    { level: 'info', event: 'session-started', sessionId, sessions: 1 },
    {
      level: 'info',
      event: 'request',
      method: 'POST',
      rpcMethod: 'initialize',
      requestId: 0,
      status: 200,
      sessionId,
      platformRequestId: 'r-1',
      ...DURATION,
    },
    {
      level: 'info',
      event: 'request',
      method: 'POST',
      rpcMethod: 'tools/list',
      requestId: 7,
      status: 200,
      sessionId,
      ...DURATION,
    },
    {
      level: 'info',
      event: 'request',
      method: 'POST',
      rpcMethod: 'notifications/initialized',
      status: 202,
      sessionId,
      ...DURATION,
    },
    { level: 'info', event: 'session-stopped', sessionId, reason: 'deleted', sessions: 0 },
    { level: 'info', event: 'request', method: 'DELETE', status: 200, sessionId, ...DURATION },
    {
      level: 'info',
      event: 'request',
      method: 'POST',
      rpcMethod: 'tools/list',
      requestId: 'eight',
      status: 404,
      sessionId,
      ...DURATION,
    },
  ]);
});

test('never has what a tool was called with, asked, was answered or gave back, in either era', async () => {
  const logged = kit({ logLevel: 'debug' });
  const initialized = await post(logged, {
    ...INITIALIZE,
    params: { ...INITIALIZE.params, capabilities: { elicitation: {} } },
  });
  const session = { 'mcp-session-id': initialized.headers.get('mcp-session-id')! };
  const call = await post(
    logged,
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'pay', arguments: { card: 'secret-card' } } },
    session,
  );
  await post(logged, { jsonrpc: '2.0', id: 0, result: { action: 'accept', content: { pin: 'secret-pin' } } }, session);
  expect(JSON.stringify(await messagesOf(call))).toContain('secret-pin');

  const modern = { name: 'pay', arguments: { card: 'secret-card' } };
  const { result } = await modernCall(logged, modern);
  const inputResponses = { q0: { action: 'accept', content: { pin: 'secret-pin' } } };
  await modernCall(logged, { ...modern, requestState: result!.requestState, inputResponses });
  await modernCall(logged, { ...modern, requestState: 'secret-state', inputResponses });
  await modernCall(logged, { name: 'fail' });

  expect(logged.log.filter(({ tool }) => tool === 'pay')).toHaveLength(4);
  expect(events(logged.log)).toContain('request-state-refused');
  expect(JSON.stringify(logged.log)).not.toContain('secret');
});

test('has a stream once it ends', async () => {
  const logged = kit();
  const sessionId = await initialize(logged);
  const stream = await logged.fetch(URL_OF_KIT, {
    headers: { accept: 'text/event-stream', 'mcp-session-id': sessionId },
  });
  expect(logged.log.filter(({ method }) => method === 'GET')).toEqual([]);
  await stream.body!.cancel();
  expect(logged.log.filter(({ method }) => method === 'GET')).toEqual([
    { level: 'info', event: 'request', method: 'GET', status: 200, sessionId, ...DURATION },
  ]);
});

test.each<[LogLevel | undefined, string | undefined, string[]]>([
  ['silent', undefined, []],
  ['error', undefined, ['error']],
  [undefined, 'error', ['error']],
  ['error', 'debug', ['error']],
  [undefined, undefined, ['info', 'error']],
  ['debug', undefined, ['debug', 'info', 'error']],
])('at the level %s, with %s in the environment, tells %j', async (logLevel, environment, levels) => {
  if (environment !== undefined) {
    process.env['STATEFUL_MCP_LOG_LEVEL'] = environment;
  }
  const logged = kit({ ...(logLevel && { logLevel }) });
  await logged.fetch('http://kit.test/ping');
  await logged.fetch('http://kit.test/elsewhere');
  await logged.handler.close();
  await post(logged, INITIALIZE);
  expect(logged.log.map(({ level }) => level)).toEqual(levels);
});

test('refuses a level that is none', () => {
  process.env['STATEFUL_MCP_LOG_LEVEL'] = 'loud';
  expect(() => kit()).toThrow(
    expect.objectContaining({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('debug, info, error, silent, got "loud"') as string,
    }) as Error,
  );
});

test('goes to stderr, one JSON object a line, after the work at hand; errors at once', async () => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const written = (): string[] =>
    write.mock.calls
      .flatMap(([text]) => String(text).trim().split('\n'))
      .map(line => line.replace(/"time":"\d{4}-[^"]*Z",/, ''));
  logToStderr({ level: 'info', event: 'request', status: 200, sessionId: undefined });
  logToStderr({ level: 'debug', event: 'request', status: 201 });
  expect(written()).toEqual([]);
  await new Promise(resolve => setImmediate(resolve));
  const first = ['{"level":"info","event":"request","status":200}', '{"level":"debug","event":"request","status":201}'];
  expect(written()).toEqual(first);
  logToStderr({ level: 'info', event: 'stopping' });
  logToStderr({ level: 'error', event: 'request-failed' });
  expect(written()).toEqual([
    ...first,
    '{"level":"info","event":"stopping"}',
    '{"level":"error","event":"request-failed"}',
  ]);
  await new Promise(resolve => setImmediate(resolve));
  expect(written()).toHaveLength(4);
});
