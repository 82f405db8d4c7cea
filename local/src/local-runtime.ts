import path from 'node:path';
import { checkBubblewrap } from './machine/bubblewrap';
import { systemClock, type Clock } from './common/clock';
import { plainLines } from './common/plain-text';
import { ControlPlane } from './control-plane/control-plane';
import { DataPlane } from './data-plane/data-plane';
import { DefinedRuntimes } from './definitions/defined-runtimes';
import type { TableDescription } from './definitions/embedded-tables';
import { answerException } from './platform/error-encoding';
import { LocalRuntimeError } from './common/errors';
import type { LeftOutRuntime } from './definitions/left-out-runtime';
import type { LoggedEvent } from './events/event-log';
import { newEventEmitter, type LocalRuntimeEventEmitter } from './events/events';
import { answerJson, pathOf, type Exchange } from './http/exchange';
import { FaultPlan, type Faults } from './data-plane/faults';
import { fetchByExchange } from './http/fetch-adapter';
import { InboundAuth } from './auth/inbound-auth';
import { exceptionOf } from './request/invocation';
import { requestLimits, type RequestLimits } from './platform/limits';
import { listen, type ListenOptions, type LocalRuntimeListener } from './http/listener';
import { checkOptions, type LocalRuntimeOptions } from './options';
import { MemoryWatch } from './session/memory-watch';
import { watchEnded } from './machine/process-groups';
import { looksLikeMcp } from './request/rpc-message';
import { Routes } from './data-plane/routes';
import { changesOf } from './runtime/runtime-changes';
import type { RuntimeDefinition, RuntimeSource } from './model/runtime-definition';
import { newServedRuntime, type SharedParts } from './runtime/runtime-factory';
import type { ServedRuntime } from './runtime/served-runtime';
import type { Session } from './session/session';
import type { SessionDescription } from './session/session-description';
import { TimeLimits, answerTimeOver } from './request/time-limits';
import { sharedParts } from './shared-parts';
import { invocationPath } from './model/runtime-urls';

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
  /** Folder that its processes start in; for a runtime of an assembly a copy of its asset, read-only. */
  readonly folder: string;
  /** What the code in the folder was bundled from, when the assembly says so. */
  readonly source: RuntimeSource | undefined;
}

/** What `reload` did with a runtime. */
export interface RuntimeChange {
  readonly runtimeName: string;
  /** `failed`: its new version does not start, and the one before stays. */
  readonly change: 'added' | 'updated' | 'unchanged' | 'deleted' | 'failed';
  /** The version that new sessions get; undefined for a runtime that is not served. */
  readonly version: string | undefined;
  /** Why it failed. */
  readonly error?: Error;
}

