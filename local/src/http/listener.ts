import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { invalidOption, LocalRuntimeError } from '../common/errors';
import { respondJson, type Exchange } from './exchange';
import { lengthOf } from './framing';
import { isLoopback } from 'stateful-mcp-contract';
import { handledPreflight, shareWithPage } from './browser-access';
import { hostProblem, refusalOf, type AllowedCallers } from './host-guard';
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

/**
 * Longest head of a request. Allowed are about 100 KB with the names, where Node.js takes 16. These are 20 headers of
 * an allowlist of 4 KB each (devguide, "header allowlist"), and a token or a signature of some KB. The service model
 * (InvokeAgentRuntime) adds 8 KB of baggage, six members of 1 KB and about 2 KB of others.
 */
const LONGEST_HEAD_BYTES = 128 * 1024;
/** How long a head may take to come, and how often Node.js looks. */
const HEAD_LIMIT_MS = 60_000;
const HEAD_CHECK_MS = 30_000;
/** How long a connection that was closed here stays open for a client that still sends (RFC 9112, section 9.6). */
const LINGER_MS = 5000;
/** How long the end of a listener waits for what its last clients are told. */
const FAREWELL_MS = 1000;

/** Where the end of a request cannot be told, what comes after it cannot be either (RFC 9112, section 6.1). */
const LAST_RESPONSE = ['Connection', 'close'];

const ABSOLUTE_TARGET = /^https?:\/\/([^/?#]*)([^#]*)/i;

/** What handles the exchanges of a port. */
export interface ListenerHandler {
  readonly handle: (exchange: Exchange) => Promise<void>;
  /** Told why an exchange was not handled but refused with this status. */
  readonly refused: (exchange: Exchange, status: number, reason: string) => void;
  readonly longestBody: number;
  /**
   * Milliseconds that the head of a request may take.
   *
   * @default 60_000
   */
  readonly headLimitMs?: number;
}

/** Opens a port for exchanges. */
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
  const { headLimitMs = HEAD_LIMIT_MS } = handler;
  const open = new Set<ServerResponse>();
  const server = createServer(
    {
      maxHeaderSize: LONGEST_HEAD_BYTES,
      // A request may take as long as its session lives. Without a value of its own, the limit of the head goes with it.
      requestTimeout: 0,
      headersTimeout: headLimitMs,
      connectionsCheckingInterval: Math.min(HEAD_CHECK_MS, headLimitMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
    },
    (request, response) => {
      open.add(response);
      response.once('close', () => {
        open.delete(response);
      });
      const handle = (): void => {
        void handleRequest(exchangeOf(request, response, handler.longestBody), response, allowed, handler);
      };
      // One that came before its turn: without a connection, its response would not hear of the end of one.
      if (response.socket) {
        handle();
      } else {
        response.once('socket', handle);
      }
    },
  );
  server.on('connection', closeInStages);
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
      await farewell([...open]);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Waits until responses are over, for a while. */
async function farewell(responses: readonly ServerResponse[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, FAREWELL_MS);
  });
  const over = responses.map(response => new Promise<void>(resolve => response.once('close', resolve)));
  await Promise.race([Promise.all(over), late]);
  clearTimeout(timer);
}

/** What was sent last must not be lost by the reset that a client gets which still sends to a closed connection. */
function closeInStages(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const limit = setTimeout(() => {
      socket.destroy();
    }, LINGER_MS).unref();
    socket.once('close', () => {
      clearTimeout(limit);
    });
  };
}

function exchangeOf(request: IncomingMessage, response: ServerResponse, longestBody: number): Exchange {
  const { method = 'GET' } = request;
  const body = new RequestBody(request, longestBody);
  response.once('close', () => {
    body.linger();
  });
  return { method, ...targetOf(request), body, response };
}

/** RFC 9112, section 3.2.2: what a target says of the host stands, and the `Host` beside it does not. */
function targetOf({
  url = '/',
  headers,
  rawHeaders,
}: IncomingMessage): Pick<Exchange, 'url' | 'headers' | 'rawHeaders'> {
  const [, host, path] = ABSOLUTE_TARGET.exec(url) ?? [];
  if (host === undefined || path === undefined) {
    return { url, headers, rawHeaders };
  }
  const others = rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'host');
  return {
    url: path.startsWith('/') ? path : `/${path}`,
    headers: { ...headers, host },
    rawHeaders: ['Host', host, ...others],
  };
}

async function handleRequest(
  exchange: Exchange,
  response: ServerResponse,
  allowed: AllowedCallers,
  handler: ListenerHandler,
): Promise<void> {
  const { method, headers } = exchange;
  try {
    const [status, reason] = refusal(exchange, allowed) ?? [];
    if (status !== undefined && reason !== undefined) {
      respondJson(response, status, jsonRpcError(REFUSED, reason), status === 501 ? LAST_RESPONSE : []);
      return handler.refused(exchange, status, reason);
    }
    shareWithPage(response, headers);
    if (!handledPreflight(response, method, headers)) {
      await handler.handle(exchange);
    }
  } catch (error) {
    respondJson(response, 500, jsonRpcError(INTERNAL, error instanceof Error ? error.message : String(error)));
  }
}

/** Why a request is not handled, and the status that says so. */
function refusal(
  { headers, rawHeaders }: Exchange,
  allowed: AllowedCallers,
): readonly [status: number, reason: string] | undefined {
  const guard = refusalOf(headers, allowed);
  if (guard !== undefined) {
    return [403, guard];
  }
  const host = hostProblem(rawHeaders);
  if (host !== undefined) {
    return [400, host];
  }
  try {
    lengthOf(rawHeaders);
    return undefined;
  } catch (error) {
    return [501, (error as Error).message];
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
