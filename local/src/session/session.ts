import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '../common/clock';
import { LocalRuntimeError } from '../common/errors';
import type { SessionStopReason, SessionStoppedEvent } from '../events/events';
import { forward, type ForwardedFor } from '../request/forward';
import type { HeaderPolicy } from '../platform/header-policy';
import { isLegacy } from '../request/rpc-message';
import type { AnswerIds, Invocation, ReachedSession } from '../request/invocation';
import type { RequestLimits } from '../platform/limits';
import { runtimeClientError, sessionInTransition } from '../platform/platform-errors';
import type { WatchedSession } from './memory-watch';
import type { PlatformSettings } from '../platform/platform-settings';
import { usageOfGroup } from '../machine/process-usage';
import { RuntimeSessionIds } from './runtime-session-ids';
import { DEFAULT_PATHS } from '../model/runtime-definition';
import type { RuntimeVersion } from './runtime-version';
import { SessionMeter } from '../platform/session-cost';
import type { SessionDescription } from './session-description';
import { SessionHealth } from './session-health';
import type { SessionProcess } from '../process/session-process';
import { SessionTimers } from './session-timers';
import { describeMemory, explainStop } from './stop-reasons';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';

/**
 * What a session was started for.
 *
 * - `initialize`: an initialize request without a session id
 * - `known-id`: a request with an id that no live session has
 * - `shared`: all requests without an id that are not initialize
 * - `single-request`: one such request
 */
export type SessionKind = 'initialize' | 'known-id' | 'shared' | 'single-request';

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
  /** Its first answer has begun. */
  served(session: Session): void;
  started(session: Session): void;
  /** Its process has ended, or (without an event) never started. */
  gone(session: Session, event?: SessionStoppedEvent): void;
}

/** "Can take up to 15 seconds": devguide, lifecycle settings. */
const STOP_GRACE_MS = 15_000;
const DISPOSE_GRACE_MS = 2000;
/** How long after a broken connection the end of its process can be noticed. */
const EXIT_NOTICE_MS = 500;

/** One session with its process, its timers and the requests it is answering. */
export class Session implements ForwardedFor, ReachedSession, WatchedSession {
  /** The platform's own id, which every server gets in `X-Amzn-Bedrock-AgentCore-Runtime-Session-Id`. */
  public readonly runtimeSessionId: string;
  /** Settles when the process, if there ever was one, has ended. */
  public readonly over: Promise<void>;
  public readonly owner: string | undefined;
  public readonly version: RuntimeVersion;
  public lastActiveAt = 0;

  private readonly kind: SessionKind;
  private readonly starting: Promise<SessionProcess>;
  private mcpSessionId: string | undefined;
  private process: SessionProcess | undefined;
  private startedAt = 0;
  private meter = new SessionMeter(0);
  private readonly timers: SessionTimers;
  private readonly requestIds = new RuntimeSessionIds();
  private health: SessionHealth | undefined;
  private openRequests = 0;
  private openPosts = 0;
  /** Whether the log and the listeners of events know its id. */
  private introduced = false;
  private answeredOnce = false;
  /** Whether the server has answered anything but errors. */
  private accepted = false;
  private deleted = false;
  private stopReason: SessionStopReason | undefined;
  private memory = '';
  private ended = false;

  public constructor(
    private readonly host: SessionHost,
    { kind, version, process, id, owner }: SessionStart,
  ) {
    this.kind = kind;
    this.version = version;
    this.owner = owner;
    this.timers = new SessionTimers(host.clock, version.definition, this);
    const isHttp = version.definition.features.protocol === 'HTTP';
    this.runtimeSessionId = isHttp && id !== undefined ? id : randomUUID();
    this.starting = process(this.runtimeSessionId);
    if (id !== undefined) {
      this.adoptId(id);
    } else if (kind === 'initialize' && host.platformIssuesIds) {
      this.adoptId(this.runtimeSessionId);
    }
    this.over = this.starting.then(
      started => this.run(started),
      () => {
        host.unbind(this, 'crashed');
        host.gone(this);
      },
    );
  }

  public get sessionId(): string {
    return this.mcpSessionId ?? this.runtimeSessionId;
  }

  /** Whether its requests or its answers carry this runtime session id. */
  public hasRuntimeSessionId(id: string): boolean {
    return this.runtimeSessionId === id || this.requestIds.has(id);
  }

  /**
   * Whose it is when it is named by an id: the process of all requests without a session is, by the id of one of them,
   * that of its caller.
   */
  public ownerBy(id: string): string | undefined {
    return this.kind === 'shared' ? this.requestIds.callerOf(id) : this.owner;
  }

