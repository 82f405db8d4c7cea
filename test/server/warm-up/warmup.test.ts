import { McpServer } from '@modelcontextprotocol/server';
import {
  createMcpFetchHandler,
  serve,
  type FetchHandlerOptions,
  type LogEntry,
  type McpServerFactory,
} from 'stateful-mcp-server';
import { closeKits, echo, initialize, openKit, post, type Kit } from '../kit';

afterEach(closeKits);

const HOOK = 'http://kit.test/warmup';

const warmUp = ({ fetch }: Pick<Kit, 'fetch'>): Promise<Response> => fetch(HOOK, { method: 'POST' });

test('holds a conversation in both eras, lists what there is, and leaves no session', async () => {
  const eras: string[] = [];
  const read = jest.fn(() => ({ contents: [] }));
  const log: LogEntry[] = [];
  const handler = createMcpFetchHandler(
    ({ era }) => {
      eras.push(era);
      const server = new McpServer({ name: 'warmed', version: '1.0.0' });
      echo(server);
      server.registerResource('readme', 'file:///readme', {}, read);
      return server;
    },
    { log: entry => log.push(entry) },
  );
  const response = await handler.fetch(new Request(HOOK, { method: 'POST', body: '{}' }));
  expect([response.status, await response.json()]).toEqual([200, { status: 'WarmedUp' }]);
  expect(new Set(eras)).toEqual(new Set(['legacy', 'modern']));
  expect(read).not.toHaveBeenCalled();
  expect([handler.sessionCount, handler.openCallCount]).toEqual([0, 0]);
  expect(log.map(({ event }) => event)).toEqual(['warmed-up', 'request']);
  await handler.close();
});

test('is answered by serve() on its port, and by a server at another path', async () => {
  await using listener = await serve(() => new McpServer({ name: 'served', version: '1.0.0' }), {
    host: '127.0.0.1',
    port: 0,
    path: '/v1/mcp',
    logLevel: 'silent',
  });
  const response = await fetch(new URL('/warmup', listener.url), { method: 'POST' });
  expect([response.status, await response.text()]).toEqual([200, '{"status":"WarmedUp"}']);
});

const failing = (factory: McpServerFactory, options: FetchHandlerOptions = {}): Promise<[number, string]> => {
  const handler = createMcpFetchHandler(factory, { logLevel: 'silent', ...options });
  return handler
    .fetch(new Request(HOOK, { method: 'POST' }))
    .then(async response => [response.status, await response.text()]);
};
const empty: McpServerFactory = () => new McpServer({ name: 'warmed', version: '1.0.0' });

describe('a version that fails says why', () => {
  test('its factory throws', async () => {
    const thrown = await failing(() => {
      throw new Error('TABLE_NAME is not set');
    });
    expect(thrown).toEqual([500, 'the warm-up failed in its step "initialize": TABLE_NAME is not set\n']);
  });

  test('its factory throws in the modern era alone', async () => {
    const [status, reason] = await failing(context => {
      if (context.era === 'modern') {
        throw new Error('no such era');
      }
      return empty(context);
    });
    expect([status, reason]).toEqual([
      500,
      'the warm-up failed in its step "server/discover of the modern era": no such era\n',
    ]);
  });

  test('its factory returns something else', async () => {
    expect(await failing(() => ({}) as McpServer)).toEqual([
      500,
      expect.stringContaining('step "initialize": the factory must return a `McpServer`'),
    ]);
  });

  test('a list of it cannot be made', async () => {
    const [status, reason] = await failing(() => {
      const server = new McpServer({ name: 'warmed', version: '1.0.0' }, { capabilities: { prompts: {} } });
      server.server.setRequestHandler('prompts/list', () => {
        throw new Error('the prompts are gone');
      });
      return server;
    });
    expect([status, reason]).toEqual([
      500,
      expect.stringMatching(/^the warm-up failed in its step "prompts\/list": .*the prompts are gone/),
    ]);
  });

  test('its own test throws', async () => {
    const selfTest = async (): Promise<void> => Promise.reject(new Error('the table cannot be read'));
    expect(await failing(empty, { selfTest })).toEqual([
      500,
      'the warm-up failed in its step "selfTest": the table cannot be read\n',
    ]);
  });

  test('the platform hung up while it waited', async () => {
    const hungUp = new AbortController();
    const handler = createMcpFetchHandler(() => new Promise<never>(() => {}), { logLevel: 'silent' });
    const response = handler.fetch(new Request(HOOK, { method: 'POST', signal: hungUp.signal }));
    setTimeout(() => hungUp.abort(), 20);
    expect(await (await response).text()).toBe('the warm-up failed in its step "initialize": the platform hung up\n');
  });
});

test("the author's own test has a session with the server", async () => {
  const results: unknown[] = [];
  const kit = openKit(echo, {
    selfTest: async session => {
      results.push(await session.callTool('echo'), await session.callTool('missing').catch(String));
    },
  });
  expect((await warmUp(kit)).status).toBe(200);
  expect(results).toEqual([
    expect.objectContaining({ content: [{ type: 'text', text: 'ok' }] }),
    expect.stringContaining('missing'),
  ]);
});

test('a test that is no function is refused', () => {
  expect(() => createMcpFetchHandler(empty, { selfTest: 'echo' as never })).toThrow('`selfTest` must be a function');
});

test('hooks at the same time get the outcome of one conversation', async () => {
  const selfTest = jest.fn();
  const kit = openKit(echo, { selfTest });
  const responses = await Promise.all([warmUp(kit), warmUp(kit)]);
  expect(await Promise.all(responses.map(response => response.text()))).toEqual([
    '{"status":"WarmedUp"}',
    '{"status":"WarmedUp"}',
  ]);
  expect(selfTest).toHaveBeenCalledTimes(1);
});

describe('nobody else has a use for it', () => {
  test('once a session was opened', async () => {
    const selfTest = jest.fn();
    const kit = openKit(echo, { selfTest });
    await initialize(kit);
    expect((await warmUp(kit)).status).toBe(409);
    expect(selfTest).not.toHaveBeenCalled();
  });

  test('a probe before it takes it from nobody', async () => {
    const kit = openKit(echo);
    await post(kit, { jsonrpc: '2.0', id: 'health', method: 'ping' });
    await kit.fetch('http://kit.test/ping');
    expect((await warmUp(kit)).status).toBe(200);
  });

  test('by another method', async () => {
    const response = await openKit(echo).fetch(HOOK);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('its path is no path of MCP', () => {
    expect(() => createMcpFetchHandler(empty, { path: '/warmup' })).toThrow('/warmup for the warm-up hook');
  });
});
