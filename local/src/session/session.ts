import { randomUUID } from 'node:crypto';
import { originOf } from '../auth/inbound-auth';
import type { Clock } from '../common/clock';
import { LocalRuntimeError } from '../common/errors';
import type { SessionStopReason, SessionStoppedEvent } from '../events/events';
import type { HeaderPolicy } from '../platform/header-policy';
import type { RequestLimits } from '../platform/limits';
import { PlatformException, runtimeClientError, sessionInTransition } from '../platform/platform-errors';
import type { PlatformSettings } from '../platform/platform-settings';
import { DEFAULT_PATHS } from '../model/runtime-definition';
import { MCP_SESSION_ID } from 'stateful-mcp-contract';
import type { Exchange } from '../http/exchange';
import type { SessionProcess } from '../process/session-process';
import { forward, type ForwardedFor } from '../request/forward';
import type { ResponseIds, Invocation, ReachedSession } from '../request/invocation';
import type { TimeLimits } from '../request/time-limits';
import { forwardToSessionPort, type PortFailure, type WantedPort } from './session-port';
import type { WatchedSession } from './memory-watch';
import type { RuntimeVersion } from './runtime-version';
import type { SessionDescription } from './session-description';
import { SessionIds } from './session-ids';
import { SessionLifecycle } from './session-lifecycle';
import { SessionUsage, type SessionKind } from './session-usage';

/** Path of the URLs by which ports of sessions are reached. */
export const SESSION_ENDPOINTS = '/session-endpoints/';

/** How a session begins. */
export interface SessionStart {
  readonly kind: SessionKind;
  readonly version: RuntimeVersion;
  /** Starts its process, or takes one that waits. */
  readonly process: (runtimeSessionId: string) => Promise<SessionProcess>;
  /** Id that chose it. */
  readonly id?: string;
  /** Whose it is. */
  readonly owner?: string;
}

/** What a session needs from the table that holds it. */
export interface SessionHost {
  readonly clock: Clock;
  readonly limits: RequestLimits;
  readonly settings: PlatformSettings;
  /** Whether the platform issues the `Mcp-Session-Id`. */
  readonly platformIssuesIds: boolean;
  /** Between two background pings; undefined without them. */
  readonly pingIntervalMs: number | undefined;
  /** Requests with this id belong to the session from now on. Returns whether they belonged to another one before. */
  bind(id: string, session: Session): boolean;
  /**
   * Requests of a caller with this id, which the platform has made, belong to the session from now on; for a process
   * that several share.
   */
  issue(id: string, session: Session, identity: string | undefined): void;
  /** Requests with this id, which the platform has made, do not belong to a session any more. */
  forgetIssued(id: string): void;
  /** The session takes no further requests. */
  unbind(session: Session, reason: SessionStopReason): void;
  /** Its server has begun its first response. */
  responded(session: Session): void;
  started(session: Session): void;
  /** Its process has ended, or (without an event) never started. */
  gone(session: Session, event?: SessionStoppedEvent): void;
}

/** One session: it forwards the requests that its ids choose it for to the process that is its own while it lives. */
export class Session implements ForwardedFor, ReachedSession, WatchedSession {
  public readonly owner: string | undefined;
  public readonly version: RuntimeVersion;

  /** What names it in the URL of its ports; undefined where it has none. */
  public readonly endpointToken: string | undefined;

  private readonly kind: SessionKind;
  private readonly ids: SessionIds;
  private readonly usage: SessionUsage;
  private readonly lifecycle: SessionLifecycle;

  public constructor(
    private readonly host: SessionHost,
    { kind, version, process, id, owner }: SessionStart,
  ) {
    const { protocol, allowedPorts } = version.definition.features;
    // The process of all requests without a session is nobody's to reach.
    const isReachable = allowedPorts.length > 0 && (kind === 'initialize' || kind === 'known-id');
    this.endpointToken = isReachable ? randomUUID() : undefined;
    this.kind = kind;
    this.version = version;
    this.owner = owner;
    this.usage = new SessionUsage(kind, protocol);
    this.ids = new SessionIds({
      kind,
      protocol,
      platformIssuesIds: host.platformIssuesIds,
      issuedIds: host.settings.issuedIds,
      chosenBy: id,
      bind: bound => host.bind(bound, this),
      issue: (issued, identity) => {
        host.issue(issued, this, identity);
      },
      renamed: renamed => {
        this.lifecycle.renamed(renamed);
      },
      note: line => {
        this.lifecycle.note(line);
      },
    });
    this.lifecycle = new SessionLifecycle(process(this.ids.runtimeSessionId), {
      clock: host.clock,
      version,
      pingIntervalMs: host.pingIntervalMs,
      usage: this.usage,
      sessionId: () => this.ids.sessionId,
      isIdentified: () => this.ids.areKnown || kind !== 'initialize',
      onStarted: () => {
        host.started(this);
      },
      onClosed: reason => {
        host.unbind(this, reason);
      },
      onEnded: event => {
        host.gone(this, event);
      },
    });
    this.ids.bindFirst();
  }

  public get runtimeSessionId(): string {
    return this.ids.runtimeSessionId;
  }

  public get sessionId(): string {
    return this.ids.sessionId;
  }

  /** Whether its requests or its responses carry this runtime session id. */
  public hasRuntimeSessionId(id: string): boolean {
    return this.ids.hasRuntimeSessionId(id);
  }

  /**
   * Whose it is when it is named by an id: the process of all requests without a session is, by the id of one of them,
   * that of its caller.
   */
  public ownerBy(id: string): string | undefined {
    return this.kind === 'shared' ? this.ids.callerOf(id) : this.owner;
  }

