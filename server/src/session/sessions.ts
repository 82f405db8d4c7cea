import { isInitializeRequest, type AuthInfo } from '@modelcontextprotocol/server';
import { isJsonObject, JsonRpcCode, jsonRpcError, requestIdOf } from '../common/json-rpc';
import type { Log } from '../common/log';
import type { Leave } from '../http/admission';
import type { OpenCalls } from '../http/open-calls';
import type { PrincipalOf } from '../common/principal';
import { invalidParams } from '../common/request-params';
import { CANONICAL_ACCEPT } from '../http/accept';
import { KeptSession } from './kept-session';
import { INITIALIZED, Session, type SessionStopReason } from './session';
import { UnreadableSession, type SessionDirectory } from './session-directory';
import type { SessionPeer } from './session-peer';
import type { SessionSettings } from './session-settings';
import { sessionIdFor } from './session-ids';

export interface SessionsOptions {
  readonly createPeer: (request: Request, authInfo: AuthInfo | undefined) => Promise<SessionPeer>;
  readonly principalOf: PrincipalOf;
  readonly openCalls: OpenCalls;
  readonly settings: SessionSettings;
  /** Where sessions are kept, for processes after this one. */
  readonly directory?: SessionDirectory | undefined;
  readonly log: Log;
}

/** The sessions of the legacy era (protocol 2025-11-25 and before), by `Mcp-Session-Id`. */
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  /** Ids whose `initialize` is being handled. */
  private readonly opening = new Set<string>();
  /** Sessions that are being read, by id and principal. */
  private readonly restoring = new Map<string, Promise<Session | undefined>>();
  private readonly options: SessionsOptions;

  public constructor(options: SessionsOptions) {
    this.options = options;
  }

  public get count(): number {
    return this.sessions.size;
  }

  public async handle(request: Request, body: unknown, authInfo: AuthInfo | undefined): Promise<Response> {
    try {
      return await this.answer(request, body, authInfo);
    } catch (error) {
      if (error instanceof UnreadableSession) {
        return unreadable(body);
      }
      throw error;
    }
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

  private async answer(request: Request, body: unknown, authInfo: AuthInfo | undefined): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    const session = id === null ? undefined : await this.known(id, request, body, authInfo);
    if (session) {
      // To anybody else the session does not exist.
      return session.principal === this.options.principalOf(request, authInfo)
        ? await session.handle(request, body, authInfo)
        : sessionNotFound(body);
    }
    // Before anything about the id: on `initialize` it may be the platform's, for a session that is yet to be.
    if (isInitializeRequest(body) && requestIdOf(body) !== null) {
      return await this.initialize(request, body, authInfo, sessionIdFor(id));
    }
    if ([body].flat().some(message => isJsonObject(message) && message['method'] === 'initialize')) {
      return badInitialize(body);
    }
    if (id !== null) {
      // One that is kept may be read when there is room again.
      return this.options.directory !== undefined && this.isFull ? this.full(body) : sessionNotFound(body);
    }
    return jsonRpcError(
      400,
      JsonRpcCode.serverError,
      'Bad Request: `Mcp-Session-Id` is required; start a session with `initialize`',
      body,
    );
  }

  /** A session of this process, or one that goes on in it. */
  private async known(
    id: string,
    request: Request,
    body: unknown,
    authInfo: AuthInfo | undefined,
  ): Promise<Session | undefined> {
    const { directory, principalOf } = this.options;
    const session = this.sessions.get(id);
    if (session || directory === undefined || isInitializeRequest(body) || this.isFull) {
      return session;
    }
    // One who must not see the session does not keep it from another who may.
    const key = JSON.stringify([id, principalOf(request, authInfo)]);
    const restoring = this.restoring.get(key) ?? this.restore(directory, id, request, authInfo);
    this.restoring.set(key, restoring);
    try {
      return await restoring;
    } finally {
      this.restoring.delete(key);
    }
  }

  private async restore(
    directory: SessionDirectory,
    id: string,
    request: Request,
    authInfo: AuthInfo | undefined,
  ): Promise<Session | undefined> {
    const { createPeer, principalOf, openCalls, settings, log } = this.options;
    const kept = await directory.find(id);
    const principal = principalOf(request, authInfo);
    if (kept?.start === undefined || kept.start.principal !== principal) {
      return undefined;
    }
    const session = await Session.open({
      id,
      principal,
      peer: await createPeer(request, authInfo),
      openCalls,
      settings: { ...settings, maxLifetimeMs: directory.remainingMs(kept) },
      kept,
      onInitialized: opened => void this.sessions.set(id, opened),
      onClosed: (closed, reason) => this.forget(closed, reason),
    });
    await repeatHandshake(session, request.url, authInfo);
    if (!session.initialized) {
      await session.close();
      return undefined;
    }
    await kept.save();
    const lostCalls = await kept.endLostCalls();
    log({ level: 'info', event: 'session-restored', sessionId: id, sessions: this.sessions.size, lostCalls });
    return session;
  }

  private async initialize(
    request: Request,
    body: unknown,
    authInfo: AuthInfo | undefined,
    id: string,
  ): Promise<Response> {
    const { createPeer, principalOf, openCalls, settings, directory, log } = this.options;
    if (this.opening.has(id)) {
      return jsonRpcError(409, JsonRpcCode.serverError, 'Conflict: this session is being initialized', body);
    }
    if (this.isFull) {
      return this.full(body);
    }
    this.opening.add(id);
    try {
      const principal = principalOf(request, authInfo);
      const before = await directory?.find(id);
      if (before?.start !== undefined && before.start.principal !== principal) {
        return sessionNotFound(body);
      }
      const peer = await createPeer(request, authInfo);
      const start = { principal, initialize: body, startedAt: Date.now() };
      const session = await Session.open({
        id,
        principal,
        peer,
        openCalls,
        settings,
        kept: (await directory?.begin(id, start)) ?? KeptSession.unkept(),
        onInitialized: opened => {
          this.sessions.set(id, opened);
          log({ level: 'info', event: 'session-started', sessionId: id, sessions: this.sessions.size });
        },
        onClosed: (closed, reason) => this.forget(closed, reason),
      });
      const response = await session.handle(request, body, authInfo);
      if (!session.initialized) {
        await session.kept.remove();
        await session.close();
      }
      return response;
    } finally {
      this.opening.delete(id);
    }
  }

  private get isFull(): boolean {
    return this.sessions.size + this.opening.size >= this.options.settings.maxSessions;
  }

  private full(body: unknown): Response {
    return jsonRpcError(
      503,
      JsonRpcCode.serverError,
      `Service Unavailable: ${this.options.settings.maxSessions} sessions are open already; try again later`,
      body,
    );
  }

  private forget(session: Session, reason: SessionStopReason): void {
    if (this.sessions.get(session.id) !== session) {
      return;
    }
    this.sessions.delete(session.id);
    // One that was idle, or whose process stops, can go on; one that was deleted has removed what was kept.
    if (reason === 'max-lifetime') {
      void session.kept.remove();
    }
    this.options.log({
      level: 'info',
      event: 'session-stopped',
      sessionId: session.id,
      reason,
      sessions: this.sessions.size,
    });
  }
}

