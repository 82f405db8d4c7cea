import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock, type ClockTimer } from './clock';
import { LocalRuntimeError } from './errors';
import type { SessionStopReason, SessionStoppedEvent } from './events';
import { answerPlatformError, headerOf, type Exchange } from './exchange';
import { forward, SESSION_ID, type ForwardedFor } from './forward';
import { internalError, runtimeClientError } from './platform-errors';
import type { RuntimeDefinition } from './runtime-definition';
import type { ProcessExit, SessionProcess } from './session-process';
import { describeExit } from './start-errors';

/**
 * What a session was started for.
 *
 * - `initialize`: an initialize request without a session id
 * - `known-id`: a request with an id that no live session has
 * - `shared`: all requests without an id that are not initialize
 * - `single-request`: one such request
 */
export type SessionKind = 'initialize' | 'known-id' | 'shared' | 'single-request';

/** One session, live or ended. */
export interface SessionDescription {
  /** The `Mcp-Session-Id`, or the id of the platform for compute that serves requests without one. */
  readonly sessionId: string;
  readonly runtimeName: string;
  /** Process that serves it. */
  readonly pid: number;
  /** `active` while a POST is being answered; an open GET stream alone leaves it `idle`. */
  readonly state: 'active' | 'idle' | 'stopping' | 'stopped';
  readonly startedAt: Date;
  /** Milliseconds until the idle timeout ends it; the whole timeout while it is active, 0 once it ends. */
  readonly idleTimeLeftMs: number;
  /** Milliseconds until the max lifetime ends it; 0 once it ends. */
  readonly lifetimeLeftMs: number;
}

/** What a session needs from the table that holds it. */
export interface SessionHost {
  readonly runtime: RuntimeDefinition;
  readonly clock: Clock;
  /** Whether the platform issues the `Mcp-Session-Id`. */
  readonly platformIssuesIds: boolean;
  /** Requests with this id belong to the session from now on. Returns whether they belonged to another one before. */
  bind(id: string, session: Session): boolean;
  /** The session takes no further requests. */
  unbind(session: Session): void;
  /** Its first answer has begun, or will never come. */
  served(): void;
  started(session: Session): void;
  /** Its process has ended, or (without an event) never started. */
  gone(session: Session, event?: SessionStoppedEvent): void;
}

// "Can take up to 15 seconds": devguide, lifecycle settings.
const STOP_GRACE_MS = 15_000;
const DISPOSE_GRACE_MS = 2000;
// How long after a broken connection the end of its process can be noticed.
const EXIT_NOTICE_MS = 500;

export const RUNTIME_SESSION_ID = 'x-amzn-bedrock-agentcore-runtime-session-id';

/** One session with its process, its timers and the requests it is answering. */
export class Session implements ForwardedFor {
  /** The platform's own id, which every server gets in `X-Amzn-Bedrock-AgentCore-Runtime-Session-Id`. */
  public readonly runtimeSessionId = randomUUID();
  /** Settles when the process, if there ever was one, has ended. */
  public readonly over: Promise<void>;

  private mcpSessionId: string | undefined;
  private process: SessionProcess | undefined;
  private startedAt = 0;
  private lastActiveAt = 0;
  private readonly timers = new Map<'idle' | 'lifetime', ClockTimer>();
  private openRequests = 0;
  private openPosts = 0;
  /** Whether the log and the listeners of events know its id. */
  private introduced = false;
  private answeredOnce = false;
  /** Whether the server has answered anything but errors. */
  private accepted = false;
  private deleted = false;
  private stopReason: SessionStopReason | undefined;
  private ended = false;

  public constructor(private readonly host: SessionHost, private readonly kind: SessionKind, private readonly starting: Promise<SessionProcess>, id?: string) {
    if (id !== undefined) this.adoptId(id);
    else if (kind === 'initialize' && host.platformIssuesIds) this.adoptId(this.runtimeSessionId);
    this.over = starting.then(process => this.run(process), () => {
      host.unbind(this);
      host.gone(this);
    });
  }

  public get sessionId(): string {
    return this.mcpSessionId ?? this.runtimeSessionId;
  }

  /** Answers a request by the process of this session. */
  public async serve(exchange: Exchange): Promise<void> {
    const isPost = exchange.method === 'POST';
    this.openRequests++;
    if (isPost) this.openPosts++;
    this.lastActiveAt = this.host.clock.now();
    try {
      const process = this.process ?? await this.starting;
      if (!exchange.answer.destroyed) await forward(exchange, process, this);
    } catch (error) {
      await exchange.body.readBeginning();
      answerPlatformError(exchange, startErrorOf(error));
    } finally {
      this.openRequests--;
      if (isPost) this.openPosts--;
      this.lastActiveAt = this.host.clock.now();
      this.afterRequest();
    }
  }

  public addedHeaders(exchange: Exchange): string[] {
    const added: string[] = [];
    if (headerOf(exchange, RUNTIME_SESSION_ID) === undefined) added.push('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', this.runtimeSessionId);
    if (this.kind === 'initialize' && this.host.platformIssuesIds && headerOf(exchange, SESSION_ID) === undefined) added.push('Mcp-Session-Id', this.sessionId);
    return added;
  }

  public answered(exchange: Exchange, status: number, serverSessionId: string | undefined): string | undefined {
    if (!this.answeredOnce) this.host.served();
    this.answeredOnce = true;
    if (status >= 400 || this.kind === 'shared' || this.kind === 'single-request') return undefined;
    this.accepted = true;
    if (exchange.method === 'DELETE') this.deleted = true;
    if (serverSessionId !== undefined && serverSessionId !== this.mcpSessionId) this.takeServerId(serverSessionId);
    // A server without sessions issues no id; the platform then issues one, so that the client comes back to this process.
    if (this.mcpSessionId === undefined) this.adoptId(this.runtimeSessionId);
    this.introduce();
    return this.mcpSessionId;
  }

