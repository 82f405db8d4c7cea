import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '../common/clock';
import { confinedCommand, type Confinement } from './confinement';
import { Container } from './container';
import { LocalRuntimeError } from '../common/errors';
import { reservePort, type PortReservation } from '../machine/free-port';
import { processEnvironment } from './process-environment';
import { adoptGroup, guardServers, releaseGroup, signalGroup, signalSandbox } from '../machine/process-groups';
import { ProcessOutput, type SessionLog } from './process-output';
import { accepts, responds, untilListening } from '../machine/readiness';
import type { RuntimeDefinition } from '../model/runtime-definition';
import { isEnding } from '../machine/process-end';
import { PROGRAM_MARK } from '../machine/server-guard';
import { ServerConnections } from '../http/server-connections';
import { findFixedPort, leaveFixedPort, takeFixedPort } from './fixed-port';
import { commandNotStarted, fixedPortTaken, serverExited, startLimitExceeded, warmupFailed } from './start-errors';
import { type ProcessExit } from './process-exit';
import { warmupProblem } from '../probes/warmup-call';

/** What the processes of a runtime have in common. */
export interface ProcessSettings {
  readonly runtime: RuntimeDefinition;
  readonly requestStateKey: string;
  /** On top of the runtime's. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly confinement: Confinement;
  /** Set when the server listens where its code says, and not where it is told. */
  readonly fixedPort: { port: number | undefined };
  /** Arguments of the program that runs containers. */
  readonly containerLimits: readonly string[];
  readonly log: SessionLog;
}

const PORT_ATTEMPTS = 5;
const PORT_TAKEN = /EADDRINUSE|address already in use/i;
/** Pipes inherited by something outside the group can stay open after the process has ended. */
const OUTPUT_GRACE_MS = 250;

/**
 * One server process with its port: what stands for a microVM here. It leads a process group of its own, so that what
 * it starts ends with it.
 */
export class SessionProcess {
  /**
   * Starts a server and waits until it listens.
   *
   * @param signal - ends the start
   * @param clock - measures the start limit
   */
  public static async start(settings: ProcessSettings, signal: AbortSignal, clock: Clock): Promise<SessionProcess> {
    for (let attempt = 1; ; attempt++) {
      const started = SessionProcess.spawn(settings, await reservePort());
      try {
        await started.healthy(signal, clock);
        await started.warmedUp(signal, clock);
        return started;
      } catch (error) {
        signalGroup(started.pid, 'SIGKILL');
        await started.exited;
        started.output.flush();
        if (settings.fixedPort.port !== undefined && started.foundPortTaken) {
          throw fixedPortTaken(settings.runtime, settings.fixedPort.port, started);
        }
        if (attempt === PORT_ATTEMPTS || !started.foundPortTaken) {
          throw error;
        }
      }
    }
  }

  private static spawn(settings: ProcessSettings, reservation: PortReservation): SessionProcess {
    try {
      return new SessionProcess(settings, reservation);
    } catch (error) {
      reservation.release();
      throw error;
    }
  }

  public readonly pid: number;
  public readonly output: ProcessOutput;
  /** Settles as soon as the process has ended. */
  public readonly ended: Promise<ProcessExit>;
  /** Settles when the process has ended, nothing is left of its group and its output was read. */
  public readonly exited: Promise<ProcessExit>;

  private readonly child: ChildProcess;
  private place: { readonly port: number; readonly connections: ServerConnections };
  private fixedPort: number | undefined;
  private readonly container: Container | undefined;

