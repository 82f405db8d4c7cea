import * as z from 'zod';
import { interactive, type FetchHandlerOptions } from 'stateful-mcp-server';
import { closeKits, INITIALIZE, messagesOf, modernRequest, openKit, post, URL_OF_KIT, type Kit } from '../kit';

afterEach(closeKits);

const ENDED = {
  code: -32000,
  message: expect.stringMatching(/ended before this call was answered.*call again$/) as string,
};

function endless(options: FetchHandlerOptions = {}): Kit {
  return openKit(server => {
    server.registerTool(
      'wait',
      { description: 'Waits.', inputSchema: z.object({}) },
      interactive(async (_args, io) => {
        await io.progress(1);
        return await new Promise(() => undefined);
      }),
    );
    server.registerTool(
      'ask',
      { description: 'Asks.', inputSchema: z.object({}) },
      interactive(async (_args, io) => {
        const { action } = await io.elicit('Who?', z.object({ a: z.string() }));
        return { content: [{ type: 'text', text: action }] };
      }),
    );
  }, options);
}

const call = (id: number | string, name: string, meta = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {}, _meta: meta },
});

async function session(kit: Kit): Promise<Record<string, string>> {
  const params = { ...INITIALIZE.params, capabilities: { elicitation: {} } };
  const response = await post(kit, { ...INITIALIZE, params });
  await response.text();
  return { 'mcp-session-id': response.headers.get('mcp-session-id')! };
}

const ENDS: [string, FetchHandlerOptions, (kit: Kit, headers: Record<string, string>) => Promise<unknown>][] = [
  ['DELETE', {}, (kit, headers) => kit.fetch(URL_OF_KIT, { method: 'DELETE', headers })],
  ['its lifetime', { sessionMaxLifetimeMs: 200 }, () => Promise.resolve()],
  ['a shutdown', {}, kit => kit.handler.close()],
  ['a shutdown after its drain', {}, kit => kit.handler.close({ drainTimeoutMs: 20 })],
];

describe.each(ENDS)('the end of a session by %s', (_how, options, end) => {
  test('answers each call that is open, before its stream ends', async () => {
    const kit = endless(options);
    const headers = await session(kit);
    const waiting = await post(kit, call(7, 'wait'), headers);
    const asking = await post(kit, call('text', 'ask'), headers);
    const batch = await post(kit, [call(8, 'wait'), call(9, 'ask')], headers);
    await end(kit, headers);
    expect(await messagesOf(waiting)).toEqual([{ jsonrpc: '2.0', id: 7, error: ENDED }]);
    expect(await messagesOf(asking)).toEqual([
      expect.objectContaining({ method: 'elicitation/create' }),
      { jsonrpc: '2.0', id: 'text', error: ENDED },
    ]);
    expect((await messagesOf(batch)).filter(message => 'error' in message)).toEqual([
      { jsonrpc: '2.0', id: 8, error: ENDED },
      { jsonrpc: '2.0', id: 9, error: ENDED },
    ]);
    await kit.handler.close();
    expect(kit.handler).toMatchObject({ sessionCount: 0, openCallCount: 0 });
  });
});

test('the end of a server without sessions answers its open calls', async () => {
  const kit = endless({ stateless: true });
  const waiting = await post(kit, call(7, 'wait'));
  await kit.handler.close();
  expect(await messagesOf(waiting)).toEqual([{ jsonrpc: '2.0', id: 7, error: ENDED }]);
});

test.each([
  ['silent', {}, {}],
  ['streamed since it reports', { progressToken: 1 }, {}],
  ['streamed since it is late', {}, { keepAliveMs: 10 }],
])('the end of a server answers open calls of the modern era: %s', async (_how, meta, options) => {
  const kit = endless(options);
  const waiting = kit.fetch(URL_OF_KIT, modernRequest({ name: 'wait', meta }));
  await new Promise(resolve => setTimeout(resolve, 100));
  await kit.handler.close();
  const response = await waiting;
  expect(response.status).toBe(200);
  expect((await messagesOf(response)).at(-1)).toEqual({ jsonrpc: '2.0', id: 1, error: ENDED });
  expect(kit.handler.openCallCount).toBe(0);
});
