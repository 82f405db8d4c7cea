import {
  DEFAULT_MAX_REQUEST_BODY_SIZE, isLegacyRequest, McpServer, type AuthInfo, type McpRequestContext, type ServerNotifier,
} from '@modelcontextprotocol/server';
import { ServerKitError } from './errors';
import { carriesRequestState, JsonRpcCode, jsonRpcError, requestIdOf } from './json-rpc';
import { lifecycleSettings } from './lifecycle-settings';
import { logOf, type Log, type LogLevel } from './log';
import { ModernRequests } from './modern-requests';
import { OpenCalls } from './open-calls';
import { readMessage } from './request-message';
import { RequestLog } from './request-log';
import { RequestStateCodec } from './request-state';
import { Sessions } from './sessions';
import { StatelessRequests } from './stateless-requests';

/**
 * Makes a new server instance: one for each session in the legacy era, one for each request in the modern era.
 * State that several calls share belongs outside of it.
 */
export type McpServerFactory = (context: McpRequestContext) => McpServer | Promise<McpServer>;

export interface FetchHandlerOptions {
  /**
   * The path of the MCP endpoint, with or without a slash at its end. AgentCore calls `/mcp`.
   * @default '/mcp'
   */
  readonly path?: string;
  /**
   * How long a stream may be silent, in milliseconds; then a comment goes over it. In the modern era a call that has sent nothing for
   * that long is answered with a stream. At most 15000: a proxy or a client in between may give up after 30 s or a minute of silence.
   * @default 15000
   */
  readonly keepAliveMs?: number;
  /**
   * Whether the legacy era (protocol 2025-11-25 and before) is served without sessions: each request by a server instance of its own, in
   * whichever process it reaches. An interactive handler that asks such a client something gets `ERR_STATELESS`, and the client the
   * reason; a fallback of `io.sample`, progress and logs work. The modern era keeps no sessions anyway: there nothing changes.
   * @default false
   */
  readonly stateless?: boolean;
  /**
   * After how long without a request, an open call or an open stream a session of the legacy era is freed, in milliseconds.
   * Its id then gets 404, and the client has to initialize again.
   * @default the environment variable `STATEFUL_MCP_IDLE_TIMEOUT_SECONDS`, the idle timeout of the AgentCore runtime; else 900000 (15 minutes)
   */
  readonly sessionIdleTimeoutMs?: number;
  /**
   * After how long a session of the legacy era is ended in any case, in milliseconds, open calls included: the platform would do the same
   * to its microVM. Its id then gets 404.
   * @default the environment variable `STATEFUL_MCP_MAX_LIFETIME_SECONDS`, the max lifetime of the AgentCore runtime; else 28800000 (8 hours)
   */
  readonly sessionMaxLifetimeMs?: number;
  /**
   * How many sessions of the legacy era may be open at a time; `initialize` beyond gets 503.
   * @default 1000
   */
  readonly maxSessions?: number;
  /**
   * The largest request body, in bytes; beyond it a request gets 413.
   * @default 4194304 (4 MiB)
   */
  readonly maxRequestBodySize?: number;
  /**
   * Whether every `requestState` of the modern era must be one that this package minted; others get the protocol's error -32602.
   * Set it to false only for a server whose own handlers mint and verify states of another kind; interactive handlers verify theirs all the same.
   * @default true
   */
  readonly verifyRequestState?: boolean;
  /**
   * Where the log goes. Entries hold no arguments, answers or results.
   * @default one JSON object a line on stderr
   */
  readonly log?: Log;
  /**
   * What the log tells: `error`, `info` (also one entry for each request and for the start and end of each session), `debug` (also health
   * checks) or `silent`.
   * @default the environment variable `STATEFUL_MCP_LOG_LEVEL`, else `info`
   */
  readonly logLevel?: LogLevel;
}

/** The longest delay that a timer of Node.js can have. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface McpFetchHandler {
  /** Answers one HTTP request. `authInfo` is that of a token which the caller has verified; sessions and request state are bound to it. */
  fetch(request: Request, options?: { readonly authInfo?: AuthInfo }): Promise<Response>;
  /** Tells modern clients that listen what has changed. Sessions of the legacy era are told by their own server instance. */
  readonly notify: ServerNotifier;
  /** How many sessions of the legacy era are open. */
  readonly sessionCount: number;
  /** How many calls are open: being worked on, or waiting for the client's answer. */
  readonly openCallCount: number;
  /**
   * Refuses new calls with 503, lets open ones finish (answers of users still come through), then ends all sessions.
   * @param options.drainTimeoutMs how long open calls may take. @default 0
   */
  close(options?: { readonly drainTimeoutMs?: number }): Promise<void>;
}

/**
 * The web-standard core: a function from `Request` to `Response` that serves both protocol eras, and `GET /ping`.
 *
 * It draws nothing random, reads no clock and no key before the first request. It does not check `Host` and `Origin`; `serve()` does
 * where it listens on loopback.
 */
export function createMcpFetchHandler(factory: McpServerFactory, options: FetchHandlerOptions = {}): McpFetchHandler {
  return new FetchHandler(factory, options);
}

class FetchHandler implements McpFetchHandler {
  readonly #factory: McpServerFactory;
  readonly #path: string;
  readonly #maxRequestBodySize: number;
  readonly #log: Log;
  readonly #openCalls = new OpenCalls();
  readonly #legacy: Sessions | StatelessRequests;
  readonly #modern: ModernRequests;
  #state: 'open' | 'draining' | 'closed' = 'open';