  private constructor(
    private readonly settings: ProcessSettings,
    reservation: PortReservation,
  ) {
    const { runtime, requestStateKey, confinement } = settings;
    this.place = placeAt(reservation.port);
    const environment = processEnvironment(runtime, { port: this.port, requestStateKey });
    // What is set for one process names files of this machine.
    const ownEnvironment = { ...environment, ...settings.environment, ...PROGRAM_MARK };
    this.container =
      runtime.image === undefined
        ? undefined
        : new Container(runtime, runtime.image, this.port, environment, settings.containerLimits);
    const { command, cwd } = runtime;
    const [program, ...args] =
      this.container?.start.command ?? confinedCommand({ command, cwd, environment: ownEnvironment }, confinement);
    guardServers();
    this.child = spawn(program, args, {
      cwd,
      env: this.container?.start.environment ?? ownEnvironment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.child.pid ?? 0;
    this.output = new ProcessOutput(runtime.name, this.pid, settings.log);
    if (this.child.stdout) {
      this.output.follow('stdout', this.child.stdout);
    }
    if (this.child.stderr) {
      this.output.follow('stderr', this.child.stderr);
    }
    if (this.pid) {
      adoptGroup(this.pid);
    }
    this.ended = new Promise(resolve => {
      this.child.once('exit', (exitCode, signal) => {
        resolve({ exitCode, signal });
      });
      // It could not be started.
      this.child.once('error', () => {
        resolve({ exitCode: null, signal: null });
      });
    });
    this.exited = this.untilExited(reservation);
  }

  /** Where it listens. */
  public get port(): number {
    return this.place.port;
  }

  public get connections(): ServerConnections {
    return this.place.connections;
  }

  /** Whether it listens where its code says, and not where it was told: there cannot be a second one. */
  public get isOnlyOne(): boolean {
    return this.fixedPort !== undefined;
  }

  /** Whether requests can be sent to it. */
  public get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether it takes connections now. Also when its end is not known to this program yet. */
  public async reachable(): Promise<boolean> {
    return this.alive && !(isEnding(this.pid) ?? !(await accepts(this.port))) && this.alive;
  }

  /** Asks the group to end, and ends it by force when it has not after `graceMs` of the clock. */
  public stop(graceMs: number, clock: Clock): void {
    // A sandbox that hears of it ends at once, and its server with it.
    const isSandbox = this.container === undefined && this.settings.confinement.isolation === 'bubblewrap';
    if (!isSandbox || !signalSandbox(this.pid, 'SIGTERM')) {
      signalGroup(this.pid, 'SIGTERM');
    }
    const force = clock.setTimeout(() => {
      signalGroup(this.pid, 'SIGKILL');
    }, graceMs);
    void this.ended.then(() => {
      force.cancel();
    });
  }

  /** Ends the group at once. */
  public kill(): void {
    signalGroup(this.pid, 'SIGKILL');
  }

  private async untilExited(reservation: PortReservation): Promise<ProcessExit> {
    const closed = once(this.child, 'close').catch(() => {});
    const exit = await this.ended;
    releaseGroup(this.pid);
    if (this.fixedPort !== undefined) {
      leaveFixedPort(this.fixedPort);
    }
    await this.container?.remove();
    reservation.release();
    await Promise.race([closed, new Promise(resolve => setTimeout(resolve, OUTPUT_GRACE_MS).unref())]);
    this.connections.destroy();
    return exit;
  }

  private async healthy(signal: AbortSignal, clock: Clock): Promise<void> {
    const { runtime } = this.settings;
    const over = new AbortController();
    let lastFailure: Error | undefined;
    const limit = clock.setTimeout(() => {
      over.abort(startLimitExceeded(runtime, this, lastFailure));
    }, runtime.startLimitMs);
    const disposed = (): void => {
      over.abort(new LocalRuntimeError('ERR_CLOSED', 'the local runtime was closed while a server was starting'));
    };
    if (signal.aborted) {
      disposed();
    }
    signal.addEventListener('abort', disposed);
    this.child.once('error', error => {
      over.abort(commandNotStarted(runtime, error));
    });
    void this.exited.then(exit => {
      over.abort(serverExited(runtime, this, exit));
    });
    const search = new AbortController();
    try {
      await Promise.race([
        untilListening(this.port, this.container ? responds : accepts, over.signal, error => {
          lastFailure = error;
        }),
        ...(this.container ? [] : [this.untilListeningElsewhere(search.signal)]),
      ]);
    } finally {
      search.abort();
      limit.cancel();
      signal.removeEventListener('abort', disposed);
    }
  }

  private async warmedUp(signal: AbortSignal, clock: Clock): Promise<void> {
    const { runtime } = this.settings;
    const problem = await warmupProblem(this, runtime.features, clock, signal);
    if (problem !== undefined) {
      throw warmupFailed(runtime, problem, this);
    }
  }

  private get foundPortTaken(): boolean {
    return this.output.tail.some(line => PORT_TAKEN.test(line));
  }

  /** Settles for a server that listens where its code says, and not where it was told. */
  private async untilListeningElsewhere(signal: AbortSignal): Promise<void> {
    const { runtime, fixedPort, log } = this.settings;
    const port = await findFixedPort(this.pid, this.port, runtime.features, signal);
    // What it has started may answer after its end, when nobody would leave the port any more.
    if (port === undefined || signal.aborted || !this.alive) {
      return new Promise(() => {});
    }
    if (!takeFixedPort(port)) {
      throw fixedPortTaken(runtime, port, this);
    }
    if (fixedPort.port === undefined) {
      const line = `the server listens on port ${port}, not on the \`PORT\` of its environment: it is served there, one session at a time; for more, let it read \`PORT\``;
      log({ runtimeName: runtime.name, pid: this.pid, stream: 'runtime', line });
    }
    fixedPort.port = this.fixedPort = port;
    this.connections.destroy();
    this.place = placeAt(port);
  }
}

function placeAt(port: number): { readonly port: number; readonly connections: ServerConnections } {
  return { port, connections: new ServerConnections(port) };
}
