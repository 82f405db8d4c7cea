import { systemClock } from './common/clock';
import { LocalRuntimeError } from './common/errors';
import { InboundAuth } from './auth/inbound-auth';
import { plainLines } from './common/plain-text';
import { ControlPlane } from './control-plane/control-plane';
import { DataPlane } from './data-plane/data-plane';
import { FaultPlan, type Faults } from './data-plane/faults';
import { Routes } from './data-plane/routes';
import { SessionEndpoints } from './data-plane/session-endpoint';
import { DefinedRuntimes } from './definitions/defined-runtimes';
import type { TableDescription } from './definitions/embedded-tables';
import type { LeftOutRuntime } from './definitions/left-out-runtime';
import type { LoggedEvent } from './events/event-log';
import { newEventEmitter, type LocalRuntimeEventEmitter } from './events/events';
import { FrontDoor } from './front-door';
import type { ListenOptions, LocalRuntimeListener } from './http/listener';
import { checkBubblewrap } from './machine/bubblewrap';
import { watchEnded } from './machine/process-groups';
import type { RuntimeSource } from './model/runtime-definition';
import { invocationPath } from './model/runtime-urls';
import { checkOptions, type LocalRuntimeOptions } from './options';
import { RuntimePublisher, type RuntimeChange } from './runtime-publisher';
import type { SharedParts } from './runtime/runtime-factory';
import { RuntimeSet } from './runtime/runtime-set';
import { MemoryWatch } from './session/memory-watch';
import type { SessionDescription } from './session/session-description';
import { sharedParts } from './shared-parts';

/**
 * How often the CPU time and memory of live sessions are read; a crash between two of them loses what was used since.
 */
const METER_INTERVAL_MS = 10_000;

/** A runtime that is served. */
export interface RuntimeDescription {
  readonly name: string;
  readonly arn: string;
  /** `/runtimes/{escaped ARN}/invocations?qualifier=DEFAULT` */
  readonly invocationPath: string;
  readonly idleTimeoutSeconds: number;
  readonly maxLifetimeSeconds: number;
  /** Number of the newest version. */
  readonly version: string;
  /** Directory that its processes start in; for a runtime of an assembly a copy of its asset, read-only. */
  readonly directory: string;
  /** What the code in the directory was bundled from, when the assembly says so. */
  readonly source: RuntimeSource | undefined;
}

/**
 * Amazon Bedrock AgentCore Runtime's MCP sessions on a laptop: one process a session, idle timeout, max lifetime, the
 * same URLs.
 *
 * Needs Linux or macOS (process groups). Not a security boundary: the servers run as the user who starts them (see
 * `isolation`).
 */
export class LocalRuntime {
  /**
   * Settles when the assembly is read, the tables exist and the pooled processes of each runtime listen. Nothing is
   * left running when it rejects.
   *
   * @throws LocalRuntimeError
   */
  public readonly ready: Promise<void>;
  /** Sessions that start and stop. */
  public readonly events: LocalRuntimeEventEmitter = newEventEmitter();
  /** Things that go wrong on request. */
  public readonly faults: Faults;

  private readonly shared: SharedParts;
  private readonly runtimeSet = new RuntimeSet();
  private readonly defined: DefinedRuntimes;
  private readonly controlPlane: ControlPlane;
  private readonly publisher: RuntimePublisher;
  private readonly frontDoor: FrontDoor;
  private readonly meterTimer: NodeJS.Timeout;
  private readonly memoryWatch: MemoryWatch;
  private closing: Promise<void> | undefined;

  /** @throws LocalRuntimeError `ERR_INVALID_OPTION` or `ERR_NO_RUNTIME` */
  public constructor(private readonly options: LocalRuntimeOptions) {
    checkOptions(options);
    const { clock = systemClock, credentials = [], auth = credentials.length > 0 ? 'platform-urls' : 'off' } = options;
    const runtimes = this.runtimeSet;
    this.defined = new DefinedRuntimes(options, (line, runtimeName) => {
      this.note(line, runtimeName);
    });
    const shared = (this.shared = sharedParts(options, clock, this.events));
    const { settings, quotas, eventLog } = shared;
    const faults = (this.faults = new FaultPlan(sessionId => runtimes.findSession(sessionId), eventLog));
    const inbound = new InboundAuth(auth, credentials, settings.unsignedPayload);
    this.controlPlane = new ControlPlane({
      auth: inbound,
      clock,
      runtimes,
      shared,
      artifacts: options.artifacts ?? {},
      environment: options.environment ?? {},
    });
    const checkOpen = (): void => {
      this.checkOpen();
    };
    this.publisher = new RuntimePublisher({
      defined: this.defined,
      runtimes,
      shared,
      controlPlane: this.controlPlane,
      checkOpen,
    });
    this.meterTimer = setInterval(() => {
      for (const { sessions } of runtimes.all) {
        sessions.measure();
      }
    }, METER_INTERVAL_MS).unref();
    this.memoryWatch = new MemoryWatch(shared.resources?.memoryBytes, () => runtimes.liveSessions);
    for (const line of shared.confinement.cpus.notes) {
      this.note(line);
    }
    // Settles before the cleaning up that `ready` waits for, so that waiting requests are answered.
    const started = this.start();
    this.ready = started.catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    // Whoever waits for it hears of it; a program that only serves hears of it with its first request.
    this.ready.catch(() => {});
    this.frontDoor = new FrontDoor({
      routes: new Routes(
        () => runtimes.all,
        () => this.defined.leftOut.map(runtime => ({ ...runtime, explanation: this.defined.explain(runtime) })),
      ),
      dataPlane: new DataPlane({ auth: inbound, quotas, settings, clock, eventLog, faults }),
      sessionEndpoints: new SessionEndpoints({ runtimes: () => runtimes.all, auth: inbound, settings, eventLog }),
      controlPlane: this.controlPlane,
      shared,
      started,
      checkOpen,
    });
  }