  public get clock(): Clock {
    return this.host.clock;
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

  public get busy(): boolean {
    return this.openPosts > 0 || this.health?.busy === true;
  }

  /** Whether it runs and nothing has told it to end. */
  public get stoppable(): boolean {
    return this.process !== undefined && this.stopReason === undefined;
  }

  /** Answers a request by the process of this session. */
  public async serve(invocation: Invocation): Promise<void> {
    const { exchange } = invocation;
    if (
      !this.process &&
      this.kind === 'known-id' &&
      this.openRequests > 0 &&
      this.host.settings.sessionTransitions === 'conflict'
    ) {
      throw sessionInTransition();
    }
    const isPost = exchange.method === 'POST';
    this.openRequests++;
    if (isPost) {
      this.openPosts++;
    }
    this.lastActiveAt = this.clock.now();
    this.requestIds.add(this.runtimeSessionIdOf(invocation), invocation.caller.identity);
    invocation.sessionId = this.sessionId;
    invocation.session = this;
    try {
      const process = this.process ?? (await this.starting);
      if (!exchange.answer.destroyed) {
        await forward(invocation, process, this);
      }
    } catch (error) {
      throw startErrorOf(error);
    } finally {
      invocation.sessionId = this.sessionId;
      this.openRequests--;
      if (isPost) {
        this.openPosts--;
      }
      this.lastActiveAt = this.clock.now();
      this.afterRequest();
    }
  }

  public idsOf(invocation: Invocation): AnswerIds {
    const mcpSessionId =
      this.serves === 'many'
        ? (invocation.exchange.headers[MCP_SESSION_ID] as string | undefined) || undefined
        : this.mcpSessionId;
    return {
      mcpSessionId: this.isHttp ? undefined : mcpSessionId,
      runtimeSessionId: this.runtimeSessionIdOf(invocation),
    };
  }

  public addedHeaders(invocation: Invocation): string[] {
    const { headers } = invocation.exchange;
    const added: string[] = [];
    if (!headers[RUNTIME_SESSION_ID]) {
      added.push('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', this.runtimeSessionId);
    }
    if (this.kind === 'initialize' && this.host.platformIssuesIds && !headers[MCP_SESSION_ID]) {
      added.push('Mcp-Session-Id', this.sessionId);
    }
    if (this.host.settings.issuedIds === 'request-and-answer' && this.getsIssuedId(invocation)) {
      invocation.issuedId = randomUUID();
      added.push('Mcp-Session-Id', invocation.issuedId);
    }
    return added;
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

  public answered(invocation: Invocation, status: number, serverSessionId: string | undefined): AnswerIds {
    if (!this.answeredOnce) {
      this.host.served(this);
    }
    this.answeredOnce = true;
    if (status >= 400) {
      return this.idsOf(invocation);
    }
    this.accepted = true;
    if (invocation.exchange.method === 'DELETE') {
      this.forget(invocation);
    }
    if (this.serves === 'many' || this.isHttp) {
      this.introduce();
      return this.getsIssuedId(invocation) ? this.issueId(invocation, serverSessionId) : this.idsOf(invocation);
    }
    if (serverSessionId !== undefined && serverSessionId !== this.mcpSessionId) {
      this.takeServerId(serverSessionId);
    }
    // A server without sessions issues no id; the platform then issues one, so that the client comes back to this
    // process.
    if (this.mcpSessionId === undefined) {
      this.adoptId(this.runtimeSessionId);
    }
    this.introduce();
    return this.idsOf(invocation);
  }

  public async whyEnded(): Promise<string | undefined> {
    const exit = await Promise.race([this.process?.exited, delay(EXIT_NOTICE_MS, undefined, { ref: false })]);
    const details = exit && { exit, lastErrorLine: this.process?.output.lastErrorLine, memory: this.memory };
    return details && explainStop(this.stopReason ?? 'crashed', details, this.version.definition);
  }

  /** Ends the session: it takes no further requests, its process has 15 s to end, or 2 s when everything ends. */
  public stop(reason: SessionStopReason): void {
    this.close(reason);
    this.measure();
    if (reason === 'disposed') {
      this.process?.stop(DISPOSE_GRACE_MS, systemClock);
    } else {
      this.process?.stop(STOP_GRACE_MS, this.clock);
    }
  }

  /** Ends its process at once, as a crash does. */
  public kill(): void {
    this.process?.kill();
  }

  public get group(): number | undefined {
    return this.stoppable ? this.process?.pid : undefined;
  }

  public runOutOfMemory(usedBytes: number, limitBytes: number): void {
    if (!this.stoppable) {
      return;
    }
    this.memory = describeMemory(usedBytes, limitBytes);
    this.process?.output.note(this.memory);
    this.close('out-of-memory');
    this.measure();
    this.kill();
  }

  /** Reads what its processes have used. */
  public measure(): void {
    if (this.process && !this.ended) {
      this.meter.add(this.clock.now(), usageOfGroup(this.process.pid));
    }
  }

  /** Undefined while its process is being started. */
  public describe(): SessionDescription | undefined {
    if (!this.process) {
      return undefined;
    }
    const now = this.clock.now();
    const { name, idleTimeoutSeconds, maxLifetimeSeconds } = this.version.definition;
    const left = (from: number, seconds: number): number =>
      this.stopReason ? 0 : Math.max(0, from + seconds * 1000 - now);
    this.measure();
    return {
      sessionId: this.sessionId,
      runtimeName: name,
      version: this.version.version,
      pid: this.process.pid,
      state: this.ended ? 'stopped' : this.stopReason ? 'stopping' : this.busy ? 'active' : 'idle',
      startedAt: new Date(this.startedAt),
      idleTimeLeftMs: left(this.busy ? now : this.lastActiveAt, idleTimeoutSeconds),
      lifetimeLeftMs: left(this.startedAt, maxLifetimeSeconds),
      cost: this.meter.cost,
    };
  }

  private get isHttp(): boolean {
    return this.version.definition.features.protocol === 'HTTP';
  }

  /** The clients it is for: one with a session, or whoever sends requests without. */
  private get serves(): 'one' | 'many' {
    return this.kind === 'shared' || this.kind === 'single-request' ? 'many' : 'one';
  }

  // Devguide, "MCP protocol contract": the platform makes an id for a server without sessions. Protocol 2026-07-28 has
  // none.
  private getsIssuedId({ exchange }: Invocation): boolean {
    return (
      this.serves === 'many' && exchange.method === 'POST' && !exchange.headers[MCP_SESSION_ID] && isLegacy(exchange)
    );
  }

  /** Ends what a DELETE ends: not the process of all who have no session. */
  private forget({ exchange: { headers } }: Invocation): void {
    if (this.kind !== 'shared') {
      this.deleted = true;
      return;
    }
    const id = headers[MCP_SESSION_ID] as string | undefined;
    if (id !== undefined) {
      this.host.forgetIssued(id);
    }
  }

  private issueId(invocation: Invocation, serverSessionId: string | undefined): AnswerIds {
    const { identity } = invocation.caller;
    const mcpSessionId = invocation.issuedId ?? serverSessionId ?? randomUUID();
    if (this.kind === 'shared') {
      this.host.issue(mcpSessionId, this, identity);
    }
    this.requestIds.add(mcpSessionId, identity);
    return { mcpSessionId, runtimeSessionId: this.runtimeSessionIdOf(invocation) };
  }

  private runtimeSessionIdOf({ exchange: { headers } }: Invocation): string {
    return (headers[RUNTIME_SESSION_ID] as string | undefined) || this.runtimeSessionId;
  }

  private async run(process: SessionProcess): Promise<void> {
    const { clock, pingIntervalMs } = this.host;
    this.process = process;
    this.startedAt = this.lastActiveAt = clock.now();
    this.meter = new SessionMeter(this.startedAt);
    if (this.stopReason) {
      process.stop(DISPOSE_GRACE_MS, systemClock);
    } else {
      this.timers.start();
      if (pingIntervalMs !== undefined) {
        this.health = new SessionHealth(process, this.version.definition.features, pingIntervalMs, clock, () => {
          this.stop('unhealthy');
        });
      }
    }
    if (this.mcpSessionId !== undefined || this.kind !== 'initialize') {
      this.introduce();
    }
    await process.ended;
    this.close('crashed');
    const exit = await process.exited;
    this.introduce();
    this.meter.add(clock.now());
    this.ended = true;
    const { name } = this.version.definition;
    const reason = this.stopReason ?? 'crashed';
    this.host.gone(this, {
      runtimeName: name,
      sessionId: this.sessionId,
      pid: process.pid,
      reason,
      ...exit,
      cost: this.meter.cost,
    });
  }

  private afterRequest(): void {
    if (this.deleted) {
      this.stop('deleted');
    }
    if (this.openRequests > 0) {
      return;
    }
    if (this.kind === 'single-request') {
      this.stop('request-ended');
    } else if (
      this.kind !== 'shared' &&
      !this.isHttp &&
      !this.accepted &&
      (this.answeredOnce || this.mcpSessionId === undefined)
    ) {
      this.stop('refused');
    }
  }

  private takeServerId(id: string): void {
    if (!this.host.platformIssuesIds || this.mcpSessionId === undefined) {
      return this.adoptId(id);
    }
    this.process?.output.note(
      `the server answered with the session id ${id} although the platform had given it ${this.mcpSessionId}; its client gets the platform's`,
    );
  }

  private adoptId(id: string): void {
    this.mcpSessionId = id;
    const isTaken = this.host.bind(id, this);
    if (this.introduced) {
      this.process?.output.identify(id);
    }
    if (isTaken) {
      this.process?.output.note(
        `the server gave the session id ${id} to a second session: requests with it now reach this process, those of the first one never again`,
      );
    }
  }

  private introduce(): void {
    if (this.introduced || !this.process) {
      return;
    }
    this.introduced = true;
    this.process.output.identify(this.sessionId);
    this.host.started(this);
  }

  private close(reason: SessionStopReason): void {
    if (this.stopReason) {
      return;
    }
    this.stopReason = reason;
    this.timers.cancel();
    this.health?.cancel();
    this.host.unbind(this, reason);
  }
}

function startErrorOf(error: unknown): unknown {
  if (error instanceof LocalRuntimeError && error.startFailure) {
    return runtimeClientError(`${error.startFailure.platformMessage} Here: ${error.message.split('\n')[0]}`);
  }
  return error;
}
