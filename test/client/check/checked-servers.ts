// Servers that a check passes, and servers that misbehave in one way each.
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { createMcpFetchHandler, interactive, type FetchHandlerOptions } from 'stateful-mcp-server';
import * as z from 'zod';
import type { CheckDefinition } from 'stateful-mcp-client';
import { listen } from '../servers';

/** One way to misbehave. */
export type Fault =
  | 'lacks a tool'
  | 'requires an argument'
  | 'hangs in a tool'
  | 'asks something unscripted'
  | 'sends no progress'
  | 'sends falling progress'
  | 'fails in a tool';

/** What the server without a fault does. */
export const CHECK: CheckDefinition = {
  eras: ['legacy', 'modern'],
  tools: ['add', 'report'],
  prompts: ['review'],
  resources: ['expenses://all', 'expenses://{id}'],
  conversations: [
    {
      tool: 'add',
      arguments: { user: 'ada' },
      elicitation: [{ accept: { amount: 12.5 } }, { accept: { confirm: true } }],
      sampling: ['food'],
      progress: { atLeast: 2, atMost: 2 },
      result: { text: 'Stored', structuredContent: { category: 'food' } },
      timeoutMs: 2_000,
    },
    {
      name: 'declines',
      tool: 'add',
      arguments: { user: 'ada' },
      elicitation: ['decline'],
      result: { text: 'Nothing' },
    },
    { tool: 'report', timeoutMs: 2_000 },
  ],
};

export function checkedServer(fault?: Fault): McpServer {
  const server = new McpServer({ name: 'checked', version: '1.0.0' });
  const user = fault === 'requires an argument' ? { user: z.string(), currency: z.string() } : { user: z.string() };
  server.registerTool(
    'add',
    { description: 'Adds an expense', inputSchema: z.object(user) },
    interactive(async (_args, io) => {
      const steps = fault === 'sends no progress' ? [] : [1, 2];
      const answer = await io.elicit('How much?', z.object({ amount: z.number() }));
      if (answer.action !== 'accept') {
        return { content: [{ type: 'text', text: 'Nothing was stored.' }] };
      }
      for (const step of steps) {
        await io.progress(step, 2);
      }
      if (fault === 'asks something unscripted') {
        await io.elicit('Who are you?', z.object({ passport: z.string() }));
      }
      await io.elicit('Sure?', z.object({ confirm: z.boolean() }));
      const { content } = await io.sample({
        messages: [{ role: 'user', content: { type: 'text', text: 'Which category?' } }],
        maxTokens: 5,
      });
      const category = content.type === 'text' ? content.text : '';
      return { content: [{ type: 'text', text: 'Stored.' }], structuredContent: { category } };
    }),
  );
  if (fault !== 'lacks a tool') {
    server.registerTool('report', { description: 'Reports' }, async ({ mcpReq }) => {
      if (fault === 'sends falling progress') {
        // The kit would not.
        for (const progress of [2, 1]) {
          const params = { progressToken: mcpReq._meta?.progressToken ?? '', progress };
          await mcpReq.notify({ method: 'notifications/progress', params });
        }
      }
      if (fault === 'hangs in a tool') {
        return new Promise(() => undefined);
      }
      if (fault === 'fails in a tool') {
        throw new Error('the table expenses-7 does not exist');
      }
      return { content: [{ type: 'text', text: '3 expenses' }] };
    });
  }
  server.registerPrompt('review', { description: 'Reviews' }, () => ({ messages: [] }));
  server.registerResource('all', 'expenses://all', {}, uri => ({ contents: [{ uri: uri.href, text: '' }] }));
  const one = new ResourceTemplate('expenses://{id}', { list: undefined });
  server.registerResource('one', one, {}, uri => ({ contents: [{ uri: uri.href, text: '' }] }));
  return server;
}

/** Serves a server on loopback, with everything that the kit puts around it. */
export async function served(fault?: Fault, options: FetchHandlerOptions = {}): Promise<string> {
  const handler = createMcpFetchHandler(() => checkedServer(fault), { log: () => undefined, path: '/mcp', ...options });
  const handle = toNodeHandler({ fetch: request => handler.fetch(request) });
  return listen((request, response) => void handle(request, response));
}