  public async whyEnded(): Promise<string | undefined> {
    const exit = await Promise.race([this.process?.exited, delay(EXIT_NOTICE_MS, undefined, { ref: false })]);
    return exit && this.explain(exit);
  }

  /** Ends the session: its id is free at once, its process has 15 s to end, or 2 s when everything ends. */
  public stop(reason: SessionStopReason): void {
    this.close(reason);
    if (reason === 'disposed') this.process?.stop(DISPOSE_GRACE_MS, systemClock);
    else this.process?.stop(STOP_GRACE_MS, this.host.clock);
  }

  /** Undefined while its process is being started. */
  public describe(): SessionDescription | undefined {
    if (!this.process) return undefined;
    const now = this.host.clock.now();
    const { idleTimeoutSeconds, maxLifetimeSeconds } = this.host.runtime;
    const left = (from: number, seconds: number): number => this.stopReason ? 0 : Math.max(0, from + seconds * 1000 - now);
    return {
      sessionId: this.sessionId,
      runtimeName: this.host.runtime.name,
      pid: this.process.pid,
      state: this.ended ? 'stopped' : this.stopReason ? 'stopping' : this.openPosts > 0 ? 'active' : 'idle',
      startedAt: new Date(this.startedAt),
      idleTimeLeftMs: left(this.openPosts > 0 ? now : this.lastActiveAt, idleTimeoutSeconds),
      lifetimeLeftMs: left(this.startedAt, maxLifetimeSeconds),
    };
  }

  private async run(process: SessionProcess): Promise<void> {
    const { clock, runtime } = this.host;
    this.process = process;
    this.startedAt = this.lastActiveAt = clock.now();
    if (this.stopReason) {
      process.stop(DISPOSE_GRACE_MS, systemClock);
    } else {
      this.watchIdleness(runtime.idleTimeoutSeconds * 1000);
      this.timers.set('lifetime', clock.setTimeout(() => { this.stop('max-lifetime'); }, runtime.maxLifetimeSeconds * 1000));
    }
    if (this.mcpSessionId !== undefined || this.kind !== 'initialize') this.introduce();
    await process.ended;
    this.close('crashed');
    const exit = await process.exited;
    this.introduce();
    this.ended = true;
    this.host.gone(this, { runtimeName: runtime.name, sessionId: this.sessionId, pid: process.pid, reason: this.stopReason ?? 'crashed', ...exit });
  }

  // One timer, set again when it fires early, instead of one for each request.
  private watchIdleness(delayMs: number): void {
    const timeout = this.host.runtime.idleTimeoutSeconds * 1000;
    this.timers.set('idle', this.host.clock.setTimeout(() => {
      const left = this.openPosts > 0 ? timeout : this.lastActiveAt + timeout - this.host.clock.now();
      if (left > 0) this.watchIdleness(left);
      else this.stop('idle-timeout');
    }, delayMs));
  }

  private afterRequest(): void {
    if (this.deleted) this.stop('deleted');
    if (this.openRequests > 0) return;
    if (this.kind === 'single-request') this.stop('request-ended');
    else if (this.kind !== 'shared' && !this.accepted && (this.answeredOnce || this.mcpSessionId === undefined)) this.stop('refused');
  }

  private takeServerId(id: string): void {
    if (!this.host.platformIssuesIds || this.mcpSessionId === undefined) return this.adoptId(id);
    this.process?.output.note(`the server answered with the session id ${id} although the platform had given it ${this.mcpSessionId}; its client gets the platform's`);
  }

  private adoptId(id: string): void {
    this.mcpSessionId = id;
    const isTaken = this.host.bind(id, this);
    if (this.introduced) this.process?.output.identify(id);
    if (isTaken) {
      this.process?.output.note(`the server gave the session id ${id} to a second session: requests with it now reach this process, those of the first one never again`);
    }
  }

  private introduce(): void {
    if (this.introduced || !this.process) return;
    this.introduced = true;
    this.process.output.identify(this.sessionId);
    this.host.started(this);
  }

  private close(reason: SessionStopReason): void {
    if (this.stopReason) return;
    this.stopReason = reason;
    for (const timer of this.timers.values()) timer.cancel();
    this.host.unbind(this);
  }

  private explain(exit: ProcessExit): string {
    const { idleTimeoutSeconds, maxLifetimeSeconds } = this.host.runtime;
    switch (this.stopReason ?? 'crashed') {
      case 'max-lifetime': return `the session has reached its max lifetime of ${maxLifetimeSeconds} s`;
      case 'idle-timeout': return `the session has reached its idle timeout of ${idleTimeoutSeconds} s`;
      case 'disposed': return 'the local runtime was disposed of';
      case 'deleted': return 'the session was ended by DELETE';
      case 'refused': case 'request-ended': return 'the session has ended';
      case 'crashed': {
        const line = this.process?.output.lastErrorLine;
        return `the server process of this session ended ${describeExit(exit)} during the request${line === undefined ? '' : `; its last error output: ${line}`}`;
      }
    }
  }
}

function startErrorOf(error: unknown): { code: number; message: string } {
  if (error instanceof LocalRuntimeError && error.startFailure) {
    return runtimeClientError(`${error.startFailure.platformMessage} Here: ${error.message.split('\n')[0]}`);
  }
  return internalError(error instanceof Error ? error.message : String(error));
}
