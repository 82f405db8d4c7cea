import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import { form, interactive } from 'stateful-mcp-server';
import * as z from 'zod';

const BOOKING = form(
  z.object({
    seating: z.enum(['lunch', 'dinner']),
    guests: z.int().min(1).max(8).default(2),
  }),
);

/** Called for each session, and in protocol 2026-07-28 for each request: what they share belongs outside. */
export function createServer(): McpServer {
  const server = new McpServer({ name: 'table-booking', version: '0.1.0' });
  server.registerTool(
    'book_table',
    {
      description: 'Books a table. Asks the user for when, and for how many.',
      inputSchema: z.object({ name: z.string().default('me').describe('Who books') }),
    },
    interactive(async ({ name }, io) => {
      await io.progress(1, 2, 'asking');
      const answer = await io.elicit('For when, and for how many?', BOOKING);
      if (answer.action !== 'accept') {
        return said('Nothing was booked.');
      }
      const { seating, guests } = answer.content;
      await io.progress(2, 2, 'booked');
      return said(`Booked ${seating} for ${guests}, under ${name}.`);
    }),
  );
  return server;
}

function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}
