import { isInitializeRequest, type AuthInfo } from '@modelcontextprotocol/server';
import { isJsonObject, JsonRpcCode, jsonRpcError, requestIdOf } from '../common/json-rpc';
import type { Log } from '../common/log';
import type { Leave } from '../http/admission';
import type { OpenCalls } from '../http/open-calls';
import type { PrincipalOf } from '../common/principal';
import { invalidParams } from '../common/request-params';
import { Session, type SessionStopReason } from './session';
import type { SessionPeer } from './session-peer';
import type { SessionSettings } from './session-settings';
import { sessionIdFor } from './session-ids';

export interface SessionsOptions {
  readonly createPeer: (request: Request, authInfo: AuthInfo | undefined) => Promise<SessionPeer>;
  readonly principalOf: PrincipalOf;
  readonly openCalls: OpenCalls;
  readonly settings: SessionSettings;
  readonly log: Log;
}

/** The sessions of the legacy era (protocol 2025-11-25 and before), by `Mcp-Session-Id`. */
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  /** Ids whose `initialize` is being handled. */
  private readonly opening = new Set<string>();
  private readonly options: SessionsOptions;

  public constructor(options: SessionsOptions) {
    this.options = options;
  }

  public get count(): number {
    return this.sessions.size;
  }

  public async handle(request: Request, body: unknown, authInfo: AuthInfo | undefined): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    const session = id === null ? undefined : this.sessions.get(id);
    if (session) {
      // To anybody else the session does not exist.
      return session.principal === this.options.principalOf(request, authInfo)
        ? await session.handle(request, body, authInfo)
        : sessionNotFound(body);
    }
    // Before anything about the id: on `initialize` it may be the platform's, for a session that is yet to be.
    if (isInitializeRequest(body)) {
      return await this.initialize(request, body, authInfo, sessionIdFor(id));
    }
    if ([body].flat().some(message => isJsonObject(message) && message['method'] === 'initialize')) {
      return badInitialize(body);
    }
    if (id !== null) {
      return sessionNotFound(body);
    }
    return jsonRpcError(
      400,
      JsonRpcCode.serverError,
      'Bad Request: `Mcp-Session-Id` is required; start a session with `initialize`',
      body,
    );
  }

  /** Whom the session does not belong to is not told by waiting that there is one. */
  public async admit(request: Request, bytes: number, authInfo: AuthInfo | undefined): Promise<Leave | undefined> {
    const session = this.sessions.get(request.headers.get('mcp-session-id') ?? '');
    return session?.takesTurns && session.principal === this.options.principalOf(request, authInfo)
      ? await session.admit(bytes, request.signal)
      : undefined;
  }

  public async close(): Promise<void> {
    await Promise.all([...this.sessions.values()].map(session => session.close()));
  }

  private async initialize(
    request: Request,
    body: unknown,
    authInfo: AuthInfo | undefined,
    id: string,
  ): Promise<Response> {
    const { createPeer, principalOf, openCalls, settings, log } = this.options;
    const { maxSessions } = settings;
    if (this.opening.has(id)) {
      return jsonRpcError(409, JsonRpcCode.serverError, 'Conflict: this session is being initialized', body);
    }
    if (this.sessions.size + this.opening.size >= maxSessions) {
      return jsonRpcError(
        503,
        JsonRpcCode.serverError,
        `Service Unavailable: ${maxSessions} sessions are open already; try again later`,
        body,
      );
    }
    this.opening.add(id);
    try {
      const peer = await createPeer(request, authInfo);
      const session = await Session.open({
        id,
        principal: principalOf(request, authInfo),
        peer,
        openCalls,
        settings,
        onInitialized: opened => {
          this.sessions.set(id, opened);
          log({ level: 'info', event: 'session-started', sessionId: id, sessions: this.sessions.size });
        },
        onClosed: (closed, reason) => this.forget(closed, reason),
      });
      const response = await session.handle(request, body, authInfo);
      if (!session.initialized) {
        await session.close();
      }
      return response;
    } finally {
      this.opening.delete(id);
    }
  }

  private forget(session: Session, reason: SessionStopReason): void {
    if (this.sessions.get(session.id) !== session) {
      return;
    }
    this.sessions.delete(session.id);
    this.options.log({
      level: 'info',
      event: 'session-stopped',
      sessionId: session.id,
      reason,
      sessions: this.sessions.size,
    });
  }
}

/** A failed `initialize` is never answered with the advice to send `initialize`. */
function badInitialize(body: unknown): Response {
  if (Array.isArray(body)) {
    return jsonRpcError(400, JsonRpcCode.invalidRequest, 'Invalid Request: `initialize` must not be part of a batch');
  }
  if (requestIdOf(body) === null) {
    return jsonRpcError(400, JsonRpcCode.invalidRequest, 'Invalid Request: `initialize` needs an `id`, text or number');
  }
  const problem = invalidParams(body);
  // Not a 400: AgentCore replaces the body of those, and the client would not learn why.
  return problem === undefined
    ? jsonRpcError(200, JsonRpcCode.invalidRequest, 'Invalid Request: `jsonrpc` must be "2.0"', body)
    : jsonRpcError(200, JsonRpcCode.invalidParams, problem, body);
}

function sessionNotFound(body: unknown): Response {
  return jsonRpcError(404, JsonRpcCode.sessionNotFound, 'Session not found', body);
}
