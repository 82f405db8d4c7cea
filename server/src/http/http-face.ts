import { DEFAULT_MAX_REQUEST_BODY_SIZE, isLegacyRequest, type AuthInfo } from '@modelcontextprotocol/server';
import { DEFAULT_MCP_PATH, HEALTH_PATH, PATH_VARIABLE, WARMUP_PATH } from 'stateful-mcp-contract';
import { ServerKitError } from '../common/errors';
import { carriesRequestState, JsonRpcCode, jsonRpcError, requestIdOf } from '../common/json-rpc';
import { logOf, type Log, type LogLevel } from '../common/log';
import { drainTimeout } from '../common/duration';
import { CANONICAL_ACCEPT, takesResponses } from './accept';
import type { Leave } from './admission';
import { pingAnswer, unreadPingAnswer } from './health-probe';
import type { OpenCalls } from './open-calls';
import { positive } from '../common/positive';
import { RequestLog } from './request-log';
import { readMessage } from './request-message';

/** What the client gets for a message that needs no answer. */
const ACCEPTED = 202;

export interface HttpFaceOptions {
  /**
   * The path of the MCP endpoint, with or without a slash at its end. AgentCore calls `/mcp`, unless its runtime says
   * another one (`protocolConfiguration.path`). `/ping` is for health checks, `/warmup` for the warm-up hook.
   * @default the environment variable `STATEFUL_MCP_PATH`, else `/mcp`
   */
  readonly path?: string;
  /**
   * The largest request body, in bytes; beyond it a request gets 413.
   * @default 4194304 (4 MiB)
   */
  readonly maxRequestBodySize?: number;
  /**
   * Where the log goes. Entries hold no arguments, answers or results.
   * @default one JSON object a line on stderr
   */
  readonly log?: Log;
  /**
   * What the log tells: `error`, `info` (also one entry for each request and for the start and end of each session),
   * `debug` (also health checks) or `silent`.
   * @default the environment variable `STATEFUL_MCP_LOG_LEVEL`, else `info`
   */
  readonly logLevel?: LogLevel;
}

/** Serves the requests of one of the two protocol eras. */
export interface Era {
  handle(request: Request, body: unknown, authInfo: AuthInfo | undefined): Promise<Response>;
  close(): Promise<void>;
}

export interface LegacyEra extends Era {
  /** How many sessions are open. */
  readonly count: number;
  /** Resolves when the session of a request takes a message of this size; called before its body is read. */
  admit?(request: Request, bytes: number, authInfo: AuthInfo | undefined): Promise<Leave | undefined>;
}

/** Answers the warm-up hook of the platform, before anybody has used the server. */
export type Warmup = (request: Request) => Promise<Response>;

/** A server as a function from `Request` to `Response`. */
export interface HttpHandler {
  /**
   * Answers one HTTP request. `authInfo` is that of a token which the caller has verified; sessions and request state
   * are bound to it.
   */
  fetch(request: Request, options?: { readonly authInfo?: AuthInfo }): Promise<Response>;
  /**
   * Answers a health probe of AgentCore Runtime: `GET /ping`, or a JSON-RPC `ping` without a session and without
   * credentials. Undefined for every other request, whose body stays unread. `fetch` answers them as well; this is for
   * a server that puts something in front of `fetch` which refuses callers: a probe that is refused ends the session.
   */
  answerProbe(request: Request): Promise<Response | undefined>;
  /** How many sessions of the legacy era are open. */
  readonly sessionCount: number;
  /** How many calls are open: being worked on, or waiting for the client's answer. */
  readonly openCallCount: number;
  /**
   * Refuses new calls with 503, lets open ones finish (answers of users still come through), then ends all sessions.
   * @param options.drainTimeoutMs - how long open calls may take. @default 0
   */
  close(options?: { readonly drainTimeoutMs?: number }): Promise<void>;
  /** The same as `close()`, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * What every server of the kit has around its two eras: `GET /ping`, the path, the body limit, the log, and the drain.
 */
export class HttpFace implements HttpHandler {
  private readonly path: string;
  private readonly maxRequestBodySize: number;
  private readonly log: Log;
  private readonly openCalls: OpenCalls;
  private readonly legacy: LegacyEra;
  private readonly modern: Era;
  private readonly warmup: Warmup;
  private isUsed = false;
  private state: 'open' | 'draining' | 'closed' = 'open';

