import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { closeClients, connectClient, LEGACY_KINDS, textOf } from '../clients';
import { closeKits, echo, INITIALIZE, initialize, openKit, post, URL_OF_KIT } from '../kit';
import { counting } from './counting-kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

test.each(LEGACY_KINDS)('%s: works without a stream by GET', async kind => {
  const kit = counting();
  const client = await connectClient(kind, URL_OF_KIT, {
    fetch: async (url, init) =>
      init?.method === 'GET' ? new Response(null, { status: 405 }) : await kit.fetch(url, init),
    elicit: () => ({ action: 'decline' }),
  });
  expect(textOf(await client.call('ask'))).toBe('decline');
});

test('lets a client read on after a broken connection', async () => {
  const kit = counting();
  const initialized = await post(kit, {
    ...INITIALIZE,
    params: { ...INITIALIZE.params, capabilities: { elicitation: {} } },
  });
  const session = {
    'mcp-session-id': initialized.headers.get('mcp-session-id')!,
    'mcp-protocol-version': '2025-11-25',
  };
  const call = await post(
    kit,
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'ask', arguments: {} } },
    session,
  );
  const reader = call.body!.getReader();
  const priming = new TextDecoder().decode((await reader.read()).value);
  expect(priming).toMatch(/^id: \d+\nretry: 1000\ndata: \n\n$/);
  await reader.cancel();

  const resumed = await kit.fetch(URL_OF_KIT, {
    headers: { ...session, accept: 'text/event-stream', 'last-event-id': /^id: (\d+)/.exec(priming)![1]! },
  });
  const events = resumed.body!.getReader();
  const question = JSON.parse(/data: (.*)/.exec(new TextDecoder().decode((await events.read()).value))![1]!) as {
    id: number;
    method: string;
  };
  expect(question.method).toBe('elicitation/create');
  await post(kit, { jsonrpc: '2.0', id: question.id, result: { action: 'decline' } }, session);
  expect(new TextDecoder().decode((await events.read()).value)).toContain('"text":"decline"');

  const lost = await kit.fetch(URL_OF_KIT, {
    headers: { ...session, accept: 'text/event-stream', 'last-event-id': '999' },
  });
  expect(lost.status).toBe(400);
});

test('tells a client that listens what belongs to no call', async () => {
  let added: McpServer | undefined;
  const kit = openKit(server => {
    echo(server);
    added = server;
  });
  const session = { 'mcp-session-id': await initialize(kit) };
  const { body } = await kit.fetch(URL_OF_KIT, { headers: { ...session, accept: 'text/event-stream' } });
  added!.sendToolListChanged();
  const reader = body!.getReader();
  let text = '';
  while (!text.includes('\n\n')) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  expect(text).toContain('"method":"notifications/tools/list_changed"');
  await reader.cancel();
});

test.each(LEGACY_KINDS)('%s: reads on by itself when the connection of a call breaks', async kind => {
  const kit = counting();
  let broken = 0;
  const client = await connectClient(kind, URL_OF_KIT, {
    elicit: () => ({ action: 'decline' }),
    fetch: async (url, init) => {
      const response = await kit.fetch(url, init);
      if (!(typeof init?.body === 'string' && init.body.includes('tools/call')) || broken++ > 0 || !response.body) {
        return response;
      }
      // The priming event arrives, and nothing after it.
      const reader = response.body.getReader();
      const { value } = await reader.read();
      await reader.cancel();
      return new Response(value, { status: response.status, headers: response.headers });
    },
  });
  expect(textOf(await client.call('ask'))).toBe('decline');
  expect(broken).toBe(1);
});

test('keeps the stream of a silent call alive', async () => {
  const kit = openKit(
    server => {
      server.registerTool(
        'hang',
        { description: 'Never ends.', inputSchema: z.object({}) },
        () => new Promise<never>(() => undefined),
      );
    },
    { keepAliveMs: 10 },
  );
  const call = await post(
    kit,
    { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'hang', arguments: {} } },
    { 'mcp-session-id': await initialize(kit) },
  );
  const reader = call.body!.getReader();
  let text = '';
  while (text.split(': keepalive').length < 4) {
    text += new TextDecoder().decode((await reader.read()).value);
  }
  await reader.cancel();
});
