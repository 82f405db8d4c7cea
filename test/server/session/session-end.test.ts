import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { CLIENT_KINDS, closeClients, connectClient, textOf } from '../clients';
import { closeKits, INITIALIZE, initialize, messagesOf, openKit, post, URL_OF_KIT, type Kit } from '../kit';
import { counting, LIST } from './counting-kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

describe('an idle session', () => {
  async function isGone(kit: Kit): Promise<void> {
    while (kit.handler.sessionCount > 0) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  test('is freed, and its id then unknown', async () => {
    const kit = counting({ sessionIdleTimeoutMs: 20 });
    const id = await initialize(kit);
    await isGone(kit);
    expect((await post(kit, LIST, { 'mcp-session-id': id })).status).toBe(404);
  });

  test('is one whose client leaves an answer unread', async () => {
    const kit = counting({ sessionIdleTimeoutMs: 20 });
    const { body } = await post(kit, INITIALIZE);
    await isGone(kit);
    await body!.cancel();
  });

  test('is one again after a call that took longer, although no other request comes', async () => {
    let isGoneEarly: boolean | undefined;
    const kit = openKit(
      server => {
        server.registerTool('work', { description: 'Works.', inputSchema: z.object({}) }, async () => {
          await new Promise(resolve => setTimeout(resolve, 60));
          isGoneEarly = kit.handler.sessionCount === 0;
          return { content: [] };
        });
      },
      { sessionIdleTimeoutMs: 20 },
    );
    const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'work', arguments: {} } };
    expect(await messagesOf(await post(kit, call, { 'mcp-session-id': await initialize(kit) }))).toHaveLength(1);
    expect(isGoneEarly).toBe(false);
    await isGone(kit);
  });

  test('is not one whose client listens, or whose user is being asked', async () => {
    const kit = counting({ sessionIdleTimeoutMs: 20 });
    const id = await initialize(kit);
    const listening = await kit.fetch(URL_OF_KIT, { headers: { accept: 'text/event-stream', 'mcp-session-id': id } });
    const asking = await connectClient('SDK v2 legacy', URL_OF_KIT, {
      fetch: async (url, init) =>
        init?.method === 'GET' ? new Response(null, { status: 405 }) : await kit.fetch(url, init),
      elicit: async () => {
        await new Promise(resolve => setTimeout(resolve, 100));
        return { action: 'decline' };
      },
    });
    expect(textOf(await asking.call('ask'))).toBe('decline');
    expect((await post(kit, LIST, { 'mcp-session-id': id })).status).toBe(200);
    await listening.body!.cancel();
    await isGone(kit);
  });
});

test('ends a session at the end of its lifetime, busy or not', async () => {
  const kit = counting({ sessionMaxLifetimeMs: 40 });
  const initialized = await post(kit, {
    ...INITIALIZE,
    params: { ...INITIALIZE.params, capabilities: { elicitation: {} } },
  });
  const session = { 'mcp-session-id': initialized.headers.get('mcp-session-id')! };
  const call = await post(
    kit,
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'ask', arguments: {} } },
    session,
  );
  expect((await messagesOf(call)).map(({ method }) => method)).toEqual(['elicitation/create']);
  expect(kit.handler).toMatchObject({ sessionCount: 0, openCallCount: 0 });
  expect((await post(kit, LIST, session)).status).toBe(404);
});

test.each(CLIENT_KINDS)('%s: ends the handler of a call that the client cancels', async kind => {
  let cancelled: (() => void) | undefined;
  const gone = new Promise<void>(resolve => {
    cancelled = resolve;
  });
  let started: (() => void) | undefined;
  const running = new Promise<void>(resolve => {
    started = resolve;
  });
  const kit = openKit(server => {
    server.registerTool(
      'wait',
      { description: 'Waits.', inputSchema: z.object({}) },
      interactive(async (_args, io) => {
        io.signal.addEventListener('abort', () => cancelled!());
        started!();
        await gone;
        return { content: [] };
      }),
    );
  });
  const client = await connectClient(kind, URL_OF_KIT, kit);
  const abort = new AbortController();
  const call = client.call('wait', {}, { signal: abort.signal });
  await running;
  expect(kit.handler.openCallCount).toBe(1);
  abort.abort();
  await expect(call).rejects.toThrow();
  await gone;
  while (kit.handler.openCallCount > 0) {
    await new Promise(resolve => setImmediate(resolve));
  }
});
