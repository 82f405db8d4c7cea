import {
  StreamableHTTPClientTransport,
  type FetchLike,
  type ReconnectionScheduler,
  type Transport,
} from '@modelcontextprotocol/client';
import type { Auth } from './auth/auth';
import { sigV4, type SigV4Auth } from './auth/sigv4';
import { isPlatformHost, type Endpoint } from './common/endpoint';
import { StatefulMcpClientError } from './common/errors';
import { toClientError } from './conversation/error-translation';
import { plainMessage } from './incoming/plain-message';
import { SessionKeeper } from './session/session-keeper';
import { SessionRestartingTransport, type SessionRestart, type SessionRestartOptions } from './session/session-restart';
import { traceSource, type TraceOption } from './session/trace-context';
import type { SessionStore } from './storage/session-store';
import { resolveTarget, type Target, type TargetOptions } from './target/target';

/** How a server is reached, whoever speaks with it. */
export interface TransportOptions extends TargetOptions {
  /**
   * How requests show who sends them: `sigV4()`, `oauth()`, `clientCredentials()`, `bearer(token)` or `'none'`.
   *
   * @default - `sigV4()` for an ARN, for `stack:…`, and for a URL of AgentCore itself unless `fetch` is given; none else
   */
  readonly auth?: Auth | 'none';

  /**
   * Sends the HTTP requests: the place for headers, proxies and tests.
   *
   * @default - the global `fetch`
   */
  readonly fetch?: FetchLike;

  /**
   * How long the start of a session may take, in milliseconds: the first one, and one that takes the place of a lost
   * one. AgentCore gives a container 120 seconds to become healthy, and the first request waits for that. A person who
   * signs in is not timed by it. At most 2147483647.
   *
   * @default 150000 (2.5 minutes)
   */
  readonly connectTimeoutMs?: number;

  /**
   * Keeps the session when the client is closed, and goes on with it in the next process that connects to the same
   * endpoint with the same capabilities: `fileSessionStore()`, or a store of your own. It lives until its idle timeout,
   * or until `endSession()`. Has no effect in the modern era, which has no sessions.
   *
   * @default - a session ends with its client
   */
  readonly sessions?: SessionStore;

  /**
   * Name by which a kept session is found again.
   *
   * @default 'default'
   */
  readonly sessionName?: string;

  /**
   * Which trace the requests belong to. It is in `params._meta` of each request (SEP-414) and in its headers
   * (`traceparent`, `tracestate`, `baggage`).
   *
   * @default 'active'
   */
  readonly trace?: TraceOption;

  /**
   * Called when the session was gone (404) and a new one has taken its place.
   *
   * @default - the session is replaced silently
   */
  readonly onSessionRestarted?: (restart: SessionRestart) => void;

  /**
   * Puts itself around all requests of the session, before credentials come to them.
   *
   * @internal
   */
  readonly around?: (fetch: FetchLike) => FetchLike;
}

/** AgentCore gives a container 120 seconds to become healthy; the first request waits for that. */
export const START_TIMEOUT_MS = 150_000;
const MAX_TIMEOUT_MS = 2_147_483_647;

/** How long closing waits for the end of the session to be confirmed, in milliseconds. */
export const END_SESSION_TIMEOUT_MS = 2_000;

/** Options of `createTransport()`. */
export interface CreateTransportOptions extends TransportOptions {
  readonly target: Target;
}

/** What `createTransport()` makes: a transport of the MCP SDK whose `close()` ends the session as well. */
export interface StatefulTransport extends Transport {
  /** Makes what `send()`, or the SDK on top of it, has thrown into the error of this package. */
  explain(error: unknown): StatefulMcpClientError;
}

/**
 * A transport for the MCP SDK's own `Client`, and so for the frameworks that take one. It does below the SDK what
 * `connect()` does: credentials, cold starts, sessions that are replaced when they are lost, and the end of the session
 * with `close()`.
 *
 * @throws StatefulMcpClientError what is wrong with the options or the target, `ERR_CREDENTIALS`, or `ERR_SIGN_IN`
 */