  constructor(factory: McpServerFactory, options: FetchHandlerOptions) {
    const { path = '/mcp', keepAliveMs = 15_000, maxSessions = 1000, verifyRequestState = true } = options;
    const log = logOf(options);
    const lifecycle = lifecycleSettings();
    const openCalls = this.#openCalls;
    this.#factory = factory;
    this.#path = path.replace(/\/$/, '');
    this.#maxRequestBodySize = positive('maxRequestBodySize', options.maxRequestBodySize ?? DEFAULT_MAX_REQUEST_BODY_SIZE);
    this.#log = log;
    const legacy = {
      createServer: (request: Request, authInfo: AuthInfo | undefined) => this.#createServer({ era: 'legacy', requestInfo: request, ...(authInfo && { authInfo }) }),
      openCalls,
      keepAliveMs: positive('keepAliveMs', keepAliveMs, 15_000),
    };
    this.#legacy = options.stateless
      ? new StatelessRequests(legacy)
      : new Sessions({
          ...legacy,
          idleTimeoutMs: positive('sessionIdleTimeoutMs', options.sessionIdleTimeoutMs ?? lifecycle.idleTimeoutMs, LONGEST_TIMER_MS),
          maxLifetimeMs: positive('sessionMaxLifetimeMs', options.sessionMaxLifetimeMs ?? lifecycle.maxLifetimeMs, LONGEST_TIMER_MS),
          maxSessions: positive('maxSessions', maxSessions),
          log,
        });
    this.#modern = new ModernRequests({
      createServer: (request, authInfo) => this.#createServer({ era: 'modern', requestInfo: request, ...(authInfo && { authInfo }) }),
      openCalls,
      keepAliveMs,
      verifyRequestState,
      requestStateCodec: new RequestStateCodec(),
      onFactoryError: error => this.#failed(error),
      log,
    });
  }

  get notify(): ServerNotifier {
    return this.#modern.notify;
  }

  get sessionCount(): number {
    return this.#legacy.count;
  }

  get openCallCount(): number {
    return this.#openCalls.count;
  }

  async fetch(request: Request, { authInfo }: { readonly authInfo?: AuthInfo } = {}): Promise<Response> {
    const requestLog = new RequestLog(this.#log, request);
    return requestLog.answered(await this.#answer(request, authInfo, requestLog));
  }

  async #answer(request: Request, authInfo: AuthInfo | undefined, requestLog: RequestLog): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/ping' && request.method === 'GET') return Response.json({ status: this.#openCalls.count > 0 ? 'HealthyBusy' : 'Healthy' });
    if (pathname.replace(/\/$/, '') !== this.#path) return jsonRpcError(404, JsonRpcCode.serverError, `Not Found: the MCP endpoint is ${this.#path}`);

    const message = await readMessage(request, this.#maxRequestBodySize);
    if (message instanceof Response) return message;
    const { body } = message;
    requestLog.received(body);
    if (!this.#accepts(body)) return jsonRpcError(503, JsonRpcCode.serverError, 'Service Unavailable: the server is shutting down', body);
    try {
      const era = await isLegacyRequest(request, body) ? this.#legacy : this.#modern;
      return await era.handle(request, body, authInfo);
    } catch (error) {
      this.#failed(error);
      return jsonRpcError(500, JsonRpcCode.internalError, 'Internal server error', body);
    }
  }

  async close({ drainTimeoutMs = 0 }: { readonly drainTimeoutMs?: number } = {}): Promise<void> {
    this.#state = 'draining';
    if (drainTimeoutMs > 0) await this.#openCalls.settled(drainTimeoutMs);
    this.#state = 'closed';
    await Promise.all([this.#legacy.close(), this.#modern.close()]);
  }

  /** While calls are being finished, what belongs to them still comes through: answers, and the next rounds of conversations. */
  #accepts(body: unknown): boolean {
    if (this.#state === 'draining') return requestIdOf(body) === null || carriesRequestState(body);
    return this.#state === 'open';
  }

  async #createServer(context: McpRequestContext): Promise<McpServer> {
    const server: unknown = await this.#factory(context);
    if (!(server instanceof McpServer)) {
      throw new ServerKitError('ERR_FACTORY_RESULT',
        'the factory must return a `McpServer` of the `@modelcontextprotocol/server` that stateful-mcp-server uses: '
        + 'got something else, or one of a second copy of that package (see `npm ls @modelcontextprotocol/server`)');
    }
    if (server.isConnected()) {
      throw new ServerKitError('ERR_FACTORY_RESULT', 'the factory returned a `McpServer` that is in use: make a new one in every call, and keep shared state outside of it');
    }
    return server;
  }

  #failed(error: unknown): void {
    this.#log({ level: 'error', event: 'request-failed', message: error instanceof Error ? error.stack ?? error.message : String(error) });
  }
}

function positive(option: string, value: number, max = Number.MAX_SAFE_INTEGER): number {
  if (value > 0 && value <= max) return value;
  throw new ServerKitError('ERR_INVALID_OPTION', `\`${option}\` must be above 0${max < Number.MAX_SAFE_INTEGER ? ` and at most ${max}` : ''}, got ${value}`);
}
