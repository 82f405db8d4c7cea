import * as z from 'zod';
import { interactive, type InteractiveOptions } from 'stateful-mcp-server';
import { type CLIENT_KINDS, connectClient, type ConnectOptions, type Progress } from '../../clients';
import { openKit, URL_OF_KIT } from '../../kit';

/** The schema of a question for an amount. */
export const ONE_NUMBER = z.object({ amount: z.number().positive() });
/** A sampling request. */
export const QUESTION = {
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'How are you?' } }],
  maxTokens: 10,
};

/** A tool result with a text, or a value as JSON. */
export function text(value: unknown) {
  return { content: [{ type: 'text' as const, text: typeof value === 'string' ? value : JSON.stringify(value) }] };
}

/** The handler of the tool that {@link callTool} calls. */
export type Handler = Parameters<typeof interactive<{ who?: string | undefined }>>[0];

/** Calls a tool with this handler once, from a client of this kind. */
export async function callTool(
  kind: (typeof CLIENT_KINDS)[number],
  handler: Handler,
  client: ConnectOptions & { onprogress?: (progress: Progress) => void } = {},
  how: InteractiveOptions = {},
) {
  const kit = openKit(server => {
    server.registerTool(
      'tool',
      { description: 'A tool.', inputSchema: z.object({ who: z.string().optional() }) },
      interactive(handler, how),
    );
  });
  const { onprogress, ...options } = client;
  const connected = await connectClient(kind, URL_OF_KIT, { fetch: kit.fetch, ...options });
  return await connected.call('tool', { who: 'Ada' }, onprogress ? { onprogress } : {});
}