export async function createTransport(options: CreateTransportOptions): Promise<StatefulTransport> {
  const { endpoint, transport } = await openTransport(options, plainMessage);
  const end = transport.close.bind(transport);
  return Object.assign(transport, {
    close: async () => {
      await transport.leaveSession(END_SESSION_TIMEOUT_MS);
      await end();
    },
    explain: (error: unknown) => toClientError(error, { url: endpoint.url }),
  });
}

/**
 * A transport that nothing was sent on yet, and where it leads to.
 *
 * @param present - what whoever is on top gets to see of a message of the server
 */
export async function openTransport(
  options: CreateTransportOptions,
  present: SessionRestartOptions['present'],
): Promise<{ endpoint: Endpoint; transport: SessionRestartingTransport }> {
  const connectTimeoutMs = checkedTimeout('connectTimeoutMs', options.connectTimeoutMs ?? START_TIMEOUT_MS);
  const { auth, endpoint } = await locate(options);
  const send = options.fetch ?? globalThis.fetch;
  const authorized = auth?.authorized(send, endpoint) ?? send;
  await auth?.prepare?.(send, endpoint, new AbortController().signal);
  const transport = new SessionRestartingTransport({
    open: (fetch, session) =>
      new StreamableHTTPClientTransport(endpoint.url, { ...session, fetch, reconnectionScheduler }),
    fetch: options.around?.(authorized) ?? authorized,
    endpoint,
    startTimeoutMs: connectTimeoutMs,
    ...(options.sessions && {
      keeper: new SessionKeeper(options.sessions, endpoint.url, options.sessionName ?? 'default'),
    }),
    present,
    trace: await traceSource(options.trace),
    onSessionRestarted: options.onSessionRestarted,
  });
  return { endpoint, transport };
}

/** @throws StatefulMcpClientError `ERR_INVALID_OPTION` */
export function checkedTimeout(name: string, milliseconds: number): number {
  if (!(milliseconds > 0 && milliseconds <= MAX_TIMEOUT_MS)) {
    throw invalidOption(name, milliseconds, `a number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`);
  }
  return milliseconds;
}

export function invalidOption(name: string, value: unknown, allowed: string): StatefulMcpClientError {
  return new StatefulMcpClientError('ERR_INVALID_OPTION', `\`${name}\` is ${String(value)}: pass ${allowed}`);
}

/** Where a target is, and who calls it by default. */
export async function locate({
  target,
  auth,
  fetch,
  ...options
}: Pick<CreateTransportOptions, 'target' | 'auth' | 'fetch' | keyof TargetOptions>): Promise<{
  auth?: Auth;
  endpoint: Endpoint;
}> {
  if (auth !== undefined && auth !== 'none' && typeof auth.authorized !== 'function') {
    throw invalidOption('auth', auth, "sigV4(), oauth(), clientCredentials(), bearer(token) or 'none'");
  }
  const given = auth === 'none' ? undefined : auth;
  const signing = given === undefined && auth === undefined ? sigV4() : given;
  const endpoint = await resolveTarget(target, {
    ...options,
    credentials: (signing as SigV4Auth | undefined)?.credentials,
  });
  const isUrl = /^https?:/i.test(String(target));
  const signs = auth === undefined && (!isUrl || (fetch === undefined && isPlatformHost(endpoint.url.hostname)));
  return { auth: signs ? signing : given, endpoint };
}

/**
 * Streams that broke are opened again after a while; a wait for that, left over when the client is closed, must not
 * hold up the end of the program.
 */
const reconnectionScheduler: ReconnectionScheduler = (reconnect, delay) => {
  const timer = setTimeout(reconnect, delay).unref();
  return () => clearTimeout(timer);
};
