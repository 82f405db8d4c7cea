import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '../common/clock';
import type { SessionStopReason, SessionStoppedEvent } from '../events/events';
import { usageOfGroup } from '../machine/process-usage';
import { SessionMeter } from '../platform/session-cost';
import { REFUSES_PROBES } from '../probes/health-probe';
import type { SessionProcess } from '../process/session-process';
import type { WatchedSession } from './memory-watch';
import type { RuntimeVersion } from './runtime-version';
import type { SessionDescription } from './session-description';
import { SessionHealth } from './session-health';
import { SessionTimers, type TimedSession } from './session-timers';
import { describeMemory, explainStop } from './stop-reasons';

/** What the life of a session depends on, and who is told of it. */
export interface SessionLifecycleParts {
  readonly clock: Clock;
  readonly version: RuntimeVersion;
  /** Between two background pings; undefined without them. */
  readonly pingIntervalMs: number | undefined;
  /** Whether a request is being answered, and when the last one was. */
  readonly usage: { readonly active: boolean; lastActiveAt: number };
  readonly sessionId: () => string;
  /** Whether the session has its final id when its process starts, so that it can be told of. */
  readonly isIdentified: () => boolean;
  /** Its process runs, and its id is known. */
  readonly onStarted: () => void;
  /** It takes no further requests. */
  readonly onClosed: (reason: SessionStopReason) => void;
  /** Its process has ended, or (without an event) never started. */
  readonly onEnded: (event?: SessionStoppedEvent) => void;
}

/** "Can take up to 15 seconds": devguide, lifecycle settings. */
const STOP_GRACE_MS = 15_000;
const CLOSE_GRACE_MS = 2000;
/** How long after a broken connection the end of its process can be noticed. */
const EXIT_NOTICE_MS = 500;

/** The life of one session: its process from start to end, with its timers, its health and what it costs. */
export class SessionLifecycle implements TimedSession, WatchedSession {
  /** Settles when the process, if there ever was one, has ended. */
  public readonly over: Promise<void>;

  private process: SessionProcess | undefined;
  private startedAt = 0;
  private meter = new SessionMeter(0);
  private readonly timers: SessionTimers;
  private health: SessionHealth | undefined;
  /** Whether the log and the listeners of events know its id. */
  private introduced = false;
  private stopReason: SessionStopReason | undefined;
  private memory = '';
  private ended = false;

  public constructor(
    private readonly starting: Promise<SessionProcess>,
    private readonly parts: SessionLifecycleParts,
  ) {
    this.timers = new SessionTimers(parts.clock, parts.version.definition, this);
    this.over = starting.then(
      started => this.run(started),
      () => {
        parts.onClosed('crashed');
        parts.onEnded();
      },
    );
  }

  /** Its process, once that listens. */
  public get ready(): SessionProcess | Promise<SessionProcess> {
    return this.process ?? this.starting;
  }

  public get isStarting(): boolean {
    return this.process === undefined;
  }

  public get busy(): boolean {
    return this.parts.usage.active || this.health?.busy === true;
  }

  public get lastActiveAt(): number {
    return this.parts.usage.lastActiveAt;
  }

  /** Whether it runs and nothing has told it to end. */
  public get stoppable(): boolean {
    return this.process !== undefined && this.stopReason === undefined;
  }

  public get group(): number | undefined {
    return this.stoppable ? this.process?.pid : undefined;
  }

  /** Tells the log and the listeners of events of the session, the first time that both process and id are known. */
  public introduce(): void {
    if (this.introduced || !this.process) {
      return;
    }
    this.introduced = true;
    this.process.output.identify(this.parts.sessionId());
    this.parts.onStarted();
  }

  /** The session has another id: the log, where it knows the one before, has that from now on. */
  public renamed(id: string): void {
    if (this.introduced) {
      this.process?.output.identify(id);
    }
  }

  /** Says something in the log of the session. */
  public note(line: string): void {
    this.process?.output.note(line);
  }

