import { type McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, requestStateOf } from 'stateful-mcp-server';
import { initialize, closeKits, messagesOf, modernCall, openKit, post } from '../kit';

afterEach(closeKits);

const EMPTY = z.object({});

describe('rounds written by hand', () => {
  test('carry a state of the kit', async () => {
    const kit = openKit(server => {
      server.registerTool('rounds', { description: 'Counts rounds.', inputSchema: EMPTY }, (_args, ctx) => {
        const state = requestStateOf(ctx);
        const round = (state.read() as number | undefined) ?? 0;
        return round === 2
          ? { content: [{ type: 'text', text: 'third round' }] }
          : {
              resultType: 'input_required',
              inputRequests: { q: { method: 'roots/list' } },
              requestState: state.mint(round + 1),
            };
      });
    });
    const call = { name: 'rounds', capabilities: { roots: {} } };
    const first = await modernCall(kit, call);
    const second = await modernCall(kit, { ...call, requestState: first.result!.requestState });
    const third = await modernCall(kit, { ...call, requestState: second.result!.requestState });
    expect(third.result!.content).toEqual([{ type: 'text', text: 'third round' }]);
  });

  test('can carry a state of their own, when the kit is told to leave it alone', async () => {
    const register = (server: McpServer): void => {
      server.registerTool('own', { description: 'Shows its state.', inputSchema: EMPTY }, (_args, ctx) => ({
        content: [{ type: 'text', text: String(ctx.mcpReq.requestState()) }],
      }));
      server.registerTool(
        'ask',
        { description: 'Asks.', inputSchema: EMPTY },
        interactive(async (_args, io) => ({
          content: [{ type: 'text', text: (await io.elicit('Well?', z.object({ a: z.string() }))).action }],
        })),
      );
    };
    const kit = openKit(register, { verifyRequestState: false });
    expect((await modernCall(kit, { name: 'own', requestState: 'mine' })).result!.content![0]!.text).toBe('mine');
    expect((await modernCall(openKit(register), { name: 'own', requestState: 'mine' })).error).toMatchObject({
      code: -32602,
    });
    expect((await modernCall(kit, { name: 'ask', requestState: 'mine' })).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('the `requestState` is refused') as string }],
    });
  });

  test('are told that the legacy era has no state', async () => {
    const kit = openKit(server => {
      server.registerTool('state', { description: 'Reads its state.', inputSchema: EMPTY }, (_args, ctx) => ({
        content: [{ type: 'text', text: String(requestStateOf(ctx).read()) }],
      }));
    });
    const response = await post(
      kit,
      { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'state', arguments: {} } },
      { 'mcp-session-id': await initialize(kit) },
    );
    expect(JSON.stringify(await messagesOf(response))).toContain('a request of the legacy era has no request state');
  });
});