  public constructor(openCalls: OpenCalls, legacy: LegacyEra, modern: Era, warmup: Warmup, options: HttpFaceOptions) {
    this.warmup = warmup;
    this.openCalls = openCalls;
    this.legacy = legacy;
    this.modern = modern;
    this.path = mcpPath(options).replace(/\/$/, '');
    this.maxRequestBodySize = positive(
      'maxRequestBodySize',
      options.maxRequestBodySize ?? DEFAULT_MAX_REQUEST_BODY_SIZE,
    );
    this.log = logOf(options);
  }

  public get sessionCount(): number {
    return this.legacy.count;
  }

  public get openCallCount(): number {
    return this.openCalls.count;
  }

  public async fetch(request: Request, { authInfo }: { readonly authInfo?: AuthInfo } = {}): Promise<Response> {
    const requestLog = new RequestLog(this.log, request);
    return requestLog.responded(await this.route(request, authInfo, requestLog));
  }

  public async answerProbe(request: Request): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    if (pathname === HEALTH_PATH) {
      return this.health(request);
    }
    return this.isEndpoint(pathname) ? await unreadPingAnswer(request) : undefined;
  }

  private async route(request: Request, authInfo: AuthInfo | undefined, requestLog: RequestLog): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === HEALTH_PATH) {
      return this.health(request);
    }
    if (pathname === WARMUP_PATH) {
      return this.warmUp(request);
    }
    if (!this.isEndpoint(pathname)) {
      return jsonRpcError(404, JsonRpcCode.serverError, `Not Found: the MCP endpoint is ${this.path}`);
    }

    if (request.method === 'OPTIONS') {
      return new Response(null, { status: 204, headers: { allow: ENDPOINT_METHODS } });
    }
    if (!['GET', 'POST', 'DELETE'].includes(request.method)) {
      return methodNotAllowed(request.method, ENDPOINT_METHODS);
    }

    const leave = await this.admit(request, authInfo);
    try {
      return await this.answerMessage(request, authInfo, requestLog);
    } finally {
      leave?.();
    }
  }

  private async admit(request: Request, authInfo: AuthInfo | undefined): Promise<Leave | undefined> {
    const length = Number(request.headers.get('content-length') ?? Infinity);
    return request.method === 'POST'
      ? await this.legacy.admit?.(request, Math.min(length, this.maxRequestBodySize), authInfo)
      : undefined;
  }

  private async answerMessage(
    request: Request,
    authInfo: AuthInfo | undefined,
    requestLog: RequestLog,
  ): Promise<Response> {
    const message = await readMessage(request, this.maxRequestBodySize);
    if (message instanceof Response) {
      return message;
    }
    const { body, problem } = message;
    requestLog.received(body);
    try {
      const isLegacy = await isLegacyRequest(request, body);
      const probed = isLegacy && this.state !== 'closed' ? pingAnswer(request, body) : undefined;
      if (probed !== undefined) {
        return probed;
      }
      this.isUsed = true;
      if (!this.accepts(body)) {
        return jsonRpcError(503, JsonRpcCode.serverError, 'Service Unavailable: the server is shutting down', body);
      }
      if (isLegacy && request.method !== 'DELETE' && !takesResponses(request)) {
        return notAcceptable(request, body);
      }
      const era = isLegacy ? this.legacy : this.modern;
      const response = await era.handle(era === this.legacy ? withSdkSpelling(request) : request, body, authInfo);
      return problem !== undefined && response.status === ACCEPTED
        ? jsonRpcError(400, JsonRpcCode.invalidRequest, `Bad Request: ${problem}`)
        : response;
    } catch (error) {
      logFailure(this.log, error);
      return jsonRpcError(500, JsonRpcCode.internalError, 'Internal server error', body);
    }
  }

  public async close({ drainTimeoutMs = 0 }: { readonly drainTimeoutMs?: number } = {}): Promise<void> {
    drainTimeout(drainTimeoutMs);
    this.state = 'draining';
    if (drainTimeoutMs > 0) {
      await this.openCalls.settled(drainTimeoutMs);
    }
    this.state = 'closed';
    await Promise.all([this.legacy.close(), this.modern.close()]);
  }

  public [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private health({ method }: Request): Response {
    return ['GET', 'HEAD'].includes(method)
      ? Response.json({ status: this.openCalls.count > 0 ? 'HealthyBusy' : 'Healthy' })
      : methodNotAllowed(method, 'GET, HEAD');
  }

  /** The hook comes before any session; afterwards a caller that reaches the path has no use for it. */
  private async warmUp(request: Request): Promise<Response> {
    if (request.method !== 'POST') {
      return methodNotAllowed(request.method, 'POST');
    }
    return this.isUsed
      ? jsonRpcError(409, JsonRpcCode.serverError, 'Conflict: the server is in use, and is warmed up before that')
      : await this.warmup(request);
  }

  private isEndpoint(pathname: string): boolean {
    return pathname.replace(/\/$/, '') === this.path;
  }

  /**
   * While calls are being finished, what belongs to them still comes through: answers, and the next rounds of
   * conversations.
   */
  private accepts(body: unknown): boolean {
    if (this.state === 'draining') {
      return requestIdOf(body) === null || carriesRequestState(body);
    }
    return this.state === 'open';
  }
}

