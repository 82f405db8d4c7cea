import * as z from 'zod';
import { interactive, type FetchHandlerOptions } from 'stateful-mcp-server';
import { openKit, type Kit } from '../kit';

/** A server with a counter of its own in each session. */
export function counting(options?: FetchHandlerOptions): Kit {
  return openKit(server => {
    let count = 0;
    server.registerTool('count', { description: 'Counts its calls.', inputSchema: z.object({}) }, () => ({
      content: [{ type: 'text', text: String(++count) }],
    }));
    server.registerTool(
      'ask',
      { description: 'Asks.', inputSchema: z.object({}) },
      interactive(async (_args, io) => {
        const answer = await io.elicit('Well?', z.object({ word: z.string() }));
        return { content: [{ type: 'text', text: answer.action }] };
      }),
    );
  }, options);
}

/** A request that every session serves. */
export const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
