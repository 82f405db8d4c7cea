// What the compiler knows: these lines fail `tsc` when a type is lost on its way through the kit.
import { McpServer, type CreateMessageResult, type CreateMessageResultWithTools } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, type ElicitationAnswer } from 'stateful-mcp-server';

type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends (<T>() => T extends Right ? 1 : 2) ? true : false;

it('arguments, answers and results have the types of their schemas', () => {
  const server = new McpServer({ name: 'types', version: '1.0.0' });
  const tool = server.registerTool('tool', {
    inputSchema: z.object({ who: z.string(), times: z.number().optional() }),
    outputSchema: z.object({ total: z.number() }),
  }, interactive(async (args, io) => {
    const checked: Same<typeof args, { who: string; times?: number | undefined }> = true;

    const answer = await io.elicit('Well?', z.object({ amount: z.number(), kind: z.enum(['a', 'b']).default('a') }));
    const answered: Same<typeof answer, ElicitationAnswer<{ amount: number; kind: 'a' | 'b' }>> = true;
    if (answer.action !== 'accept') return { content: [] };
    const narrowed: Same<typeof answer.content.amount, number> = true;

    const form = await io.elicitContent('Well?', { type: 'object', properties: { word: { type: 'string' } } });
    const loose: Same<typeof form, Record<string, string | number | boolean | string[]>> = true;

    const plain = await io.sample({ messages: [], maxTokens: 1 }, { fallback: ({ maxTokens }) => ({ role: 'assistant', model: String(maxTokens), content: { type: 'text', text: '' } }) });
    const sampled: Same<typeof plain, CreateMessageResult> = true;
    const withTools = await io.sample({ messages: [], maxTokens: 1, tools: [] });
    const sampledWithTools: Same<typeof withTools, CreateMessageResultWithTools> = true;

    const id = await io.once(() => Promise.resolve({ id: 1 }));
    const effect: Same<typeof id, { id: number }> = true;

    return { content: [], structuredContent: { total: [checked, answered, narrowed, loose, sampled, sampledWithTools, effect].length } };
  }));
  expect(tool.enabled).toBe(true);
});