/**
 * Where a server serves MCP.
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function mcpPath({ path = process.env[PATH_VARIABLE] || DEFAULT_MCP_PATH }: HttpFaceOptions): string {
  // A slash at the end makes no other path.
  if (/^\/[^?#\s]*$/.test(path) && ![HEALTH_PATH, WARMUP_PATH].includes(path.replace(/\/$/, ''))) {
    return path;
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`${PATH_VARIABLE}\` and the \`path\` option must begin with a slash and have no query, ${HEALTH_PATH} is for health checks and ${WARMUP_PATH} for the warm-up hook; got ${JSON.stringify(path)}`,
  );
}

/** The methods of an MCP endpoint. */
const ENDPOINT_METHODS = 'GET, POST, DELETE';

/** RFC 9110 15.5.6: the methods that there are belong to the response. */
export function methodNotAllowed(method: string, allow: string): Response {
  const response = jsonRpcError(405, JsonRpcCode.serverError, `Method Not Allowed: ${method}; allowed are ${allow}`);
  response.headers.set('allow', allow);
  return response;
}

function notAcceptable(request: Request, body: unknown): Response {
  const types = request.method === 'POST' ? 'both application/json and text/event-stream' : 'text/event-stream';
  return jsonRpcError(406, JsonRpcCode.serverError, `Not Acceptable: Client must accept ${types}`, body);
}

/** The same request, with media ranges replaced by the spelling that the SDK knows. Its body has been read. */
function withSdkSpelling(request: Request): Request {
  if (request.headers.get('accept') === CANONICAL_ACCEPT || request.method === 'DELETE') {
    return request;
  }
  const { url, method, signal } = request;
  const headers = new Headers(request.headers);
  headers.set('accept', CANONICAL_ACCEPT);
  return new Request(url, { method, headers, signal });
}

/** Puts what went wrong inside a request into the log: the client is told no details. */
export function logFailure(log: Log, error: unknown): void {
  log({
    level: 'error',
    event: 'request-failed',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}
