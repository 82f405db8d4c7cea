import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, type Interaction } from 'stateful-mcp-server';
import { closeClients, connectClient, textOf } from '../clients';
import { closeKits, modernCall, openKit, URL_OF_KIT } from '../kit';

afterEach(closeClients);
afterEach(closeKits);

const SURE = z.object({ sure: z.boolean() });
const TEXT = { content: [{ type: 'text' as const, text: 'the user declined' }] };

/** Every shape in which a tool can end with a refusal. */
const SHAPES: Record<string, (io: Interaction) => Promise<typeof TEXT>> = {
  'is left uncaught': async io => {
    await io.elicitContent('Sure?', SURE);
    return TEXT;
  },
  'is the cause of another error': async io => {
    await io.elicitContent('Sure?', SURE).catch((cause: unknown) => {
      throw new Error('the step failed', { cause });
    });
    return TEXT;
  },
  'is one of several errors': async io => {
    await Promise.any([Promise.reject(new Error('another one')), io.elicitContent('Sure?', SURE)]);
    return TEXT;
  },
  'is told by the tool in words': async io => {
    await io.elicit('Sure?', SURE);
    return TEXT;
  },
  'is caught and told by the tool in words': async io => {
    await io.elicitContent('Sure?', SURE).catch(() => undefined);
    return TEXT;
  },
  'is of a page': async io => {
    await io.elicitUrl('Sign in', 'https://example.com/');
    return TEXT;
  },
};

describe.each(['SDK v1', 'SDK v2 legacy', 'SDK v2 modern'] as const)('a refusal: %s', kind => {
  const call = async (tool: string, withSchema: boolean) => {
    const kit = openKit((server: McpServer) => {
      for (const [name, handler] of Object.entries(SHAPES)) {
        server.registerTool(
          name.replaceAll(' ', '_'),
          {
            description: name,
            inputSchema: z.object({}),
            ...(withSchema && { outputSchema: z.object({ ok: z.boolean() }) }),
          },
          interactive(async (_args, io) => await handler(io)),
        );
      }
    });
    const client = await connectClient(kind, URL_OF_KIT, {
      fetch: kit.fetch,
      elicitationUrl: true,
      elicit: () => ({ action: 'decline' }),
    });
    return await client.call(tool.replaceAll(' ', '_'));
  };

  test.each(Object.keys(SHAPES))('%s', async shape => {
    const plain = await call(shape, false);
    expect(plain.isError ?? false).toBe(false);
    expect(textOf(plain)).toMatch(/declined/);
    const structured = await call(shape, true);
    expect(structured.isError).toBe(true);
    expect(textOf(structured)).toBe(textOf(plain));
  });
});

describe('a tool with an output schema', () => {
  const call = async (handler: (io: Interaction) => Promise<CallToolResult>, action: 'accept' | 'decline') => {
    const kit = openKit((server: McpServer) => {
      server.registerTool(
        'tool',
        { description: 'A tool.', inputSchema: z.object({}), outputSchema: z.object({ ok: z.boolean() }) },
        interactive(async (_args, io) => await handler(io)),
      );
    });
    const first = await modernCall(kit, { name: 'tool' });
    const { requestState } = first.result!;
    const answer = { action, ...(action === 'accept' && { content: { sure: true } }) };
    return requestState === undefined
      ? first
      : await modernCall(kit, { name: 'tool', requestState, inputResponses: { q0: answer } });
  };

  test.each<[string, (io: Interaction) => Promise<CallToolResult>]>([
    ['asked nothing', () => Promise.resolve(TEXT)],
    ['got an answer', async io => await io.elicit('Sure?', SURE).then(() => TEXT)],
    ['got content', async io => await io.elicitContent('Sure?', SURE).then(() => TEXT)],
  ])('is held to it when it %s', async (_what, handler) => {
    const { result } = await call(handler, 'accept');
    expect(result?.content?.[0]?.text ?? '').not.toBe('the user declined');
  });

  test('may answer by its schema although the user refused', async () => {
    const structuredContent = { ok: false };
    const { result } = await call(async io => {
      await io.elicit('Sure?', SURE);
      return { content: [], structuredContent };
    }, 'decline');
    expect(result).toMatchObject({ structuredContent });
    expect(result!.isError).toBeUndefined();
  });

  test('may ask on although the user refused', async () => {
    const { result } = await call(async io => {
      await io.elicit('Sure?', SURE);
      await io.elicit('Really?', SURE);
      return TEXT;
    }, 'decline');
    expect(result).toMatchObject({ resultType: 'input_required' });
    expect(result).not.toHaveProperty('isError');
  });
});

test('an error that is its own cause is told as it is', async () => {
  const error = new Error('round and round');
  error.cause = error;
  const kit = openKit((server: McpServer) => {
    server.registerTool(
      'tool',
      { description: 'A tool.', inputSchema: z.object({}) },
      interactive(() => Promise.reject(error)),
    );
  });
  expect((await modernCall(kit, { name: 'tool' })).result).toMatchObject({
    isError: true,
    content: [{ text: 'round and round' }],
  });
});
