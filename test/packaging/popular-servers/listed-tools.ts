import { setTimeout as pause } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** How many tools the server at a URL lists, once it listens. */
export async function listedTools(url: string, withinMs: number): Promise<number> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const client = new Client({ name: 'popular-servers', version: '1.0.0' });
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(url)), {
        timeout: Math.max(1, deadline - performance.now()),
      });
      const { tools } = await client.listTools(undefined, { timeout: Math.max(1, deadline - performance.now()) });
      return tools.length;
    } catch (error) {
      if (performance.now() > deadline || !String(error).includes('fetch failed')) {
        throw error;
      }
      await pause(200);
    } finally {
      await client.close();
    }
  }
}

/** What went wrong, in a cell of a table. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n').find(line => line.trim() !== '') ?? '').replaceAll('|', '\\|').slice(0, 300);
}
