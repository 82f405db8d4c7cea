import { randomUUID } from 'node:crypto';
import type { AccountQuotas } from '../platform/account-quotas';
import type { Clock } from '../common/clock';
import type { EventLog } from '../events/event-log';
import type { LocalRuntimeEventEmitter, SessionStoppedEvent, SessionStopReason } from '../events/events';
import { isInitializeRequest } from '../request/rpc-message';
import type { Invocation } from '../request/invocation';
import { IssuedIds } from './issued-ids';
import type { RequestLimits } from '../platform/limits';
import { internalError, sessionInTransition, sessionNotFound } from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import type { RuntimeVersion } from './runtime-version';
import { Session, type SessionHost } from './session';
import type { SessionDescription } from './session-description';
import type { SessionKind } from './session-usage';
import type { SessionStorage } from './session-storage';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';

export interface SessionSettings {
  readonly clock: Clock;
  readonly events: LocalRuntimeEventEmitter;
  readonly eventLog: EventLog;
  readonly settings: PlatformSettings;
  readonly limits: RequestLimits;
  readonly quotas: AccountQuotas;
  readonly storage: SessionStorage;
}

const REMEMBERED = 100;
/** A session whose id must not get new compute before its old compute is gone. */
const TORN_DOWN: ReadonlySet<SessionStopReason> = new Set(['idle-timeout', 'max-lifetime', 'stopped', 'unhealthy']);

/**
 * The sessions of one runtime: which process answers which request.
 *
 * No id is refused here. One that no live session has gets a fresh process, as AgentCore gives a stopped session new
 * compute, and it is that server's part to answer 404. When it does (when it has answered nothing but errors), its
 * process ends with its response instead of idling for the whole idle timeout.
 */
export class Sessions implements SessionHost {
  private readonly bound = new Map<string, Session>();
  private readonly tornDown = new Map<string, Session>();
  private readonly issued = new IssuedIds();
  private readonly live = new Set<Session>();
  private readonly ended: SessionDescription[] = [];
  /** One for each version. */
  private readonly shared = new Map<RuntimeVersion, Session>();

  public constructor(private readonly options: SessionSettings) {}

  public get clock(): Clock {
    return this.options.clock;
  }

  public get limits(): RequestLimits {
    return this.options.limits;
  }

  public get settings(): PlatformSettings {
    return this.options.settings;
  }

  public get platformIssuesIds(): boolean {
    return this.settings.sessionIds === 'platform';
  }

  public get pingIntervalMs(): number | undefined {
    const { pingIntervalMs } = this.settings;
    return pingIntervalMs === 'off' ? undefined : pingIntervalMs;
  }

  /**
   * Dispatches a request to its session. Settles when the exchange is over.
   *
   * @throws PlatformException
   */
  public async dispatch(invocation: Invocation, version: RuntimeVersion): Promise<void> {
    const id = this.chosenId(invocation, version);
    const session =
      id === undefined
        ? await this.withoutId(invocation, version)
        : this.issued.get(id)
          ? await this.withIssuedId(id, invocation, version)
          : this.withId(id, invocation, version);
    return session.forward(invocation);
  }

  /** Finds the session of a request that failed on its way to it, for the ids of its response. */
  public recognize(invocation: Invocation): void {
    if (invocation.session) {
      return;
    }
    const id = this.idOf(invocation, invocation.dialect === 'native');
    const session = id === undefined ? undefined : (this.bound.get(id) ?? this.tornDown.get(id));
    if (session && this.mayReach(session.owner, invocation)) {
      invocation.session = session;
    }
  }

  /** The live session with an id of either kind, the youngest when several have it; undefined when there is none. */
  public find(id: string): Session | undefined {
    return (
      this.bound.get(id) ??
      this.tornDown.get(id) ??
      [...this.live].reverse().find(session => session.hasRuntimeSessionId(id))
    );
  }

  /** Live sessions in the order they started, after the last 100 that ended. */
  public describe(): SessionDescription[] {
    return [...this.ended, ...[...this.live].flatMap(session => session.describe() ?? [])];
  }

  /** Reads what the live sessions have used. */
  public measure(): void {
    for (const session of this.live) {
      session.measure();
    }
  }

  /** Those that live. */
  public get running(): Iterable<Session> {
    return this.live;
  }

  /** Ends every session. Settles when no process is left. */
  public async close(reason: 'closed' | 'runtime-deleted'): Promise<void> {
    const sessions = [...this.live];
    for (const session of sessions) {
      session.stop(reason);
    }
    await Promise.all(sessions.map(session => session.over));
  }

  public bind(id: string, session: Session): boolean {
    const isTaken = this.bound.has(id);
    this.bound.set(id, session);
    this.options.storage.keep(id, session.runtimeSessionId);
    return isTaken;
  }

  public issue(id: string, session: Session, identity: string | undefined): void {
    this.issued.remember(id, { session, identity });
  }

