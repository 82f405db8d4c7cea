import * as z from 'zod';
import { interactive, ServerKitError } from 'stateful-mcp-server';
import { closeClients, connectClient, LEGACY_KINDS, textOf, type Progress } from '../clients';
import { closeKits, INITIALIZE, messagesOf, openKit, post, URL_OF_KIT, type Kit } from '../kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

const EMPTY = z.object({});
const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
const QUESTION = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'How are you?' } }],
  maxTokens: 10,
};

/** Two processes behind one address that takes them in turn, the way requests without a session are spread. */
function stateless(): Kit & { aborted: Promise<void> } {
  let abort: (() => void) | undefined;
  const aborted = new Promise<void>(resolve => {
    abort = resolve;
  });
  const kits = [1, 2].map(process =>
    openKit(
      server => {
        server.registerTool('which', { description: 'Tells its process.', inputSchema: EMPTY }, () =>
          text(String(process)),
        );
        server.registerTool(
          'ask',
          { description: 'Asks.', inputSchema: EMPTY },
          interactive(async (_args, io) => text((await io.elicit('Well?', z.object({ a: z.string() }))).action)),
        );
        server.registerTool(
          'typed',
          { description: 'Tells the error.', inputSchema: EMPTY },
          interactive(async (_args, io) =>
            text(
              await io.sample(QUESTION).then(
                ({ model }) => model,
                (error: unknown) => (error instanceof ServerKitError ? error.code : String(error)),
              ),
            ),
          ),
        );
        server.registerTool(
          'work',
          { description: 'Reports and falls back.', inputSchema: EMPTY },
          interactive(async (_args, io) => {
            await io.progress(1, 1, 'half way');
            const { content } = await io.sample(QUESTION, {
              fallback: () => ({ role: 'assistant', model: 'on the server', content: { type: 'text', text: 'fine' } }),
            });
            return { content: [content] };
          }),
        );
        server.registerTool(
          'wait',
          { description: 'Waits.', inputSchema: EMPTY },
          interactive(async (_args, io) => {
            await new Promise<void>(resolve => io.signal.addEventListener('abort', () => resolve()));
            abort!();
            return text('aborted');
          }),
        );
      },
      { stateless: true },
    ),
  );
  let turn = 0;
  return { ...kits[0]!, aborted, fetch: (url, init) => kits[turn++ % 2]!.fetch(url, init) };
}

describe.each(LEGACY_KINDS)('%s', kind => {
  test('is served by any process, without a session', async () => {
    const client = await connectClient(kind, URL_OF_KIT, { fetch: stateless().fetch });
    expect(client.sessionId).toBeUndefined();
    expect(await client.request('tools/list')).toMatchObject({
      tools: [{ name: 'which' }, { name: 'ask' }, { name: 'typed' }, { name: 'work' }, { name: 'wait' }],
    });
    const processes = [textOf(await client.call('which')), textOf(await client.call('which'))];
    expect(processes.sort()).toEqual(['1', '2']);
  });

  test('is told why it cannot be asked, although it declared that it can', async () => {
    const client = await connectClient(kind, URL_OF_KIT, {
      fetch: stateless().fetch,
      elicit: () => ({ action: 'decline' }),
      sample: () => 'fine',
    });
    const result = await client.call('ask');
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe(
      'this server keeps no sessions (`stateless: true`), so it cannot ask a client of protocol 2025-11-25 or before anything: ' +
        'use a client that speaks protocol 2026-07-28, or serve without `stateless`',
    );
    expect(textOf(await client.call('typed'))).toBe('ERR_STATELESS');
  });

  test('gets progress, and what a fallback on the server makes', async () => {
    const progress: Progress[] = [];
    const client = await connectClient(kind, URL_OF_KIT, { fetch: stateless().fetch });
    expect(textOf(await client.call('work', {}, { onprogress: step => progress.push(step) }))).toBe('fine');
    expect(progress).toMatchObject([{ progress: 1, message: 'half way' }]);
  });
});

test('changes nothing for SDK v2 modern', async () => {
  const client = await connectClient('SDK v2 modern', URL_OF_KIT, {
    fetch: openKit(
      server => {
        server.registerTool(
          'ask',
          { description: 'Asks.', inputSchema: EMPTY },
          interactive(async (_args, io) => text((await io.elicit('Well?', z.object({ a: z.string() }))).action)),
        );
      },
      { stateless: true },
    ).fetch,
    elicit: () => ({ action: 'decline' }),
  });
  expect(textOf(await client.call('ask'))).toBe('decline');
});

test('ignores an id that the platform supplies, and gives none', async () => {
  const response = await post(stateless(), INITIALIZE, { 'mcp-session-id': 'supplied-by-the-platform' });
  expect({ status: response.status, id: response.headers.get('mcp-session-id') }).toEqual({ status: 200, id: null });
  expect(await messagesOf(response)).toMatchObject([{ result: { protocolVersion: '2025-11-25' } }]);
});

test.each(['GET', 'DELETE'])('answers %s with 405', async method => {
  const response = await stateless().fetch(URL_OF_KIT, { method, headers: { accept: 'text/event-stream' } });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});

test('ends a call whose client goes away', async () => {
  const kit = stateless();
  const response = await post(kit, {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'wait', arguments: {} },
  });
  expect(kit.handler.openCallCount).toBe(1);
  await response.body!.cancel();
  await kit.aborted;
  expect(kit.handler.openCallCount).toBe(0);
});

test('ends its calls when it closes', async () => {
  const kit = stateless();
  const response = await post(kit, {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'wait', arguments: {} },
  });
  await kit.handler.close();
  await kit.aborted;
  expect(await messagesOf(response)).toMatchObject([{ id: 1, error: { code: -32000 } }]);
});
