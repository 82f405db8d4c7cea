// The process of a session: its start, its end, and what it writes; and the settings of the bridge.
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectClient, textOf } from '../../server/clients';
import { INITIALIZE, messagesOf } from '../../server/kit';
import {
  bridge,
  call,
  endBridges,
  eventsOf,
  gone,
  installBridge,
  logged,
  packagesFolder,
  pidOf,
  post,
  removeBridge,
  sessionOf,
} from './bridge';

beforeAll(installBridge);
afterEach(endBridges);
afterAll(removeBridge);

describe('the process of a session', () => {
  test('ends by DELETE, and its session is unknown at once', async () => {
    const { url } = await bridge();
    const client = await connectClient('SDK v1', url);
    const pid = await pidOf(client);
    const headers = { 'mcp-session-id': client.sessionId ?? '' };
    await client.terminateSession();
    const refused = await post(url, call('pid'), headers);
    expect([refused.status, await refused.json()]).toEqual([
      404,
      { jsonrpc: '2.0', id: 1, error: { code: -32001, message: 'Session not found' } },
    ]);
    await gone(pid);
  });

  test('ends when the session is idle, and not while a call is open', async () => {
    const { url } = await bridge({ STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '1', STATEFUL_MCP_MAX_LIFETIME_SECONDS: '60' });
    const [idle, busy] = [await sessionOf(url), await sessionOf(url)];
    const waiting = await post(url, call('wait'), busy);
    const answer = (await messagesOf(await post(url, call('pid'), idle))).at(-1) as { result: never };
    await gone(Number(textOf(answer.result)));
    expect((await post(url, call('pid', 2), idle)).status).toBe(404);
    expect((await post(url, call('pid', 2), busy)).status).toBe(200);
    await waiting.body?.cancel();
  });

  test('ends after the max lifetime, whatever it does', async () => {
    const { url } = await bridge({ STATEFUL_MCP_MAX_LIFETIME_SECONDS: '2' });
    const messages = await messagesOf(await post(url, call('wait'), await sessionOf(url)));
    expect(messages).toMatchObject([{ id: 1, error: { data: { code: 'ERR_STDIO_SERVER_ENDED' } } }]);
  });

  test.each([['SIGTERM'], ['SIGINT']] as const)(
    'ends with the bridge at %s, even when it does not want to',
    async signal => {
      const parent = await bridge({ STUBBORN: '1' });
      const pid = await pidOf(await connectClient('SDK v1', parent.url));
      parent.process.kill(signal);
      expect(await parent.exited).toEqual({ code: 0, signal: null });
      await gone(pid);
    },
  );

  test('ends when the bridge is killed', async () => {
    const parent = await bridge();
    const pid = await pidOf(await connectClient('SDK v1', parent.url));
    parent.process.kill('SIGKILL');
    await gone(pid);
  });

  test('may write what is no message: it is skipped, and noted without its content', async () => {
    const server = await bridge();
    expect(textOf(await (await connectClient('SDK v2 legacy', server.url)).call('babble'))).toBe('said');
    await logged(server, 'child-output-invalid', 2);
    expect(eventsOf(server).filter(({ event }) => event === 'child-output-invalid')).toMatchObject([
      { level: 'error', length: 15 },
      { level: 'error', length: 19 },
    ]);
    expect(server.lines.join('\n')).not.toContain('this is no JSON');
  });

  test('is ended when it writes a line without an end', async () => {
    const server = await bridge({ SCRIPT: 'bin/long-line' });
    const [answer] = await messagesOf(await post(server.url, INITIALIZE));
    expect(answer).toMatchObject({
      id: 0,
      error: { message: expect.stringContaining('was ended by SIGKILL') as string },
    });
    await logged(server, 'child-output-too-long');
    expect(eventsOf(server)).toContainEqual(expect.objectContaining({ event: 'child-output-too-long' }));
  });

  test('finds the packages beside it, and tells of its end at the start', async () => {
    const server = await bridge({ SCRIPT: 'bin/environment' });
    const [answer] = await messagesOf(await post(server.url, INITIALIZE));
    expect(answer).toMatchObject({
      error: { message: 'the server process of this session ended with exit code 7: start a new session' },
    });
    await logged(server, 'path of the package');
    expect(server.lines.join('\n')).toContain(`path of the package: ${packagesFolder()}/uvicorn/__init__.py`);
    await logged(server, 'path of programs');
    expect(server.lines.join('\n')).toContain(`path of programs: ${packagesFolder()}/bin${path.delimiter}`);
    expect((await post(server.url, INITIALIZE)).status).toBe(200);
  });
});

describe('in a drain', () => {
  test('open calls are finished, their questions are answered, and new calls are refused', async () => {
    const parent = await bridge();
    let answered: (() => void) | undefined;
    const client = await connectClient('SDK v1', parent.url, {
      elicit: async () => {
        parent.process.kill('SIGTERM');
        await new Promise<void>(resolve => (answered = resolve));
        return { action: 'accept', content: { answer: 'late' } };
      },
      sample: prompt => `sampled ${prompt}`,
    });
    const asked = client.call('ask', { word: 'hello' });
    while (!parent.lines.some(line => line.includes('"stopping"'))) {
      await pause(10);
    }
    const refused = await post(parent.url, call('pid', 'new'), { 'mcp-session-id': client.sessionId ?? '' });
    expect(refused.status).toBe(503);
    answered?.();
    expect(textOf(await asked)).toBe('hello accept sampled late');
    expect(await parent.exited).toEqual({ code: 0, signal: null });
  });
});

test.each<[Record<string, string>, string]>([
  [{ PORT: 'http' }, '`PORT` must be a whole number from 0 to 65535, got "http"'],
  [{ STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '0' }, '`STATEFUL_MCP_IDLE_TIMEOUT_SECONDS` must be a whole number of seconds'],
  [
    { STATEFUL_MCP_IDLE_TIMEOUT_SECONDS: '90', STATEFUL_MCP_MAX_LIFETIME_SECONDS: '60' },
    'must be at most `STATEFUL_MCP_MAX_LIFETIME_SECONDS` (60), got 90',
  ],
  [
    { STATEFUL_MCP_LOG_LEVEL: 'loud' },
    '`STATEFUL_MCP_LOG_LEVEL` must be one of debug, info, error, silent, got "loud"',
  ],
])('a setting that cannot be is refused: %j', async (environment, message) => {
  await expect(bridge(environment)).rejects.toThrow(message);
});
