import { request } from 'node:http';
import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, serve, type McpListener, type ServeOptions } from 'stateful-mcp-server';
import { CLIENT_KINDS, closeClients, connectClient, textOf } from './clients';
import { INITIALIZE, JSON_HEADERS, modernRequest } from './kit';

const listeners: McpListener[] = [];

afterEach(async () => {
  await closeClients();
  await Promise.all(listeners.splice(0).map(listener => listener.close()));
  delete process.env['HOST'];
  delete process.env['PORT'];
});

async function listen(options: ServeOptions = {}): Promise<McpListener> {
  const listener = await serve(
    () => {
      const server = new McpServer({ name: 'served', version: '1.0.0' });
      server.registerTool(
        'ask',
        { description: 'Asks.', inputSchema: z.object({}) },
        interactive(async (_args, io) => {
          await io.progress(1, 2, 'asking');
          const { word } = await io.elicitContent('Well?', z.object({ word: z.string() }));
          const { content } = await io.sample({
            messages: [{ role: 'user', content: { type: 'text', text: word } }],
            maxTokens: 10,
          });
          return { content: [content] };
        }),
      );
      server.registerTool('large', { description: 'Answers at length.', inputSchema: z.object({}) }, () => ({
        content: [{ type: 'text', text: 'x'.repeat(3_000_000) }],
      }));
      return server;
    },
    { host: '127.0.0.1', port: 0, log: () => undefined, ...options },
  );
  listeners.push(listener);
  return listener;
}

describe.each(CLIENT_KINDS)('over HTTP: %s', kind => {
  test('holds a conversation', async () => {
    const { url } = await listen();
    const steps: (string | undefined)[] = [];
    const client = await connectClient(kind, url, {
      elicit: () => ({ action: 'accept', content: { word: 'hello' } }),
      sample: prompt => prompt.toUpperCase(),
    });
    expect(textOf(await client.call('ask', {}, { onprogress: ({ message }) => steps.push(message) }))).toBe('HELLO');
    expect(steps).toContain('asking');
  });

  test('takes a large answer', async () => {
    const { url } = await listen();
    expect(textOf(await (await connectClient(kind, url)).call('large'))).toHaveLength(3_000_000);
  });
});

test('listens where AgentCore expects it, unless the environment or the options say otherwise', async () => {
  process.env['HOST'] = '127.0.0.1';
  process.env['PORT'] = '0';
  const entries: Record<string, unknown>[] = [];
  const log = (entry: Record<string, unknown>): void => void entries.push(entry);
  const fromEnvironment = await listen({ host: undefined, port: undefined, log });
  expect(fromEnvironment.url).toBe(`http://127.0.0.1:${fromEnvironment.port}/mcp`);
  expect(entries).toEqual([
    {
      level: 'info',
      event: 'listening',
      host: '127.0.0.1',
      port: fromEnvironment.port,
      url: fromEnvironment.url,
      pid: process.pid,
    },
  ]);
  const fromOptions = await listen({ host: '::1', path: '/other' });
  expect(fromOptions.url).toBe(`http://[::1]:${fromOptions.port}/other`);
});

test('sends the headers of a stream at once', async () => {
  const { url } = await listen();
  const initialized = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) });
  await initialized.text();
  const session = { 'mcp-session-id': initialized.headers.get('mcp-session-id')!, accept: 'text/event-stream' };
  // Nothing is ever sent on this stream before the first keep-alive, 15 s from now.
  const stream = await fetch(url, { headers: session, signal: AbortSignal.timeout(5000) });
  expect(stream.status).toBe(200);
  await stream.body!.cancel();
});

test('notices that a client went away from a stream on which nothing happens', async () => {
  const { url } = await listen();
  const initialized = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) });
  await initialized.text();
  const session = { 'mcp-session-id': initialized.headers.get('mcp-session-id')!, accept: 'text/event-stream' };
  const leaving = new AbortController();
  await fetch(url, { headers: session, signal: leaving.signal });
  leaving.abort();
  // A second stream is a conflict while the first one is open.
  let status = 409;
  while (status === 409) {
    const stream = await fetch(url, { headers: session });
    status = stream.status;
    await stream.body!.cancel();
  }
  expect(status).toBe(200);
});

describe('on loopback', () => {
  const send = (url: string, headers: Record<string, string>, path?: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(
        url,
        { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, ...(path && { path }) },
        response => {
          response.resume();
          response.on('end', () => resolve(response.statusCode));
        },
      );
      outgoing.on('error', reject).end(JSON.stringify(INITIALIZE));
    });

  test.each<[Record<string, string>, number]>([
    [{}, 200],
    [{ host: 'localhost:1' }, 200],
    [{ origin: 'http://localhost:5173' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ host: 'a b' }, 400],
  ])('%j gets %i', async (headers, status) => {
    expect(await send((await listen()).url, headers)).toBe(status);
  });

  test('is the only place where `Host` is looked at', async () => {
    const { port } = await listen({ host: '0.0.0.0' });
    expect(await send(`http://127.0.0.1:${port}/mcp`, { host: 'runtime.example' })).toBe(200);
  });
});

test('closes the connection of a request whose body it did not read', async () => {
  const { url } = await listen({ maxRequestBodySize: 100 });
  const response = await fetch(url, {
    method: 'POST',
    headers: JSON_HEADERS,
    body: JSON.stringify({ padding: 'x'.repeat(1_000_000) }),
  });
  expect([response.status, response.headers.get('connection')]).toEqual([413, 'close']);
});

test('closes open streams and stops listening', async () => {
  const listener = await listen();
  const { url } = listener;
  const initialized = await fetch(url, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(INITIALIZE) });
  await initialized.text();
  const stream = await fetch(url, {
    headers: { 'mcp-session-id': initialized.headers.get('mcp-session-id')!, accept: 'text/event-stream' },
  });
  await Promise.all([listener.close(), listener.close()]);
  expect(await stream.text()).toBe('');
  await expect(fetch(url, modernRequest({ name: 'ask' }))).rejects.toThrow();
});

test('ends with the block of an `await using`', async () => {
  let url: string;
  {
    await using listener = await listen();
    ({ url } = listener);
    expect((await fetch(new URL('/ping', url))).status).toBe(200);
  }
  await expect(fetch(new URL('/ping', url))).rejects.toThrow('fetch failed');
});

test('leaves no signal handlers behind, and installs none when told not to', async () => {
  const before = process.listenerCount('SIGTERM');
  const listener = await listen();
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  await listener.close();
  await listen({ handleSignals: false });
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

test('says which port is in use', async () => {
  const { port } = await listen();
  await expect(listen({ port })).rejects.toMatchObject({
    code: 'ERR_PORT_IN_USE',
    message: expect.stringContaining(`port ${port} of 127.0.0.1 is in use`) as string,
  });
});

test.each<ServeOptions>([
  { port: -1 },
  { port: 70_000 },
  { port: 1.5 },
  { drainTimeoutMs: 15_000 },
  { drainTimeoutMs: -1 },
])('refuses %j', async options => {
  await expect(listen(options)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
});

test('refuses a port of the environment that is none', async () => {
  process.env['PORT'] = 'http';
  await expect(listen({ port: undefined })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: expect.stringContaining('got http') as string,
  });
});
