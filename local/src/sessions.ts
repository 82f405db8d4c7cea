import type { Clock } from './clock';
import type { LocalRuntimeEventEmitter, SessionStoppedEvent } from './events';
import { answerPlatformError, headerOf, type Exchange } from './exchange';
import { SESSION_ID } from './forward';
import { isInitializeRequest } from './initialize-request';
import { invalidRequest } from './platform-errors';
import type { ProcessPool } from './process-pool';
import type { RuntimeDefinition } from './runtime-definition';
import { Session, type SessionDescription, type SessionHost, type SessionKind } from './session';

export interface SessionSettings {
  readonly clock: Clock;
  readonly events: LocalRuntimeEventEmitter;
  readonly sessionIds: 'server' | 'platform';
  readonly requestsWithoutSession: 'shared' | 'new-session';
}

// Service model, `mcpSessionId` of InvokeAgentRuntime.
const LONGEST_SESSION_ID = 1024;
const REMEMBERED = 100;

/**
 * The sessions of one runtime: which process answers which request.
 *
 * No id is refused here. One that no live session has gets a fresh process, as AgentCore gives a stopped session new compute, and it is that server's part
 * to answer 404. When it does (when it has answered nothing but errors), its process ends with its answer instead of idling for the whole idle timeout.
 */
export class Sessions implements SessionHost {
  private readonly bound = new Map<string, Session>();
  private readonly live = new Set<Session>();
  private readonly ended: SessionDescription[] = [];
  private shared: Session | undefined;

  public constructor(public readonly runtime: RuntimeDefinition, private readonly pool: ProcessPool, private readonly settings: SessionSettings) {}

  public get clock(): Clock {
    return this.settings.clock;
  }

  public get platformIssuesIds(): boolean {
    return this.settings.sessionIds === 'platform';
  }

  /** Answers a request. Settles when the exchange is over. */
  public async serve(exchange: Exchange): Promise<void> {
    const id = headerOf(exchange, SESSION_ID);
    if (id !== undefined && id.length > LONGEST_SESSION_ID) {
      await exchange.body.readBeginning();
      return answerPlatformError(exchange, invalidRequest);
    }
    const session = id === undefined ? await this.withoutId(exchange) : this.bound.get(id) ?? this.open('known-id', id);
    await session.serve(exchange);
  }

  /** Live sessions in the order they started, after the last 100 that ended. */
  public describe(): SessionDescription[] {
    return [...this.ended, ...[...this.live].flatMap(session => session.describe() ?? [])];
  }

  /** Ends every session. Settles when no process is left. */
  public async close(): Promise<void> {
    const sessions = [...this.live];
    for (const session of sessions) session.stop('disposed');
    await Promise.all(sessions.map(session => session.over));
  }

  public bind(id: string, session: Session): boolean {
    const isTaken = this.bound.has(id);
    this.bound.set(id, session);
    return isTaken;
  }

  public unbind(session: Session): void {
    for (const [id, owner] of this.bound) {
      if (owner === session) this.bound.delete(id);
    }
    if (this.shared === session) this.shared = undefined;
  }

  public served(): void {
    this.pool.refill();
  }

  public started(session: Session): void {
    const description = session.describe();
    if (description) this.settings.events.emit('session-started', { runtimeName: this.runtime.name, sessionId: description.sessionId, pid: description.pid });
  }

  public gone(session: Session, event?: SessionStoppedEvent): void {
    this.live.delete(session);
    this.pool.refill();
    const description = session.describe();
    if (!event || !description) return;
    this.ended.push(description);
    if (this.ended.length > REMEMBERED) this.ended.shift();
    this.settings.events.emit('session-stopped', event);
  }

  private async withoutId(exchange: Exchange): Promise<Session> {
    if (await isInitializeRequest(exchange)) return this.open('initialize');
    if (this.settings.requestsWithoutSession === 'new-session') return this.open('single-request');
    this.shared ??= this.open('shared');
    return this.shared;
  }

  private open(kind: SessionKind, id?: string): Session {
    const session = new Session(this, kind, this.pool.take(), id);
    this.live.add(session);
    return session;
  }
}
