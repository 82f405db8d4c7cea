import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { invalidOption, LocalRuntimeError } from './errors';
import { answerJson, type Exchange } from './exchange';
import { isLoopback, refusalOf } from './host-guard';
import { jsonRpcError } from './error-encoding';
import { RequestBody } from './request-body';

export interface ListenOptions {
  /**
   * Port to listen on, 0 to 65535.
   *
   * @default 0 - a free one, see `LocalRuntimeListener.port`
   */
  readonly port?: number;
  /**
   * Address to listen on. On any other than loopback everybody who reaches the machine reaches the servers, and `Host` and `Origin` are not checked.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string;
}

/** An open port of a local runtime. */
export interface LocalRuntimeListener {
  /** `http://{host}:{port}`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Closes the port and every connection to it. */
  close(): Promise<void>;
}

// JSON-RPC code of the MCP SDKs for a refused host.
const REFUSED = -32000;
const INTERNAL = -32603;
// Connections that wait to be accepted while this program starts servers; systems have lower limits of their own (net.core.somaxconn, kern.ipc.somaxconn).
const BACKLOG = 4096;

/** Serves exchanges on a port. */
export async function listen(options: ListenOptions, serve: Serve, longestBody: number): Promise<LocalRuntimeListener> {
  const { port = 0, host = '127.0.0.1' } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalidOption('port', port, 'a whole number from 0 to 65535');
  }
  const guarded = isLoopback(host);
  // A request may take as long as its session lives.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000, noDelay: true }, (request, response) => {
    void answerRequest(request, response, guarded, serve, longestBody);
  });
  server.listen({ port, host, exclusive: true, backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, port, host);
  }
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

type Serve = (exchange: Exchange) => Promise<void>;

async function answerRequest(request: IncomingMessage, response: ServerResponse, guarded: boolean, serve: Serve, longestBody: number): Promise<void> {
  const refusal = guarded ? refusalOf(request) : undefined;
  if (refusal !== undefined) {
    answerJson(response, 403, jsonRpcError(REFUSED, refusal, null));
    return;
  }
  try {
    await serve({
      method: request.method ?? 'GET',
      url: request.url ?? '/',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: new RequestBody(request, longestBody),
      answer: response,
    });
  } catch (error) {
    answerJson(response, 500, jsonRpcError(INTERNAL, error instanceof Error ? error.message : String(error), null));
  }
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): LocalRuntimeError {
  if (error.code === 'EADDRINUSE') {
    return new LocalRuntimeError('ERR_PORT_IN_USE', `\`port\` ${port} is in use on ${host}; choose another one, or 0 for a free one`, { cause: error });
  }
  return new LocalRuntimeError('ERR_LISTEN_FAILED', `cannot listen on \`host\` ${host}, \`port\` ${port}: ${error.message}`, { cause: error });
}
