import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ClientConnection, type ConnectionHandler } from './client-connection';
import { invalidOption, LocalRuntimeError } from '../common/errors';
import { answerJson, type Exchange } from './exchange';
import { LONGEST_HEAD_BYTES } from './header-lines';
import { isLoopback } from 'stateful-mcp-contract';
import { refusalOf, type AllowedCallers } from './host-guard';
import { RequestBody } from './request-body';
import { jsonRpcError } from './json-rpc';

export interface ListenOptions {
  /**
   * Port to listen on, 0 to 65535.
   *
   * @default 0 - a free one, see `LocalRuntimeListener.port`
   */
  readonly port?: number;
  /**
   * Address to listen on. On any other than loopback everybody who reaches the machine reaches the servers, and `Host`
   * is not checked.
   *
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * Origins of web pages that may call, such as `https://app.example.com`, besides those of this machine. A request
   * with any other `Origin` is refused (403), on every address: so the MCP specification wants it.
   *
   * @default - none
   */
  readonly allowedOrigins?: readonly string[];
}

/** An open port of a local runtime. */
export interface LocalRuntimeListener {
  /** `http://{host}:{port}`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Closes the port and every connection to it. */
  close(): Promise<void>;
}

/** JSON-RPC code of the MCP SDKs for a refused host. */
const REFUSED = -32000;
const INTERNAL = -32603;
const KEEP_ALIVE_MS = 65_000;
/**
 * Connections that wait to be accepted while this program starts servers; systems have lower limits of their own
 * (net.core.somaxconn, kern.ipc.somaxconn).
 */
const BACKLOG = 4096;

/** What answers the exchanges of a port. */
export interface ListenerHandler {
  readonly serve: (exchange: Exchange) => Promise<void>;
  /** Told why an exchange was not served but answered with this status. */
  readonly refused: (exchange: Exchange, status: number, reason: string) => void;
  readonly longestBody: number;
}

/** Serves exchanges on a port. */
export async function listen(options: ListenOptions, handler: ListenerHandler): Promise<LocalRuntimeListener> {
  const { port = 0, host = '127.0.0.1', allowedOrigins = [] } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalidOption('port', port, 'a whole number from 0 to 65535');
  }
  const wrongOrigin = allowedOrigins.find(origin => !isOrigin(origin));
  if (wrongOrigin !== undefined) {
    throw invalidOption('allowedOrigins', wrongOrigin, 'scheme, host and port, such as https://app.example.com');
  }
  const allowed: AllowedCallers = {
    hosts: isLoopback(host) ? 'loopback' : 'any',
    origins: allowedOrigins.map(origin => origin.toLowerCase()),
  };
  const { longestBody } = handler;
  // A request may take as long as its session lives.
  const server = createServer(
    { maxHeaderSize: LONGEST_HEAD_BYTES, requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true },
    (request, response) => {
      const { method = 'GET', url = '/', headers, rawHeaders } = request;
      void answerRequest(
        { method, url, headers, rawHeaders, body: new RequestBody(request, longestBody), answer: response },
        allowed,
        handler,
      );
    },
  );
  const plain = servePlainConnections(server, ({ head: { method, url, headers, rawHeaders }, body }, answer) => {
    void answerRequest(
      { method, url, headers, rawHeaders, body: new RequestBody(body, longestBody), answer },
      allowed,
      handler,
    );
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
      if (!server.listening) {
        return;
      }
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const connection of plain) {
        connection.destroy();
      }
      await closed;
    },
  };
}

/** Puts itself between a server and its connections: the server gets those whose requests have not the plain form. */
function servePlainConnections(server: Server, answer: ConnectionHandler['serve']): ReadonlySet<ClientConnection> {
  const open = new Set<ClientConnection>();
  const ofServer = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    const connection = new ClientConnection(socket, {
      serve: answer,
      takeOver: bytes => {
        for (const listener of ofServer) {
          listener.call(server, socket);
        }
        socket.unshift(bytes);
      },
      closed: () => {
        open.delete(connection);
      },
      keepAliveMs: KEEP_ALIVE_MS,
    });
    open.add(connection);
  });
  return open;
}

async function answerRequest(
  exchange: Exchange,
  allowed: AllowedCallers,
  { serve, refused }: ListenerHandler,
): Promise<void> {
  const { headers, answer } = exchange;
  const refusal = refusalOf(headers, allowed);
  if (refusal !== undefined) {
    answerJson(answer, 403, jsonRpcError(REFUSED, refusal, null));
    return refused(exchange, 403, refusal);
  }
  try {
    await serve(exchange);
  } catch (error) {
    answerJson(answer, 500, jsonRpcError(INTERNAL, error instanceof Error ? error.message : String(error), null));
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text.toLowerCase();
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): LocalRuntimeError {
  if (error.code === 'EADDRINUSE') {
    return new LocalRuntimeError(
      'ERR_PORT_IN_USE',
      `\`port\` ${port} is in use on ${host}; choose another one, or 0 for a free one`,
      { cause: error },
    );
  }
  return new LocalRuntimeError(
    'ERR_LISTEN_FAILED',
    `cannot listen on \`host\` ${host}, \`port\` ${port}: ${error.message}`,
    { cause: error },
  );
}
