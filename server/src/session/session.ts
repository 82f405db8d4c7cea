import type { AuthInfo, RequestId } from '@modelcontextprotocol/server';
import { setCallContext } from '../interaction/call-context';
import { isJsonObject, JsonRpcCode, jsonRpcError, requestIdOf, toolOf } from '../common/json-rpc';
import type { Leave } from '../http/admission';
import { keptForReader } from '../http/kept-for-reader';
import type { OpenCalls } from '../http/open-calls';
import { whenBodyEnds } from '../http/response-body';
import { duringCalls, type KeptSession } from './kept-session';
import { QuestionIds } from './question-ids';
import type { SessionPeer } from './session-peer';
import type { SessionSettings } from './session-settings';
import { SessionTransport } from './session-transport';

/** How long a client should wait before it connects again after a broken stream. */
const RETRY_MS = 1000;

/** The notification that ends the handshake. */
export const INITIALIZED = 'notifications/initialized';

/** Why a session stopped. */
export type SessionStopReason = 'deleted' | 'idle-timeout' | 'max-lifetime' | 'closed';

export interface SessionOptions {
  readonly id: string;
  readonly principal: string;
  readonly peer: SessionPeer;
  readonly openCalls: OpenCalls;
  readonly settings: SessionSettings;
  readonly kept: KeptSession;
  readonly onInitialized: (session: Session) => void;
  readonly onClosed: (session: Session, reason: SessionStopReason) => void;
}

/**
 * One session of the legacy era: a server instance of the author, its transport, and the time since it was last used.
 */
export class Session {
  public readonly id: string;
  public readonly principal: string;
  public readonly kept: KeptSession;

  private readonly peer: SessionPeer;
  private readonly transport: SessionTransport;
  private readonly openCalls: OpenCalls;
  private readonly idle: NodeJS.Timeout;
  private readonly lifetime: NodeJS.Timeout;
  private openStreams = 0;
  private stopReason: SessionStopReason = 'closed';

  public static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    await session.peer.connect(session.transport);
    return session;
  }

  private constructor({ id, principal, peer, openCalls, settings, kept, onInitialized, onClosed }: SessionOptions) {
    this.kept = kept;
    this.id = id;
    this.principal = principal;
    this.peer = peer;
    this.openCalls = openCalls;
    this.transport = new SessionTransport(
      {
        sessionIdGenerator: () => id,
        onsessioninitialized: () => onInitialized(this),
        onsessionclosed: () => {
          this.stopReason = 'deleted';
        },
        eventStore: kept,
        retryInterval: RETRY_MS,
        keepAliveMs: settings.keepAliveMs,
      },
      openCalls,
      new QuestionIds(kept.generation),
    );
    this.transport.onclose = () => {
      clearTimeout(this.idle);
      clearTimeout(this.lifetime);
      onClosed(this, this.stopReason);
    };
    this.idle = setTimeout(() => this.freeWhenIdle(), settings.idleTimeoutMs).unref();
    this.lifetime = setTimeout(() => void this.stop('max-lifetime'), settings.maxLifetimeMs).unref();
  }

  public get initialized(): boolean {
    return this.transport.sessionId !== undefined;
  }

  /** Whether messages have to be admitted. */
  public get takesTurns(): boolean {
    return this.peer.admit !== undefined;
  }

  public async handle(request: Request, parsedBody: unknown, authInfo: AuthInfo | undefined): Promise<Response> {
    this.idle.refresh();
    const refusal = this.refusal(parsedBody);
    if (refusal) {
      return refusal;
    }
    setCallContext(request, {
      clientCapabilities: () => this.peer.clientCapabilities(),
      protocolVersion: () => this.peer.protocolVersion(),
      hasOutputSchema: id => this.peer.hasOutputSchema(toolOf(parsedBody, id)),
      beginCall: () => this.openCalls.begin(),
    });
    const response = await duringCalls(idsOf(parsedBody), () =>
      this.transport.handleRequest(request, { parsedBody, ...(authInfo && { authInfo }) }),
    );
    if (!this.kept.isInitialized && methodOf(parsedBody) === INITIALIZED) {
      await this.kept.initialized();
    }
    if (this.stopReason === 'deleted') {
      await this.kept.remove();
    }
    const paced = this.peer.readerIsBehind
      ? keptForReader(response, { readerIsBehind: isBehind => this.peer.readerIsBehind?.(isBehind) })
      : response;
    return request.method === 'GET' ? this.watch(paced) : paced;
  }

  /** Resolves when a message of this size may come. */
  public async admit(bytes: number, signal: AbortSignal): Promise<Leave | undefined> {
    this.idle.refresh();
    return await this.peer.admit?.(bytes, signal);
  }

  public async close(): Promise<void> {
    await this.transport.close();
  }

  private refusal(body: unknown): Response | undefined {
    const problem = this.peer.invalidParams(body);
    if (problem !== undefined) {
      return jsonRpcError(200, JsonRpcCode.invalidParams, problem, body);
    }
    const ids = idsOf(body);
    const repeated = ids.find((id, index) => this.transport.isOpen(id) || ids.indexOf(id) !== index);
    return repeated === undefined
      ? undefined
      : jsonRpcError(
          400,
          JsonRpcCode.invalidRequest,
          `Invalid Request: the id ${JSON.stringify(repeated)} belongs to a request that this session is working on: use another one`,
          body,
        );
  }

  /** An open stream keeps the session from being idle. */
  private watch(response: Response): Response {
    this.openStreams += 1;
    return whenBodyEnds(response, () => {
      this.openStreams -= 1;
      this.idle.refresh();
    });
  }

  private freeWhenIdle(): void {
    if (this.transport.busy || this.openStreams > 0) {
      this.idle.refresh();
    } else {
      void this.stop('idle-timeout');
    }
  }

  private async stop(reason: SessionStopReason): Promise<void> {
    this.stopReason = reason;
    await this.close();
  }
}

/** Of the requests among one message, or those of a batch. */
function idsOf(body: unknown): RequestId[] {
  return [body].flat().flatMap(message => requestIdOf(message) ?? []);
}

function methodOf(body: unknown): unknown {
  return isJsonObject(body) ? body['method'] : undefined;
}
