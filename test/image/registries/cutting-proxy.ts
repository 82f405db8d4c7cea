import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { onEnd } from '../assembly/disposal';

/**
 * A wire that breaks: passes connections on to a port of loopback and breaks the first so many of them when so many
 * bytes have come back. It knows nothing of HTTP or TLS.
 */
export async function startCuttingProxy(
  port: number,
  { connections, afterBytes }: { readonly connections: number; readonly afterBytes: number },
): Promise<{ host: string; cuts: () => number }> {
  let cuts = 0;
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1');
    let bytes = 0;
    upstream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > afterBytes && cuts < connections) {
        cuts++;
        client.resetAndDestroy();
        upstream.destroy();
      }
    });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(() => void server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, cuts: () => cuts };
}
