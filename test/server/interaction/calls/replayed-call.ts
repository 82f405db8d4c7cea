import * as z from 'zod';
import { interactive, type InteractiveOptions } from 'stateful-mcp-server';
import { modernCall, openKit, type Kit, type ModernCall } from '../../kit';

/** The schema of every question. */
export const WORD = z.object({ word: z.string() });

/** The handler of both tools of {@link kitWith}. */
export type Handler = Parameters<typeof interactive<{ what?: string | undefined }>>[0];

/** A server with two tools of one handler. */
export function kitWith(handler: Handler, options?: InteractiveOptions): Kit {
  return openKit(server => {
    const config = { description: 'A tool.', inputSchema: z.object({ what: z.string().optional() }) };
    server.registerTool('tool', config, interactive(handler, options));
    server.registerTool('other', config, interactive(handler, options));
  });
}

/** A tool result with a value as JSON. */
export function text(value: unknown) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(value) }] };
}

/** The answer of a user who accepts. */
export function accept(word: string) {
  return { action: 'accept', content: { word } };
}

/** Answers round after round by hand until the tool is done. */
export async function converse(kit: Kit, call: ModernCall, answer: (message: string) => unknown) {
  const rounds: string[][] = [];
  for (let answered: Partial<ModernCall> = {}; ;) {
    const { result, error, messages } = await modernCall(kit, { ...call, ...answered });
    const { inputRequests, requestState } = result ?? {};
    if (!inputRequests) {
      return { rounds, result, error, messages };
    }
    rounds.push(Object.values(inputRequests).map(({ params }) => params['message'] as string));
    answered = {
      requestState,
      inputResponses: Object.fromEntries(
        Object.entries(inputRequests).map(([key, { params }]) => [key, answer(params['message'] as string)]),
      ),
    };
  }
}