/**
 * Amazon Bedrock AgentCore Runtime's MCP sessions on a laptop: one process a session, idle timeout, max lifetime, the
 * same URLs.
 *
 * Needs Linux or macOS (process groups). Not a security boundary: the servers run as the person who starts them (see
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

  private readonly clock: Clock;
  private readonly limits: RequestLimits;
  private readonly parts: SharedParts;
  private readonly dataPlane: DataPlane;
  private readonly controlPlane: ControlPlane;
  private readonly serving: ServedRuntime[] = [];
  private readonly routes = new Routes(
    () => this.serving,
    () => this.defined.leftOut.map(runtime => ({ ...runtime, explanation: this.defined.explain(runtime) })),
  );

  private readonly meterTimer: NodeJS.Timeout;
  private readonly defined: DefinedRuntimes;
  /** Those that `defined` has read; the control plane makes others. */
  private readonly definedServing = new Set<ServedRuntime>();
  private readonly memoryWatch: MemoryWatch;
  private readonly listeners = new Set<LocalRuntimeListener>();
  /** Settles before the cleaning up that `ready` waits for, so that waiting requests are answered. */
  private readonly started: Promise<void>;
  private isStarted = false;
  private changes: Promise<unknown> = Promise.resolve();
  private disposal: Promise<void> | undefined;

  /** @throws LocalRuntimeError `ERR_INVALID_OPTION` or `ERR_NO_RUNTIME` */
  public constructor(private readonly options: LocalRuntimeOptions) {
    checkOptions(options);
    const { clock = systemClock, credentials = [], auth = credentials.length > 0 ? 'platform-urls' : 'off' } = options;
    this.clock = clock;
    this.defined = new DefinedRuntimes(options, (line, runtimeName) => {
      this.note(line, runtimeName);
    });
    this.limits = requestLimits(options.limits);
    this.parts = sharedParts(options, this.clock, this.events, this.limits);
    const { settings, quotas, eventLog } = this.parts;
    const faults = new FaultPlan(sessionId => this.findSession(sessionId), eventLog);
    this.faults = faults;
    const inbound = new InboundAuth(auth, credentials, settings.unsignedPayload);
    this.dataPlane = new DataPlane({ auth: inbound, quotas, settings, clock, eventLog, faults });
    this.controlPlane = new ControlPlane({
      auth: inbound,
      clock,
      serving: this.serving,
      parts: this.parts,
      artifacts: options.artifacts ?? {},
    });
    this.meterTimer = setInterval(() => {
      for (const { sessions } of this.serving) {
        sessions.measure();
      }
    }, METER_INTERVAL_MS).unref();
    this.memoryWatch = new MemoryWatch(this.parts.resources?.memoryBytes, () =>
      this.serving.flatMap(({ sessions }) => [...sessions.running]),
    );
    for (const line of this.parts.confinement.cpus.notes) {
      this.note(line);
    }
    this.started = this.start();
    this.ready = this.started.catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    // Whoever waits for it hears of it; a program that only serves hears of it with its first request.
    this.ready.catch(() => {});
  }

  /** The runtimes, once `ready`. */
  public get runtimes(): readonly RuntimeDescription[] {
    return this.serving.map(
      ({ version, definition: { name, arn, idleTimeoutSeconds, maxLifetimeSeconds, cwd, source } }) => ({
        name,
        arn,
        invocationPath: invocationPath(arn),
        idleTimeoutSeconds,
        maxLifetimeSeconds,
        version,
        folder: cwd,
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
    return this.serving.flatMap(({ sessions }) => sessions.describe());
  }

  /** What has happened, oldest first: the last 1000 requests (those that were refused, too), sessions and faults. */
  public get eventLog(): readonly LoggedEvent[] {
    return this.parts.eventLog.entries;
  }

  /** The DynamoDB tables of the assembly, once `ready`. */
  public tables(): readonly TableDescription[] {
    return this.defined.tables();
  }

  /** Every item of a table, numbers as numbers and sets as `Set`. */
  public async scanTable(name: string): Promise<Record<string, unknown>[]> {
    await this.ready;
    return this.defined.scanTable(name);
  }

  /**
   * Publishes a new version of a runtime, with the code that is in a folder now: sessions that start from now on get
   * it, those that live keep theirs. Settles when its waiting processes listen.
   *
   * @param folder - that its processes start in; the one before may be given again
   * @returns the number of the version
   * @throws LocalRuntimeError what its server fails with, and then the version before stays; or `ERR_UNKNOWN_RUNTIME`,
   * `ERR_RUNTIME_CHANGING`, `ERR_DISPOSED`
   */
  public publish(runtimeName: string, folder: string): Promise<string> {
    return this.inTurn(() => this.publishFolder(runtimeName, folder));
  }

  /**
   * Reads an assembly in place of the one before: a runtime that has changed gets a new version, as by `publish`; those
   * that are new are served, those that are gone are deleted. Tables keep their items.
   *
   * @returns what became of each runtime
   * @throws LocalRuntimeError when the assembly cannot be read; no runtime has changed then
   */
  public reload(assembly: string): Promise<readonly RuntimeChange[]> {
    return this.inTurn(() => this.readAgain(assembly));
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
    return fetchByExchange(request, exchange => this.serve(exchange), this.limits.payloadBytes);
  }

  /**
   * Opens a port. Requests that come before `ready` wait for it.
   *
   * @throws LocalRuntimeError `ERR_PORT_IN_USE`, `ERR_LISTEN_FAILED`, `ERR_INVALID_OPTION` or `ERR_DISPOSED`
   */
  public async listen(options: ListenOptions = {}): Promise<LocalRuntimeListener> {
    this.checkNotDisposed();
    const listener = await listen(options, {
      serve: exchange => this.serve(exchange),
      refused: (exchange, status, message) => {
        this.logUnrouted(exchange, status, { name: 'Forbidden', message });
      },
      longestBody: this.limits.payloadBytes,
    });
    this.listeners.add(listener);
    return listener;
  }

  /** Ends everything it has started: sessions (SIGTERM, after 2 s SIGKILL), waiting processes, tables and ports. */
  public dispose(): Promise<void> {
    // A start that is under way comes to nothing, and cleans up after itself.
    this.disposal ??= this.stop().then(() => this.ready.catch(() => {}));
    return this.disposal;
  }

  private async start(): Promise<void> {
    const definitions = await this.defined.read(this.options.assembly);
    if (this.parts.confinement.isolation === 'bubblewrap') {
      await checkBubblewrap();
    }
    this.checkNotDisposed();
    this.serving.push(...definitions.map(definition => newServedRuntime(definition, this.parts)));
    for (const served of this.serving) {
      this.definedServing.add(served);
    }
    await Promise.all(this.serving.map(runtime => runtime.open()));
    this.checkNotDisposed();
    this.isStarted = true;
  }

  /** One change of what is served after the other. */
  private inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.changes
      .then(() => this.ready)
      .then(() => {
        this.checkNotDisposed();
        return change();
      });
    this.changes = result.catch(() => {});
    return result;
  }

  private async publishFolder(runtimeName: string, folder: string): Promise<string> {
    const served = this.serving.find(({ definition }) => definition.name === runtimeName);
    if (!served) {
      const known = this.serving.map(({ definition }) => definition.name).join(', ');
      throw new LocalRuntimeError(
        'ERR_UNKNOWN_RUNTIME',
        `there is no runtime named \`${runtimeName}\`; the runtimes are: ${known}`,
      );
    }
    return this.controlPlane.publish(served, { ...served.definition, cwd: path.resolve(folder) });
  }

  private async readAgain(assembly: string): Promise<readonly RuntimeChange[]> {
    const { added, updated, unchanged, deleted } = changesOf(
      [...this.definedServing],
      await this.defined.read(assembly),
    );
    this.checkNotDisposed();
    const changes = await Promise.all([
      ...added.map(definition =>
        this.changed(definition.name, 'added', async () => (await this.open(definition)).version),
      ),
      ...updated.map(({ served, definition }) =>
        this.changed(definition.name, 'updated', () => this.controlPlane.publish(served, definition), served),
      ),
      ...deleted.map(served =>
        this.changed(served.definition.name, 'deleted', async () => {
          this.definedServing.delete(served);
          await this.controlPlane.remove(served);
          return undefined;
        }),
      ),
    ]);
    return [
      ...changes,
      ...unchanged.map(({ definition, version }) => ({
        runtimeName: definition.name,
        change: 'unchanged' as const,
        version,
      })),
    ];
  }

  private async open(definition: RuntimeDefinition): Promise<ServedRuntime> {
    const served = newServedRuntime(definition, this.parts);
    this.serving.push(served);
    try {
      await served.open();
    } catch (error) {
      await this.controlPlane.remove(served);
      throw error;
    }
    this.definedServing.add(served);
    return served;
  }

  private async changed(
    runtimeName: string,
    change: RuntimeChange['change'],
    make: () => Promise<string | undefined>,
    before?: ServedRuntime,
  ): Promise<RuntimeChange> {
    try {
      return { runtimeName, change, version: await make() };
    } catch (error) {
      return {
        runtimeName,
        change: 'failed',
        version: before?.version,
        error: error instanceof Error ? error : new Error(String(error)),
      };
    }
  }

  private findSession(sessionId: string): Session | undefined {
    return this.serving.map(({ sessions }) => sessions.find(sessionId)).find(session => session !== undefined);
  }

  private async serve(exchange: Exchange): Promise<void> {
    if (!this.isStarted) {
      await this.started;
    }
    this.checkNotDisposed();
    const { errorTexts } = this.parts.settings;
    const timeLimits = new TimeLimits(this.clock, this.limits);
    timeLimits.tell(exception => {
      answerTimeOver(exchange, exception, 'native', errorTexts);
    });
    try {
      await this.operate(exchange, timeLimits);
    } catch (error) {
      timeLimits.tell(exception => {
        answerTimeOver(exchange, exception, looksLikeMcp(exchange) ? 'mcp' : 'native', errorTexts);
      });
      await exchange.body.readBeginning();
      const exception = exceptionOf(error);
      const status = answerException(exchange, exception, looksLikeMcp(exchange) ? 'mcp' : 'native', errorTexts);
      this.logUnrouted(exchange, status, exception);
    } finally {
      timeLimits.cancel();
    }
  }

  /** @throws PlatformException for a runtime that does not exist */
  private operate(exchange: Exchange, timeLimits: TimeLimits): Promise<void> {
    const destination = this.routes.find(exchange.url);
    return destination ? this.dataPlane.serve(exchange, destination, timeLimits) : this.operateElsewhere(exchange);
  }

  private async operateElsewhere(exchange: Exchange): Promise<void> {
    if (await this.controlPlane.serve(exchange)) {
      return;
    }
    answerJson(
      exchange.answer,
      404,
      JSON.stringify({ message: `nothing at this path; served are: ${this.routes.paths.join(', ')}` }),
    );
    this.logUnrouted(exchange, 404, { name: 'NotFound', message: `nothing at ${pathOf(exchange)}` });
  }

  private logUnrouted(
    exchange: Exchange,
    status: number,
    { name, message }: { readonly name: string; readonly message: string },
  ): void {
    this.parts.eventLog.add({
      type: 'operation',
      operation: undefined,
      method: exchange.method,
      path: pathOf(exchange),
      runtimeName: undefined,
      status,
      error: { name, message },
    });
  }

  private async stop(): Promise<void> {
    clearInterval(this.meterTimer);
    this.memoryWatch.close();
    this.controlPlane.close();
    await Promise.all(this.serving.map(runtime => runtime.close('disposed')));
    await Promise.all([...this.listeners].map(listener => listener.close()));
    await this.defined.close();
    await watchEnded();
  }

  private checkNotDisposed(): void {
    if (this.disposal) {
      throw new LocalRuntimeError('ERR_DISPOSED', 'the local runtime was disposed of');
    }
  }

  private note(line: string, runtimeName = ''): void {
    this.options.log?.({ runtimeName, pid: process.pid, stream: 'runtime', line: plainLines(line) });
  }
}
