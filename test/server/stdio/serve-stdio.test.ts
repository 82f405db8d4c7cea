import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { serveStdio, type HttpListener, type LogEntry, type ServeStdioOptions } from 'stateful-mcp-server';
import { bundle, closeChildren, removeBundles, startChild } from '../child-server';
import {
  closeClients,
  connectClient,
  LEGACY_KINDS,
  textOf,
  type ConnectOptions,
  type Progress,
  type TestClient,
} from '../clients';
import { INITIALIZE, JSON_HEADERS, messagesOf, modernRequest } from '../kit';

const SERVER = path.join(__dirname, '../fixtures', 'stdio-server.mjs');
const EVERYTHING = path.join(
  path.dirname(require.resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist',
  'index.js',
);

const listeners: HttpListener[] = [];

afterEach(async () => {
  await closeClients();
  await Promise.all(listeners.splice(0).map(listener => listener.close()));
  await closeChildren();
});

interface Bridge extends HttpListener {
  readonly log: LogEntry[];
}

async function bridge(
  args: readonly string[] = [SERVER],
  options: ServeStdioOptions = {},
  command = process.execPath,
): Promise<Bridge> {
  const log: LogEntry[] = [];
  const listener = await serveStdio(command, args, {
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 0,
    log: entry => log.push(entry),
    ...options,
  });
  listeners.push(listener);
  return { ...listener, log };
}

const ANSWERS: ConnectOptions = {
  elicit: ({ message }) => ({ action: 'accept', content: { answer: message.toUpperCase() } }),
  sample: prompt => `sampled ${prompt}`,
};

async function pidOf(client: TestClient): Promise<number> {
  return Number(textOf(await client.call('pid')));
}

/** Waits for the end of a process that is not ours to wait for. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

describe.each(LEGACY_KINDS)('%s', kind => {
  test('meets a process of its own in each session, and questions in both directions', async () => {
    const { url } = await bridge();
    const [one, two] = [await connectClient(kind, url, ANSWERS), await connectClient(kind, url, ANSWERS)];
    expect(await pidOf(one)).not.toBe(await pidOf(two));
    expect(await pidOf(one)).toBe(await pidOf(one));
    expect(textOf(await one.call('ask', { word: 'hello' }))).toBe('hello accept sampled HELLO');
  });

  test('gets answers and progress of calls that run at the same time', async () => {
    const client = await connectClient(kind, (await bridge()).url, ANSWERS);
    const progress: Record<string, Progress[]> = { a: [], b: [] };
    const results = await Promise.all(
      ['a', 'b'].map(name => client.call('steps', { name }, { onprogress: step => progress[name]!.push(step) })),
    );
    expect(results.map(textOf)).toEqual(['a', 'b']);
    expect(progress).toMatchObject({
      a: [{ message: 'a 1' }, { message: 'a 2' }],
      b: [{ message: 'b 1' }, { message: 'b 2' }],
    });
    const asked = await Promise.all(['c', 'd', 'e'].map(word => client.call('ask', { word })));
    expect(asked.map(textOf)).toEqual(['c accept sampled C', 'd accept sampled D', 'e accept sampled E']);
  });

  test('cancels a call', async () => {
    const client = await connectClient(kind, (await bridge()).url);
    const abort = new AbortController();
    const call = expect(client.call('wait', {}, { signal: abort.signal })).rejects.toThrow();
    await pidOf(client);
    abort.abort();
    await call;
    while (textOf(await client.call('cancelled')) !== '1') {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  });

  test('is told when its process ends, and nobody else notices', async () => {
    const { url, log } = await bridge();
    const [one, two] = [await connectClient(kind, url), await connectClient(kind, url)];
    const pid = await pidOf(two);
    const waiting = one.call('wait');
    await expect(Promise.all([waiting, one.call('exit', { code: 3 })])).rejects.toMatchObject({
      code: -32000,
      message: expect.stringContaining(
        'the server process of this session ended with exit code 3: start a new session',
      ) as string,
      data: { code: 'ERR_STDIO_SERVER_ENDED' },
    });
    await expect(waiting).rejects.toThrow('ended with exit code 3');
    await expect(one.call('pid')).rejects.toMatchObject({
      message: expect.stringContaining('Session not found') as string,
    });
    expect(await pidOf(two)).toBe(pid);
    expect(log).toContainEqual(
      expect.objectContaining({ event: 'child-output', sessionId: one.sessionId, line: 'about to exit' }),
    );
    expect(log).toContainEqual(
      expect.objectContaining({ event: 'child-stopped', sessionId: one.sessionId, reason: 'ended with exit code 3' }),
    );
  });

  test('is told that a server cannot be started', async () => {
    const { url } = await bridge([], {}, '/nowhere/to/be/found');
    await expect(connectClient(kind, url)).rejects.toThrow(
      'the server process of this session could not be started: spawn /nowhere/to/be/found ENOENT',
    );
  });

  test('uses server-everything as it is', async () => {
    const { url } = await bridge([EVERYTHING, 'stdio']);
    const client = await connectClient(kind, url, {
      elicit: () => ({ action: 'accept', content: { name: 'Ada', check: true } }),
      sample: prompt => `sampled ${prompt}`,
    });
    expect(textOf(await client.call('echo', { message: 'hello' }))).toContain('hello');
    const progress: Progress[] = [];
    expect(
      textOf(
        await client.call(
          'trigger-long-running-operation',
          { duration: 0.1, steps: 2 },
          { onprogress: step => progress.push(step) },
        ),
      ),
    ).toContain('completed');
    expect(progress).toMatchObject([
      { progress: 1, total: 2 },
      { progress: 2, total: 2 },
    ]);
    expect(textOf(await client.call('trigger-elicitation-request'))).toContain('Ada');
    expect(textOf(await client.call('trigger-sampling-request', { prompt: 'a poem' }))).toContain('sampled');
    expect(await client.request('resources/list')).toMatchObject({ resources: expect.any(Array) as unknown[] });
    expect(await client.request('prompts/list')).toMatchObject({ prompts: expect.any(Array) as unknown[] });
  });
});

describe('the process of a session', () => {
  test('ends by DELETE', async () => {
    const client = await connectClient('SDK v1', (await bridge()).url);
    const pid = await pidOf(client);
    await client.terminateSession();
    await gone(pid);
  });

  test('ends when the session is idle', async () => {
    const { url } = await bridge([SERVER], { sessionIdleTimeoutMs: 2000 });
    const initialized = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) });
    await initialized.text();
    const headers = { ...JSON_HEADERS, 'mcp-session-id': initialized.headers.get('mcp-session-id')! };
    const call = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'pid', arguments: {} } }),
    });
    const { result } = (await messagesOf(call)).at(-1) as { result: Parameters<typeof textOf>[0] };
    await gone(Number(textOf(result)));
  });

  test('ends with the listener, even when it does not want to', async () => {
    const stubborn = await bridge([SERVER], { environment: { STUBBORN: '1' } });
    const pid = await pidOf(await connectClient('SDK v1', stubborn.url));
    await closeClients();
    await stubborn.close();
    await gone(pid);
  });

  test('runs in the folder and with the environment that it is given', async () => {
    const { url } = await bridge(['fixtures/stdio-server.mjs'], {
      cwd: path.join(__dirname, '..'),
      environment: { NODE_OPTIONS: undefined },
    });
    expect(await pidOf(await connectClient('SDK v1', url))).toBeGreaterThan(0);
  });

  test('may write what is no message: it is skipped, and noted without its content', async () => {
    const { url, log } = await bridge();
    expect(textOf(await (await connectClient('SDK v2 legacy', url)).call('babble'))).toBe('said');
    expect(log.filter(({ event }) => event === 'child-output-invalid')).toMatchObject([
      { level: 'error', length: 15 },
      { level: 'error', length: 19 },
    ]);
    expect(JSON.stringify(log)).not.toContain('this is no JSON');
  });
});

describe('the processes', () => {
  let server: string;
  beforeAll(() => {
    server = bundle(path.join(__dirname, '../fixtures', 'stdio-bridge.ts'));
  });
  afterAll(removeBundles);

  test('end when the bridge is told to end', async () => {
    const parent = await startChild(server, { STDIO_SERVER: SERVER });
    const pid = await pidOf(await connectClient('SDK v1', parent.url));
    parent.process.kill('SIGTERM');
    expect(await parent.exited).toEqual({ code: 0, signal: null });
    await gone(pid);
  });

  test('end when the bridge is killed', async () => {
    const parent = await startChild(server, { STDIO_SERVER: SERVER });
    const pid = await pidOf(await connectClient('SDK v1', parent.url));
    parent.process.kill('SIGKILL');
    await gone(pid);
  });
});

describe('a modern client', () => {
  test('is told which protocol is spoken', async () => {
    const response = await fetch((await bridge()).url, modernRequest({ name: 'pid' }));
    expect({ status: response.status, body: (await response.json()) as unknown }).toEqual({
      status: 400,
      body: {
        jsonrpc: '2.0',
        id: 1,
        error: {
          code: -32000,
          message: 'Bad Request: this server speaks protocol 2025-11-25 and before; start a session with `initialize`',
        },
      },
    });
  });

  test('that also speaks the legacy era goes on with it', async () => {
    const client = new Client({ name: 'auto', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL((await bridge()).url)));
    expect(client.getProtocolEra()).toBe('legacy');
    expect((await client.callTool({ name: 'cancelled', arguments: {} })).content).toEqual([
      { type: 'text', text: '0' },
    ]);
    await client.close();
  });
});

test('has one listener for the end of this process, however many sessions there are', async () => {
  const before = process.listenerCount('exit');
  const { url } = await bridge();
  await Promise.all([1, 2, 3].map(() => connectClient('SDK v2 legacy', url)));
  expect(process.listenerCount('exit')).toBe(before + 1);
  await closeClients();
  await listeners.pop()!.close();
  expect(process.listenerCount('exit')).toBe(before);
});

test('counts what is open, and refuses bad options', async () => {
  const { url, port } = await bridge([SERVER], { maxSessions: 1 });
  expect(await (await fetch(`http://127.0.0.1:${port}/ping`)).json()).toEqual({ status: 'Healthy' });
  await connectClient('SDK v1', url);
  expect((await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) })).status).toBe(
    503,
  );
  await expect(bridge([SERVER], { keepAliveMs: -1 })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
});
