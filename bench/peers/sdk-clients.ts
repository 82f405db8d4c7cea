import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

// Starting more servers than cores at a time makes each of them late.
const AT_ONCE = 4;

export async function connect(url: string): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

/** A client for each URL. */
export async function connectAll(urls: readonly string[]): Promise<Client[]> {
  return inGroups(urls, connect);
}

/** Ends the sessions, and with them what was started for them. */
export async function closeAll(clients: readonly Client[]): Promise<void> {
  await inGroups(clients, async (client) => {
    await (client.transport as StreamableHTTPClientTransport).terminateSession();
    await client.close();
  });
}

export function echo(client: Client): Promise<unknown> {
  return client.callTool({ name: 'echo', arguments: { text: 'hello' } });
}

/** Does a thing for each item, a few at a time. */
export async function inGroups<Item, Result>(items: readonly Item[], action: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index += AT_ONCE) results.push(...await Promise.all(items.slice(index, index + AT_ONCE).map(action)));
  return results;
}
