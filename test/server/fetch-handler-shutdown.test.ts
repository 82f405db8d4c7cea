import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import {
  echo,
  INITIALIZE,
  initialize,
  closeKits,
  messagesOf,
  modernCall,
  type ModernAnswer,
  openKit,
  post,
} from './kit';

afterEach(closeKits);

const EMPTY = z.object({});

describe('shutting down', () => {
  test('refuses new calls, lets an open one finish with the answer of its user, and ends its sessions', async () => {
    const kit = openKit(server => {
      echo(server);
      server.registerTool(
        'ask',
        { description: 'Asks.', inputSchema: EMPTY },
        interactive(async (_args, io) => ({
          content: [{ type: 'text', text: (await io.elicit('Well?', z.object({ a: z.string() }))).action }],
        })),
      );
    });
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
    while (kit.handler.openCallCount === 0) {
      await new Promise(resolve => setImmediate(resolve));
    }

    const closing = kit.handler.close({ drainTimeoutMs: 5000 });
    const refused = await post(kit, { jsonrpc: '2.0', id: 8, method: 'tools/list' }, session);
    expect({ status: refused.status, body: (await refused.json()) as unknown }).toMatchObject({
      status: 503,
      body: { id: 8 },
    });
    expect((await post(kit, { jsonrpc: '2.0', id: 0, result: { action: 'decline' } }, session)).status).toBe(202);
    await closing;
    expect(JSON.stringify(await messagesOf(call))).toContain('decline');
    expect(kit.handler.sessionCount).toBe(0);
    expect((await post(kit, INITIALIZE)).status).toBe(503);
  });

  test.each(['replay', 'park'] as const)('lets the next rounds of a conversation through: %s', async modernMode => {
    const ANSWER = z.object({ a: z.string() });
    const kit = openKit(server => {
      for (const [name, mode] of [['ask', modernMode] as const, ['parked', 'park'] as const]) {
        server.registerTool(
          name,
          { description: 'Asks.', inputSchema: EMPTY },
          interactive(
            async (_args, io) => {
              const answers = [await io.elicit('One?', ANSWER), await io.elicit('Two?', ANSWER)];
              return { content: [{ type: 'text', text: answers.map(({ action }) => action).join() }] };
            },
            { modernMode: mode },
          ),
        );
      }
    });
    const first = await modernCall(kit, { name: 'ask' });
    // Keeps the drain going, which a replayed conversation does not.
    const parked = await modernCall(kit, { name: 'parked' });
    const closing = kit.handler.close({ drainTimeoutMs: 5000 });
    expect((await modernCall(kit, { name: 'ask' })).status).toBe(503);

    const round = ({ result }: ModernAnswer, name: string, key: string) =>
      modernCall(kit, {
        name,
        requestState: result!.requestState,
        inputResponses: { [key]: { action: 'decline' } },
      });
    const last = await round(await round(first, 'ask', 'q0'), 'ask', 'q1');
    expect(last).toMatchObject({ status: 200, result: { content: [{ text: 'decline,decline' }] } });
    await round(await round(parked, 'parked', 'q0'), 'parked', 'q1');
    await closing;
    expect((await round(first, 'ask', 'q0')).status).toBe(503);
  });

  test('does not wait beyond the drain timeout', async () => {
    const kit = openKit(server => {
      server.registerTool(
        'hang',
        { description: 'Never ends.', inputSchema: EMPTY },
        () => new Promise<never>(() => undefined),
      );
    });
    const session = { 'mcp-session-id': await initialize(kit) };
    const call = await post(
      kit,
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'hang', arguments: {} } },
      session,
    );
    await kit.handler.close({ drainTimeoutMs: 20 });
    expect(await messagesOf(call)).toMatchObject([{ error: { code: -32000 } }]);
    expect(kit.handler.openCallCount).toBe(0);
  });
});
