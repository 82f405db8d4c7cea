import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StatefulMcpClientError } from '../common/errors';

/** What an authorization server sends back by the browser. */
export type Callback = URLSearchParams;

/** Listens on loopback for the browser that comes back from signing in. */
export interface CallbackListener {
  /** What the browser is sent to. */
  readonly redirectUrl: string;
  /** The answer that carries the state; others are refused and do not end the wait. */
  readonly callback: Promise<Callback>;
  close(): void;
}

/** Where to listen, and whose answer to wait for. */
export interface CallbackOptions {
  /** 0 for any. */
  readonly port: number;
  readonly host: 'localhost' | '127.0.0.1';
  readonly path: string;
  readonly state: string;
}

/** @throws StatefulMcpClientError `ERR_SIGN_IN` when the port is taken */
export async function listenForCallback(options: CallbackOptions): Promise<CallbackListener> {
  const { host, path, state } = options;
  let arrived: (callback: Callback) => void = () => undefined;
  const callback = new Promise<Callback>(resolve => {
    arrived = resolve;
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method !== 'GET' || url.pathname !== path) {
      return page(response, 404, 'There is nothing here.');
    }
    if (url.searchParams.get('state') !== state) {
      return page(response, 400, 'This sign-in was not begun here, or it is over. Begin again where you came from.');
    }
    const refused = url.searchParams.has('error');
    page(
      response,
      refused ? 400 : 200,
      refused
        ? 'You are not signed in. The program that asked says why.'
        : 'You are signed in. You can close this page.',
    );
    arrived(url.searchParams);
  });
  const port = await listen(server, options.port, '127.0.0.1');
  // A browser may take `localhost` for either address.
  const second = host === 'localhost' ? await alsoOnIpv6(server, port) : undefined;
  return {
    redirectUrl: `http://${host}:${port}${path}`,
    callback,
    close: () => {
      for (const listening of [server, second]) {
        listening?.close();
        listening?.closeIdleConnections();
      }
    },
  };
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new StatefulMcpClientError(
          'ERR_SIGN_IN',
          `the browser cannot come back to port ${port} of this machine (${cause.code ?? cause.message}): ` +
            'end the program that has it, or pass another `callbackPort` that the client is registered with',
          { cause },
        ),
      ),
    );
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Not every machine has IPv6. */
async function alsoOnIpv6(server: Server, port: number): Promise<Server | undefined> {
  const second = createServer((request, response) => server.emit('request', request, response));
  try {
    await listen(second, port, '::1');
    return second;
  } catch {
    return undefined;
  }
}

function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign-in</title>` +
      `<body style="font-family: system-ui, sans-serif; margin: 4rem auto; max-width: 32rem"><p>${text}</p></body></html>`,
  );
}
