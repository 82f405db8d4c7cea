import { setMaxListeners } from 'node:events';
import { systemClock, type Clock } from '../common/clock';
import type { LocalRuntimeError } from '../common/errors';
import type { SessionProcess } from './session-process';

/** Starts a process; `clock` measures its start limit, `environment` is what this one has besides the others. */
export type StartProcess = (
  signal: AbortSignal,
  clock: Clock,
  environment?: Readonly<Record<string, string>>,
) => Promise<SessionProcess>;

/** A server that ends by itself soon after it listens would otherwise be started for ever. */
const DEATHS_IN_A_ROW = 3;
const CLOSE_GRACE_MS = 2000;

interface Waiting {
  readonly start: Promise<SessionProcess>;
  process?: SessionProcess;
}

/**
 * The processes of a runtime that wait for a session, so that a session does not wait for its process.
 *
 * It never holds more than asked, and none where a second process cannot listen. One that ends while it waits is
 * replaced, until three in a row did so: then the next session starts its own.
 */
export class ProcessPool {
  private readonly waiting: Waiting[] = [];
  private readonly abort = new AbortController();
  private deaths = 0;

  /**
   * @param size - processes to hold ready; 0 starts each one when a session needs it
   * @param clock - measures the start limit where somebody waits for the start
   * @param onStarted - told about a process that now waits
   * @param onFailure - told about a start that failed while nobody waited for it
   * @param proof - the environment of a process that is started when the pool opens and would hold none, and ends again;
   * undefined for none
   */
  public constructor(
    private size: number,
    private readonly clock: Clock,
    private readonly startProcess: StartProcess,
    private readonly onStarted: (process: SessionProcess) => void,
    private readonly onFailure: (error: unknown) => void,
    private readonly proof?: () => Readonly<Record<string, string>>,
  ) {
    // Each start listens to it.
    setMaxListeners(0, this.abort.signal);
  }

  /** Fills the pool for the first time and waits until it is full. */
  public async open(): Promise<void> {
    if (this.size === 0 && this.proof !== undefined) {
      const process = await this.start(this.proof());
      process.stop(CLOSE_GRACE_MS, systemClock);
      await process.exited;
      return;
    }
    await Promise.all(Array.from({ length: this.size }, () => this.startWaiting(this.clock).start));
  }

  /** Starts what is missing. */
  public refill(): void {
    while (!this.abort.signal.aborted && this.waiting.length < this.size) {
      // In real time: moving a clock past an idle timeout must not end a start that has just begun.
      this.startWaiting(systemClock, this.onFailure);
    }
  }

  /**
   * The process of a new session: one that waits, one that is being started, or a new one. Call `refill` when the
   * session has been served.
   */
  public async take(): Promise<SessionProcess> {
    this.deaths = 0;
    for (;;) {
      const taken = this.waiting.find(({ process }) => process?.alive) ?? this.waiting.find(({ process }) => !process);
      if (!taken) {
        return this.startOwn();
      }
      this.remove(taken);
      const process = await taken.start.catch((error: unknown) => {
        // Nothing was sent to it. Whether its end has to do with its code shows with the next one.
        if (this.abort.signal.aborted || (error as Partial<LocalRuntimeError>).code !== 'ERR_SERVER_EXITED') {
          throw error;
        }
        return undefined;
      });
      if (!process) {
        return this.startOwn();
      }
      if (await process.reachable()) {
        return process;
      }
      process.kill();
      void process.exited.then(() => {
        process.output.flush();
      });
    }
  }

  /** A process with an environment of its own, which therefore cannot have waited. */
  public start(environment: Readonly<Record<string, string>>): Promise<SessionProcess> {
    return this.startProcess(this.abort.signal, this.clock, environment);
  }

  /**
   * Ends what waits; what sessions wait for goes on. What the processes have written is dropped: they end because
   * nobody needs them.
   */
  public async retire(): Promise<void> {
    this.size = 0;
    await this.endWaiting();
  }

  /** Ends what waits and what is being started. */
  public async close(): Promise<void> {
    this.abort.abort(new Error('the local runtime was closed'));
    for (const { output } of await this.endWaiting()) {
      output.flush();
    }
  }

  private async startOwn(): Promise<SessionProcess> {
    const process = await this.startProcess(this.abort.signal, this.clock);
    if (process.isOnlyOne) {
      this.size = 0;
    }
    return process;
  }

  private async endWaiting(): Promise<SessionProcess[]> {
    const starts = this.waiting.splice(0).map(({ start }) => start);
    const processes = (await Promise.allSettled(starts)).flatMap(start =>
      start.status === 'fulfilled' ? [start.value] : [],
    );
    await Promise.all(
      processes.map(async process => {
        process.stop(CLOSE_GRACE_MS, systemClock);
        await process.exited;
      }),
    );
    return processes;
  }

  /** @param failed - told when the start fails and is not waited for by then */
  private startWaiting(clock: Clock, failed: (error: unknown) => void = () => {}): Waiting {
    const waiting: Waiting = { start: this.startProcess(this.abort.signal, clock) };
    this.waiting.push(waiting);
    waiting.start.then(
      process => {
        this.watch(waiting, process);
      },
      (error: unknown) => {
        if (this.remove(waiting)) {
          failed(error);
        }
      },
    );
    return waiting;
  }

  private watch(waiting: Waiting, process: SessionProcess): void {
    waiting.process = process;
    if (process.isOnlyOne) {
      this.size = 0;
    }
    if (this.waiting.includes(waiting)) {
      this.onStarted(process);
    }
    void process.ended.then(() => {
      if (!this.remove(waiting)) {
        return;
      }
      void process.exited.then(() => {
        process.output.flush();
      });
      this.deaths++;
      if (this.deaths < DEATHS_IN_A_ROW) {
        this.refill();
      }
    });
  }

  private remove(waiting: Waiting): boolean {
    const index = this.waiting.indexOf(waiting);
    if (index >= 0) {
      this.waiting.splice(index, 1);
    }
    return index >= 0;
  }
}