  public forgetIssued(id: string): void {
    this.issued.delete(id);
  }

  public unbind(session: Session, reason: SessionStopReason): void {
    const conflicts = TORN_DOWN.has(reason) && this.settings.sessionTransitions === 'conflict';
    for (const [id, owner] of this.bound) {
      if (owner !== session) {
        continue;
      }
      this.bound.delete(id);
      if (conflicts) {
        this.tornDown.set(id, session);
      }
    }
    if (this.shared.get(session.version) === session) {
      this.shared.delete(session.version);
    }
    this.issued.forget(session);
  }

  public responded({ version }: Session): void {
    version.pool.refill();
  }

  public started(session: Session): void {
    const description = session.describe();
    if (!description) {
      return;
    }
    const { runtimeName, sessionId, pid } = description;
    this.options.eventLog.record({ type: 'session-started', runtimeName, sessionId, pid });
    this.options.events.emit('session-started', { runtimeName, sessionId, pid });
  }

  public gone(session: Session, event?: SessionStoppedEvent): void {
    this.live.delete(session);
    this.options.quotas.sessionEnded();
    for (const [id, owner] of this.tornDown) {
      if (owner === session) {
        this.tornDown.delete(id);
      }
    }
    session.version.pool.refill();
    if (event?.reason === 'refused') {
      this.options.storage.forget(session.sessionId);
    }
    const description = session.describe();
    if (!event || !description) {
      return;
    }
    this.ended.push(description);
    if (this.ended.length > REMEMBERED) {
      this.ended.shift();
    }
    this.options.eventLog.record({ type: 'session-stopped', ...event });
    this.options.events.emit('session-stopped', event);
  }

  private chosenId(invocation: Invocation, { definition }: RuntimeVersion): string | undefined {
    return this.idOf(invocation, definition.features.protocol === 'HTTP');
  }

  private idOf({ exchange: { headers } }: Invocation, isHttp: boolean): string | undefined {
    const runtimeSessionId = (headers[RUNTIME_SESSION_ID] as string | undefined) || undefined;
    const mcpSessionId = (headers[MCP_SESSION_ID] as string | undefined) || undefined;
    if (isHttp) {
      return runtimeSessionId;
    }
    return this.settings.affinity === 'mcp-session-id' ? mcpSessionId : (runtimeSessionId ?? mcpSessionId);
  }

  private withId(id: string, invocation: Invocation, version: RuntimeVersion): Session {
    if (this.tornDown.has(id)) {
      throw sessionInTransition();
    }
    const session = this.bound.get(id);
    if (!session) {
      return this.open('known-id', version, invocation.caller.identity, id);
    }
    if (!this.mayReach(session.owner, invocation)) {
      throw sessionNotFound();
    }
    return session;
  }

  private async withIssuedId(id: string, invocation: Invocation, version: RuntimeVersion): Promise<Session> {
    const issued = this.issued.get(id);
    if (issued && !this.mayReach(issued.identity, invocation)) {
      throw sessionNotFound();
    }
    const isInitialize = await isInitializeRequest(invocation.exchange);
    // A server with sessions, which has answered a request without one: the session is one of its own.
    if (isInitialize) {
      this.issued.delete(id);
    }
    return (isInitialize ? undefined : this.issued.get(id)?.session) ?? this.withId(id, invocation, version);
  }

  private mayReach(owner: string | undefined, { caller: { identity } }: Invocation): boolean {
    return owner === identity || this.settings.sessionBinding === 'none';
  }

  private async withoutId(invocation: Invocation, version: RuntimeVersion): Promise<Session> {
    const {
      exchange,
      caller: { identity },
    } = invocation;
    if (version.definition.features.protocol === 'HTTP') {
      return this.open('known-id', version, identity, randomUUID());
    }
    const isInitialize = await isInitializeRequest(exchange);
    // No session for a request that was given up while its body was waited for.
    if (exchange.response.destroyed) {
      throw internalError('the client went away, or its time was over');
    }
    if (isInitialize) {
      return this.open('initialize', version, identity);
    }
    if (this.settings.requestsWithoutSession === 'new-session') {
      return this.open('single-request', version, identity);
    }
    const shared = this.shared.get(version) ?? this.open('shared', version, undefined);
    this.shared.set(version, shared);
    return shared;
  }

  private open(kind: SessionKind, version: RuntimeVersion, owner: string | undefined, id?: string): Session {
    this.options.quotas.admitSession();
    const session = new Session(this, {
      kind,
      version,
      owner,
      id,
      // What cannot be started is an error of the request, whenever it is noticed: the session has been counted.
      process: async runtimeSessionId => {
        const environment = this.options.storage.environmentOf(version, id ?? runtimeSessionId);
        return environment ? version.pool.start(environment) : version.pool.take();
      },
    });
    this.live.add(session);
    return session;
  }
}