/** Brings server and transport to where those of the process before were; what they answer was sent then. */
async function repeatHandshake(session: Session, url: string, authInfo: AuthInfo | undefined): Promise<void> {
  const { kept } = session;
  const headers = { 'content-type': 'application/json', accept: CANONICAL_ACCEPT };
  const { isInitialized } = kept;
  await kept.replaying(async () => {
    const first = await session.handle(new Request(url, { method: 'POST', headers }), kept.start?.initialize, authInfo);
    await first.text();
    if (session.initialized && isInitialized) {
      const second = new Request(url, { method: 'POST', headers: { ...headers, 'mcp-session-id': session.id } });
      await (await session.handle(second, { jsonrpc: '2.0', method: INITIALIZED }, authInfo)).text();
    }
  });
}

/** A failed `initialize` is never answered with the advice to send `initialize`. */
function badInitialize(body: unknown): Response {
  if (Array.isArray(body)) {
    return jsonRpcError(400, JsonRpcCode.invalidRequest, 'Invalid Request: `initialize` must not be part of a batch');
  }
  if (requestIdOf(body) === null) {
    return jsonRpcError(400, JsonRpcCode.invalidRequest, 'Invalid Request: `initialize` needs an `id`, text or number');
  }
  // Not a 400: AgentCore replaces the body of those, and the client would not learn why.
  return jsonRpcError(200, JsonRpcCode.invalidParams, invalidParams(body) ?? 'Invalid params of initialize', body);
}

function unreadable(body: unknown): Response {
  return jsonRpcError(
    503,
    JsonRpcCode.serverError,
    'Service Unavailable: the session that is kept cannot be read for now; try again later',
    body,
  );
}

function sessionNotFound(body: unknown): Response {
  return jsonRpcError(404, JsonRpcCode.sessionNotFound, 'Session not found', body);
}
