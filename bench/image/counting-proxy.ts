import { once } from 'node:events';
import net from 'node:net';

export interface CountingProxy {
  /** `127.0.0.1:{port}` */
  readonly host: string;
  /** Bytes in both directions since the last call. */
  readonly take: () => number;
  readonly close: () => void;
}

/** Passes connections on to a server on loopback, and counts their bytes. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const [host = '', port = ''] = target.split(':');
  let bytes = 0;
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
  };
  const server = net
    .createServer({ noDelay: true }, client => {
      const upstream = net.connect({ host, port: Number(port), noDelay: true });
      client
        .on('data', count)
        .on('error', () => upstream.destroy())
        .pipe(upstream);
      upstream
        .on('data', count)
        .on('error', () => client.destroy())
        .pipe(client);
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    take: () => {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    close: () => void server.close(),
  };
}
