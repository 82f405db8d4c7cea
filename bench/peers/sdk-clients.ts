import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** Starting more servers than cores at a time makes each of them late. */
const AT_ONCE = 4;

/**
 * The SDK gives one signal to all requests of a client, and `fetch` listens to it once for each until garbage is
 * collected: after 1500 calls Node.js warns at every call, which is not what is measured.
 */
const fetchWithoutSignal: typeof fetch = (input, init) =>
  fetch(input, init?.method === 'POST' ? { ...init, signal: null } : init);

async function connect(url: string): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: fetchWithoutSignal }));
  return client;
}

/** A client for each URL. */
export async function connectAll(urls: readonly string[]): Promise<Client[]> {
  return inGroups(urls, connect);
}

/** Closes their connections, so that they do not look for a server that is about to end. */
export async function closeAll(clients: readonly Client[]): Promise<void> {
  await Promise.all(clients.map(client => client.close()));
}

export function echo(client: Client): Promise<unknown> {
  return client.callTool({ name: 'echo', arguments: { text: 'hello' } });
}

/** Does a thing for each item, a few at a time. */
export async function inGroups<Item, Result>(
  items: readonly Item[],
  action: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(index, index + AT_ONCE).map(action))));
  }
  return results;
}