  /** Why the process has broken a connection: what it ended for, or undefined while it lives. */
  public async whyEnded(): Promise<string | undefined> {
    const exit = await Promise.race([this.process?.exited, delay(EXIT_NOTICE_MS, undefined, { ref: false })]);
    const details = exit && { exit, lastErrorLine: this.process?.output.lastErrorLine, memory: this.memory };
    return details && explainStop(this.stopReason ?? 'crashed', details, this.parts.version.definition);
  }

  /** Ends the session: it takes no further requests, its process has 15 s to end, or 2 s when everything ends. */
  public stop(reason: SessionStopReason): void {
    this.close(reason);
    this.measure();
    if (reason === 'closed') {
      this.process?.stop(CLOSE_GRACE_MS, systemClock);
    } else {
      this.process?.stop(STOP_GRACE_MS, this.parts.clock);
    }
  }

  /** Ends its process at once, as a crash does. */
  public kill(): void {
    this.process?.kill();
  }

  public runOutOfMemory(usedBytes: number, limitBytes: number): void {
    if (!this.stoppable) {
      return;
    }
    this.memory = describeMemory(usedBytes, limitBytes);
    this.note(this.memory);
    this.close('out-of-memory');
    this.measure();
    this.kill();
  }

  /** Reads what its processes have used. */
  public measure(): void {
    if (this.process && !this.ended) {
      this.meter.record(this.parts.clock.now(), usageOfGroup(this.process.pid));
    }
  }

  /** Undefined while its process is being started. */
  public describe(): SessionDescription | undefined {
    if (!this.process) {
      return undefined;
    }
    const { clock, version } = this.parts;
    const now = clock.now();
    const { name, idleTimeoutSeconds, maxLifetimeSeconds } = version.definition;
    const left = (from: number, seconds: number): number =>
      this.stopReason ? 0 : Math.max(0, from + seconds * 1000 - now);
    this.measure();
    return {
      sessionId: this.parts.sessionId(),
      runtimeName: name,
      version: version.version,
      pid: this.process.pid,
      state: this.ended ? 'stopped' : this.stopReason ? 'stopping' : this.busy ? 'active' : 'idle',
      startedAt: new Date(this.startedAt),
      idleTimeLeftMs: left(this.busy ? now : this.lastActiveAt, idleTimeoutSeconds),
      lifetimeLeftMs: left(this.startedAt, maxLifetimeSeconds),
      cost: this.meter.cost,
    };
  }

  private async run(process: SessionProcess): Promise<void> {
    const { clock, version, usage, isIdentified, onEnded } = this.parts;
    this.process = process;
    this.startedAt = usage.lastActiveAt = clock.now();
    this.meter = new SessionMeter(this.startedAt);
    if (this.stopReason) {
      process.stop(CLOSE_GRACE_MS, systemClock);
    } else {
      this.timers.start();
      this.health = this.watchHealth(process);
    }
    if (isIdentified()) {
      this.introduce();
    }
    await process.ended;
    this.close('crashed');
    const exit = await process.exited;
    this.introduce();
    this.meter.record(clock.now());
    this.ended = true;
    onEnded({
      runtimeName: version.definition.name,
      sessionId: this.parts.sessionId(),
      pid: process.pid,
      reason: this.stopReason ?? 'crashed',
      ...exit,
      cost: this.meter.cost,
    });
  }

  private watchHealth(process: SessionProcess): SessionHealth | undefined {
    const { clock, version, pingIntervalMs } = this.parts;
    if (pingIntervalMs === undefined) {
      return undefined;
    }
    return new SessionHealth(process, version.definition.features, pingIntervalMs, clock, health => {
      this.note(
        health === 'refuses' ? REFUSES_PROBES : 'the server failed three health probes in a row, so its session ends',
      );
      this.stop('unhealthy');
    });
  }

  private close(reason: SessionStopReason): void {
    if (this.stopReason) {
      return;
    }
    this.stopReason = reason;
    this.timers.cancel();
    this.health?.cancel();
    this.parts.onClosed(reason);
  }
}