  /** The runtimes, once `ready`. */
  public get runtimes(): readonly RuntimeDescription[] {
    return this.runtimeSet.all.map(
      ({ version, definition: { name, arn, idleTimeoutSeconds, maxLifetimeSeconds, cwd, source } }) => ({
        name,
        arn,
        invocationPath: invocationPath(arn),
        idleTimeoutSeconds,
        maxLifetimeSeconds,
        version,
        directory: cwd,
        source,
      }),
    );
  }

  /** The runtimes of the assembly that cannot run here, once `ready`. */
  public get leftOut(): readonly LeftOutRuntime[] {
    return this.defined.leftOut;
  }

  /** The live sessions, and the last 100 of each runtime that have ended. */
  public sessions(): readonly SessionDescription[] {
    return this.runtimeSet.describeSessions();
  }

  /** What has happened, oldest first: the last 1000 requests (those that were refused, too), sessions and faults. */
  public get eventLog(): readonly LoggedEvent[] {
    return this.shared.eventLog.entries;
  }

  /** The DynamoDB tables of the assembly, once `ready`. */
  public tables(): readonly TableDescription[] {
    return this.defined.tables;
  }

  /** Every item of a table, numbers as numbers and sets as `Set`. */
  public async scanTable(name: string): Promise<Record<string, unknown>[]> {
    await this.ready;
    return this.defined.scanTable(name);
  }

  /**
   * Publishes a new version of a runtime, with the code that is in a directory now: sessions that start from now on get
   * it, those that live keep theirs. Settles when its waiting processes listen.
   *
   * @param directory - that its processes start in; the one before may be given again
   * @returns the number of the version
   * @throws LocalRuntimeError what its server fails with, and then the version before stays; or `ERR_UNKNOWN_RUNTIME`,
   * `ERR_RUNTIME_CHANGING`, `ERR_CLOSED`
   */
  public publish(runtimeName: string, directory: string): Promise<string> {
    return this.publisher.inTurn(this.ready, () => this.publisher.publish(runtimeName, directory));
  }

  /**
   * Reads an assembly in place of the one before. A runtime that has changed gets a new version, as by `publish`; those
   * that are new are served, those that are gone are deleted. Tables keep their items.
   *
   * @returns what became of each runtime
   * @throws LocalRuntimeError when the assembly cannot be read; no runtime has changed then
   */
  public reload(assembly: string): Promise<readonly RuntimeChange[]> {
    return this.publisher.inTurn(this.ready, () => this.publisher.reload(assembly));
  }

  /**
   * Answers a request as the data plane does, without a port: the path says which runtime, `Mcp-Session-Id` which
   * session. Bodies stream both ways.
   *
   * Host and origin of the request are not checked: it comes from this program.
   *
   * @throws LocalRuntimeError what `ready` rejects with
   */
  public async fetch(request: Request): Promise<Response> {
    await this.ready;
    return this.frontDoor.fetch(request);
  }

  /**
   * Opens a port. Requests that come before `ready` wait for it.
   *
   * @throws LocalRuntimeError `ERR_PORT_IN_USE`, `ERR_LISTEN_FAILED`, `ERR_INVALID_OPTION` or `ERR_CLOSED`
   */
  public async listen(options: ListenOptions = {}): Promise<LocalRuntimeListener> {
    this.checkOpen();
    return this.frontDoor.listen(options);
  }

  /** Ends everything it has started: sessions (SIGTERM, after 2 s SIGKILL), waiting processes, tables and ports. */
  public close(): Promise<void> {
    // A start that is under way comes to nothing, and cleans up after itself.
    this.closing ??= this.stop().then(() => this.ready.catch(() => {}));
    return this.closing;
  }

  /** The same as `close`, for `await using`. */
  public [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async start(): Promise<void> {
    const definitions = await this.defined.read(this.options.assembly);
    if (this.shared.confinement.isolation === 'bubblewrap') {
      await checkBubblewrap();
    }
    await this.publisher.start(definitions);
  }

  private async stop(): Promise<void> {
    clearInterval(this.meterTimer);
    this.memoryWatch.close();
    this.controlPlane.close();
    await this.runtimeSet.close();
    await this.frontDoor.close();
    await this.defined.close();
    await watchEnded();
  }

  private checkOpen(): void {
    if (this.closing) {
      throw new LocalRuntimeError('ERR_CLOSED', 'the local runtime was closed');
    }
  }

  private note(line: string, runtimeName = ''): void {
    this.options.log?.({ runtimeName, pid: process.pid, stream: 'runtime', line: plainLines(line) });
  }
}