  /** Settles when the process, if there ever was one, has ended. */
  public get over(): Promise<void> {
    return this.lifecycle.over;
  }

  /** Whether it runs and nothing has told it to end. */
  public get stoppable(): boolean {
    return this.lifecycle.stoppable;
  }

  public get group(): number | undefined {
    return this.lifecycle.group;
  }

  public get limits(): RequestLimits {
    return this.host.limits;
  }

  public get headers(): HeaderPolicy {
    return this.version.headers;
  }

  public get path(): string {
    const { path, protocol } = this.version.definition.features;
    return path ?? DEFAULT_PATHS[protocol];
  }

  /**
   * Forwards a request to the process of this session. Settles when the exchange is over.
   *
   * @throws PlatformException
   */
  public async forward(invocation: Invocation): Promise<void> {
    const { lifecycle, usage, ids } = this;
    const { exchange } = invocation;
    if (
      lifecycle.isStarting &&
      this.kind === 'known-id' &&
      usage.hasOpenRequests &&
      this.host.settings.sessionTransitions === 'conflict'
    ) {
      throw sessionInTransition();
    }
    usage.begin(exchange.method, this.host.clock.now());
    ids.remember(invocation);
    invocation.sessionId = ids.sessionId;
    invocation.session = this;
    try {
      // A process that runs is not waited for: what follows a request is then forwarded in the same turn.
      const process = lifecycle.ready;
      const ready = process instanceof Promise ? await process : process;
      if (!exchange.response.destroyed) {
        await forward(invocation, ready, this);
      }
    } catch (error) {
      throw startErrorOf(error);
    } finally {
      invocation.sessionId = ids.sessionId;
      usage.end(exchange.method, this.host.clock.now());
      const reason = usage.endReason(ids.areKnown);
      if (reason) {
        lifecycle.stop(reason);
      }
    }
  }

  /**
   * Forwards a request to a port of this session. Settles when the exchange is over.
   *
   * @throws PlatformException AccessDeniedException for a port that callers may not reach
   */
  public async reach(exchange: Exchange, wanted: WantedPort, limits: TimeLimits, failed: PortFailure): Promise<void> {
    const { usage, lifecycle } = this;
    const { allowedPorts } = this.version.definition.features;
    if (!allowedPorts.some(({ from, to }) => from <= wanted.port && wanted.port <= to)) {
      throw new PlatformException('AccessDeniedException', `port ${wanted.port} is not among the allowed ports`);
    }
    usage.begin(exchange.method, this.host.clock.now());
    try {
      const process = await lifecycle.ready;
      await forwardToSessionPort(exchange, process, this.version.definition.features, { wanted, limits, failed });
    } finally {
      usage.end(exchange.method, this.host.clock.now());
    }
  }

  public idsOf(invocation: Invocation): ResponseIds {
    return this.ids.of(invocation);
  }

  public addedHeaders(invocation: Invocation): string[] {
    return this.ids.headersFor(invocation);
  }

  public hidesAnswer(status: number): boolean {
    if (status < 300) {
      return false;
    }
    // To hand on a redirect would lead the client past the platform, to where only this program is.
    if (status < 400) {
      return true;
    }
    if (this.isHttp) {
      return true;
    }
    switch (this.host.settings.serverErrors) {
      case 'pass':
        return false;
      case 'pass-4xx':
        return status >= 500;
      case 'pass-404':
        return status !== 404;
      case 'map':
        return true;
    }
  }

  public responded(invocation: Invocation, status: number, serverSessionId: string | undefined): ResponseIds {
    if (this.usage.responded(invocation.exchange.method, status)) {
      this.host.responded(this);
    }
    if (status >= 400) {
      return this.ids.of(invocation);
    }
    this.forgetIssued(invocation);
    const told = this.ids.responded(invocation, serverSessionId);
    this.lifecycle.introduce();
    return this.endpointToken === undefined
      ? told
      : {
          ...told,
          sessionEndpointUrl: `${originOf(invocation.exchange)}${SESSION_ENDPOINTS}${this.endpointToken}`,
        };
  }

  public whyEnded(): Promise<string | undefined> {
    return this.lifecycle.whyEnded();
  }

  /** Ends the session: it takes no further requests, its process has 15 s to end, or 2 s when everything ends. */
  public stop(reason: SessionStopReason): void {
    this.lifecycle.stop(reason);
  }

  /** Ends its process at once, as a crash does. */
  public kill(): void {
    this.lifecycle.kill();
  }

  public runOutOfMemory(usedBytes: number, limitBytes: number): void {
    this.lifecycle.runOutOfMemory(usedBytes, limitBytes);
  }

  /** Reads what its processes have used. */
  public measure(): void {
    this.lifecycle.measure();
  }

  /** Undefined while its process is being started. */
  public describe(): SessionDescription | undefined {
    return this.lifecycle.describe();
  }

  private get isHttp(): boolean {
    return this.version.definition.features.protocol === 'HTTP';
  }

  /** A DELETE ends what it names, and not the process of all who have no session. */
  private forgetIssued({ exchange: { method, headers } }: Invocation): void {
    const id = headers[MCP_SESSION_ID] as string | undefined;
    if (this.kind === 'shared' && method === 'DELETE' && id !== undefined) {
      this.host.forgetIssued(id);
    }
  }
}

function startErrorOf(error: unknown): unknown {
  if (error instanceof LocalRuntimeError && error.startFailure) {
    return runtimeClientError(`${error.startFailure.platformMessage} Here: ${error.message.split('\n')[0]}`);
  }
  return error;
}
