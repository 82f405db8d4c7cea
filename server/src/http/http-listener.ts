import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { drainTimeout } from '../common/duration';
import { ServerKitError } from '../common/errors';
import { mcpPath, type HttpFaceOptions, type HttpHandler } from './http-face';
import { logOf } from '../common/log';
import { DEFAULT_MCP_PORT, isLoopback, PORT_VARIABLE } from 'stateful-mcp-contract';
import { nodeListener } from './node-listener';
import { originGuard } from './origin';
import { onShutdownSignal } from '../process/shutdown-signal';
import { logUncaughtErrors } from '../process/uncaught-error';

export interface ListenOptions {
  /**
   * The address to listen on.
   * @default the environment variable `HOST`, else `0.0.0.0`, where AgentCore expects a server
   */
  readonly host?: string;
  /**
   * The port to listen on; 0 takes a free one.
   * @default the environment variable `PORT`, else 8000, where AgentCore expects an MCP server
   */
  readonly port?: number;
  /**
   * How long calls that are open at a shutdown may take to finish, in milliseconds. At most 14000: AgentCore kills a
   * session 15 s after it asked for its end.
   * @default 10000
   */
  readonly drainTimeoutMs?: number;
  /**
   * The origins of web pages that may call the server, such as `https://chat.example.com`, wherever it listens. They
   * get the headers that browsers ask for (CORS). Requests of any other page are refused with 403, as the protocol
   * demands; AgentCore Runtime hands on no `Origin`.
   * @default - where it listens on loopback, pages of this machine (those may call it in any case); else none
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Whether SIGTERM and SIGINT shut the server down and end the process with exit code 0. Without a handler, Node.js as
   * the first process of a container does not react to SIGTERM at all. With it, an error that nobody catches is one line
   * of the log (`crashed`) before it ends the process with exit code 1.
   * @default true
   */
  readonly handleSignals?: boolean;
}

export interface HttpListener {
  /** Where a client on this machine connects to. */
  readonly url: string;
  readonly port: number;
  /** Lets open calls finish until the drain timeout, ends all sessions and stops listening. */
  close(): Promise<void>;
  /** The same as `close()`, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Puts a handler on a port.
 * @param createHandler - called once the options are known to be good
 * @throws ServerKitError `ERR_INVALID_OPTION`, `ERR_PORT_IN_USE`
 */
export async function listenWith<Handler extends HttpHandler>(
  createHandler: () => Handler,
  options: ListenOptions & HttpFaceOptions,
): Promise<{ readonly handler: Handler; readonly listener: HttpListener }> {
  const host = options.host ?? (process.env['HOST'] || '0.0.0.0');
  const port = checkPort(options.port ?? (process.env[PORT_VARIABLE] || DEFAULT_MCP_PORT));
  const drainTimeoutMs = drainTimeout(options.drainTimeoutMs ?? 10_000, 14_000);
  const log = logOf(options);

  const guard = originGuard(isLoopback(host), options.allowedOrigins);
  const handler = createHandler();
  const server = createServer(
    nodeListener(async request => guard.shared(request, guard.respond(request) ?? (await handler.fetch(request)))),
  );
  // A load balancer in front keeps connections for a minute; one that it is about to use must not be closed under it.
  server.keepAliveTimeout = 75_000;

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= stop(handler, server, drainTimeoutMs).then(() => {
      removeHandlers();
      log({ level: 'info', event: 'stopped', pid: process.pid });
    }));
  const onSignal = async (signal: string): Promise<void> => {
    log({
      level: 'info',
      event: 'stopping',
      signal,
      openCalls: handler.openCallCount,
      sessions: handler.sessionCount,
      pid: process.pid,
    });
    await close();
  };
  // Installed before the port opens: a supervisor may send SIGTERM at once.
  const handlers = (options.handleSignals ?? true) ? [onShutdownSignal(onSignal), logUncaughtErrors(options)] : [];
  const removeHandlers = (): void => handlers.forEach(remove => remove());
  const address = await listen(server, host, port).catch((error: unknown) => {
    removeHandlers();
    throw error;
  });
  const url = `http://${connectableHost(address)}:${address.port}${mcpPath(options)}`;
  log({ level: 'info', event: 'listening', host: address.address, port: address.port, url, pid: process.pid });
  return { handler, listener: { url, port: address.port, close, [Symbol.asyncDispose]: close } };
}

async function stop(handler: HttpHandler, server: HttpServer, drainTimeoutMs: number): Promise<void> {
  // New calls are refused at once. The port stays open during the drain: the answers that open calls wait for come in
  // through it.
  await handler.close({ drainTimeoutMs });
  const stopped = new Promise<void>(resolve => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const rest = setTimeout(() => server.closeAllConnections(), 500);
  server.closeIdleConnections();
  await stopped;
  clearInterval(idle);
  clearTimeout(rest);
}

async function listen(server: HttpServer, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new ServerKitError(
              'ERR_PORT_IN_USE',
              `port ${port} of ${host} is in use: set \`PORT\` or the \`port\` option to another one, or to 0 for a free one`,
              { cause: error },
            )
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
  return server.address() as AddressInfo;
}

function connectableHost({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') {
    return '127.0.0.1';
  }
  return family === 'IPv6' ? `[${address}]` : address;
}

function checkPort(value: string | number): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) {
    return port;
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`PORT\` and the \`port\` option must be a whole number from 0 to 65535, got ${value}`,
  );
}
