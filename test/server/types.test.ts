// What the compiler knows: these lines fail `tsc` when a type is lost on its way through the kit.
import {
  McpServer,
  type CreateMessageResult,
  type CreateMessageResultWithTools,
  type Variables,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { form, interactive, interactivePrompt, interactiveResource, type ElicitResult } from 'stateful-mcp-server';

type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;

/** Takes `true` only where the value has exactly the expected type. */
function exactly<Expected>() {
  return <Actual>(value: Actual, same: Same<Actual, Expected>): Actual => {
    expect(same).toBe(true);
    return value;
  };
}

test('arguments, answers and results have the types of their schemas', () => {
  const server = new McpServer({ name: 'types', version: '1.0.0' });
  const tool = server.registerTool(
    'tool',
    {
      inputSchema: z.object({ who: z.string(), times: z.number().optional() }),
      outputSchema: z.object({ total: z.number() }),
    },
    interactive(async (args, io) => {
      exactly<{ who: string; times?: number | undefined }>()(args, true);

      const answer = await io.elicit('Well?', z.object({ amount: z.number(), kind: z.enum(['a', 'b']).default('a') }));
      exactly<ElicitResult<{ amount: number; kind: 'a' | 'b' }>>()(answer, true);
      const total = answer.action === 'accept' ? exactly<number>()(answer.content.amount, true) : 0;
      exactly<Record<string, string | number | boolean | string[]>>()(
        await io.elicitContent('Well?', { type: 'object', properties: { word: { type: 'string' } } }),
        true,
      );

      const fallback = ({ maxTokens }: { maxTokens: number }): CreateMessageResult => ({
        role: 'assistant',
        model: `of ${maxTokens} tokens`,
        content: { type: 'text', text: '' },
      });
      exactly<CreateMessageResult>()(await io.sample({ messages: [], maxTokens: 1 }, { fallback }), true);
      exactly<CreateMessageResultWithTools>()(await io.sample({ messages: [], maxTokens: 1, tools: [] }), true);

      exactly<{ id: number }>()(await io.once(() => Promise.resolve({ id: 1 })), true);
      return { content: [], structuredContent: { total } };
    }),
  );
  expect(tool.enabled).toBe(true);
});

test('so have prompts, resources and forms', () => {
  const server = new McpServer({ name: 'types', version: '1.0.0' });
  const amount = exactly<z.ZodObject<{ amount: z.ZodNumber }>>()(form(z.object({ amount: z.number() })), true);
  const prompt = server.registerPrompt(
    'prompt',
    { argsSchema: z.object({ who: z.string() }) },
    interactivePrompt(async (args, io) => {
      exactly<{ who: string }>()(args, true);
      exactly<{ amount: number }>()(await io.elicitContent('How much?', amount), true);
      return { messages: [] };
    }),
  );
  const resource = server.registerResource(
    'resource',
    'resource://one',
    {},
    interactiveResource(({ uri, variables }) => {
      exactly<Variables>()(variables, true);
      return { contents: [{ uri: uri.href, text: '' }] };
    }),
  );
  expect([prompt.enabled, resource.enabled]).toEqual([true, true]);
});
