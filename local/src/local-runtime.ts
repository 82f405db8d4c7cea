import path from 'node:path';
import { runtimesOf } from './assembly-runtimes';
import { systemClock, type Clock } from './clock';
import { readAssembly } from './cloud-assembly';
import { ControlPlane } from './control-plane/control-plane';
import { DataPlane } from './data-plane';
import { EmbeddedTables, type TableDescription } from './embedded-tables';
import { answerException } from './error-encoding';
import { LocalRuntimeError } from './errors';
import type { LoggedEvent } from './event-log';
import { newEventEmitter, type LocalRuntimeEventEmitter } from './events';
import { answerJson, type Exchange } from './exchange';
import { FaultPlan, type Faults } from './faults';
import { fetchByExchange } from './fetch-adapter';
import { InboundAuth } from './inbound-auth';
import { exceptionOf } from './invocation';
import { requestLimits, type RequestLimits } from './limits';
import { listen, type ListenOptions, type LocalRuntimeListener } from './listener';
import { checkLifecycle, checkOptions, runtimeOfDefinition, type LocalRuntimeOptions } from './options';
import { watchEnded } from './process-groups';
import { looksLikeMcp } from './rpc-method';
import { invocationPath, Routes } from './routes';
import type { RuntimeDefinition } from './runtime-definition';
import { newServedRuntime, sharedParts, type SharedParts } from './runtime-factory';
import type { ServedRuntime } from './served-runtime';
import type { Session } from './session';
import type { SessionDescription } from './session-description';
import { tablesOf } from './template-tables';
import { uniqueNames } from './unique-names';

// How often the CPU time and memory of live sessions are read; a crash between two of them loses what was used since.
const METER_INTERVAL_MS = 10_000;

/** A runtime that is served. */
export interface RuntimeDescription {
  readonly name: string;
  readonly arn: string;
  /** `/runtimes/{escaped ARN}/invocations?qualifier=DEFAULT` */
  readonly invocationPath: string;
  readonly idleTimeoutSeconds: number;
  readonly maxLifetimeSeconds: number;
}

/**
 * Amazon Bedrock AgentCore Runtime's MCP sessions on a laptop: one process a session, idle timeout, max lifetime, the same URLs.
 *
 * Needs Linux or macOS (process groups). Not a security boundary: the servers run as the person who starts them.
 */
export class LocalRuntime {
  /**
   * Settles when the assembly is read, the tables exist and the pooled processes of each runtime listen. Nothing is left running when it rejects.
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
  private readonly routes = new Routes(() => this.serving);
  private readonly meterTimer: NodeJS.Timeout;
  private readonly embedded: EmbeddedTables[] = [];
  private readonly listeners = new Set<LocalRuntimeListener>();
  /** Settles before the cleaning up that `ready` waits for, so that waiting requests are answered. */
  private readonly started: Promise<void>;
  private isStarted = false;
  private disposal: Promise<void> | undefined;

  /** @throws LocalRuntimeError `ERR_INVALID_OPTION` or `ERR_NO_RUNTIME` */
  public constructor(private readonly options: LocalRuntimeOptions) {
    checkOptions(options);
    const { clock = systemClock, credentials = [], auth = credentials.length > 0 ? 'platform-urls' : 'off' } = options;
    this.clock = clock;
    this.limits = requestLimits(options.limits);
    this.parts = sharedParts(options, this.clock, this.events, this.limits);
    const { settings, quotas, eventLog } = this.parts;
    const faults = new FaultPlan(sessionId => this.findSession(sessionId), eventLog);
    this.faults = faults;
    const inbound = new InboundAuth(auth, credentials, settings.unsignedPayload);
    this.dataPlane = new DataPlane({ auth: inbound, quotas, settings, clock, eventLog, faults });
    this.controlPlane = new ControlPlane({ auth: inbound, clock, serving: this.serving, parts: this.parts, artifacts: options.artifacts ?? {} });
    this.meterTimer = setInterval(() => { for (const { sessions } of this.serving) sessions.measure(); }, METER_INTERVAL_MS).unref();
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
    return this.serving.map(({ definition: { name, arn, idleTimeoutSeconds, maxLifetimeSeconds } }) =>
      ({ name, arn, invocationPath: invocationPath(arn), idleTimeoutSeconds, maxLifetimeSeconds }));
  }

  /** The live sessions, and the last 100 of each runtime that have ended. */
  public sessions(): readonly SessionDescription[] {
    return this.serving.flatMap(({ sessions }) => sessions.describe());
  }

  /** What has happened, oldest first: the last 1000 requests, sessions and faults. */
  public get eventLog(): readonly LoggedEvent[] {
    return this.parts.eventLog.entries;
  }

  /** The DynamoDB tables of the assembly, once `ready`. */
  public tables(): readonly TableDescription[] {
    return this.embedded.flatMap(tables => tables.describe());
  }

  /** Every item of a table, numbers as numbers and sets as `Set`. */
  public async scanTable(name: string): Promise<Record<string, unknown>[]> {
    await this.ready;
    const [tables, ...others] = this.embedded.filter(embedded => embedded.describe().some(table => table.name === name));
    if (tables && others.length === 0) return tables.scan(name);
    const known = this.tables().map(table => `${table.name} (${table.endpoint})`).join(', ') || 'none';
    const problem = tables ? 'more than one Stage has a table' : 'there is no table';
    throw new LocalRuntimeError('ERR_UNKNOWN_TABLE', `${problem} named \`${name}\`; the tables are: ${known}`);
  }

  /**
   * Answers a request as the data plane does, without a port: the path says which runtime, `Mcp-Session-Id` which session. Bodies stream both ways.
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
    const listener = await listen(options, exchange => this.serve(exchange), this.limits.payloadBytes);
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
    const definitions = await this.define();
    this.checkNotDisposed();
    this.serving.push(...definitions.map(definition => newServedRuntime(definition, this.parts)));
    await Promise.all(this.serving.map(runtime => runtime.open()));
    this.checkNotDisposed();
    this.isStarted = true;
  }

  private async define(): Promise<readonly RuntimeDefinition[]> {
    const { assembly, runtimes = [], environment = {} } = this.options;
    const stages = assembly === undefined ? [] : readAssembly(path.resolve(assembly));
    const fromAssembly: RuntimeDefinition[] = [];
    let endpoint: string | undefined;
    for (const stage of stages) {
      const tables = await this.embed(tablesOf(stage));
      endpoint ??= tables?.endpoint;
      const found = runtimesOf(stage, tables?.endpoint, { environment, definitions: runtimes });
      fromAssembly.push(...found.runtimes);
      for (const line of found.notes) this.note(line);
    }
    const others = runtimes.filter(({ name }) => !fromAssembly.some(runtime => runtime.name === name));
    const all = [...uniqueNames(fromAssembly), ...others.map(definition => runtimeOfDefinition(definition, environment, endpoint))];
    if (all.length === 0 && this.options.artifacts === undefined) {
      throw new LocalRuntimeError('ERR_NO_RUNTIME', `\`assembly\` ${assembly} has no AWS::BedrockAgentCore::Runtime with ProtocolConfiguration MCP`);
    }
    all.forEach(checkLifecycle);
    return all;
  }

  private async embed(definitions: ReturnType<typeof tablesOf>): Promise<EmbeddedTables | undefined> {
    if (definitions.length === 0) return undefined;
    const tables = await EmbeddedTables.start(definitions);
    this.embedded.push(tables);
    return tables;
  }

  private findSession(sessionId: string): Session | undefined {
    return this.serving.map(({ sessions }) => sessions.find(sessionId)).find(session => session !== undefined);
  }

  private async serve(exchange: Exchange): Promise<void> {
    if (!this.isStarted) await this.started;
    this.checkNotDisposed();
    try {
      const destination = this.routes.find(exchange.url);
      if (destination) return await this.dataPlane.serve(exchange, destination);
    } catch (error) {
      await exchange.body.readBeginning();
      const exception = exceptionOf(error);
      answerException(exchange, exception, looksLikeMcp(exchange) ? 'mcp' : 'native', this.parts.settings.errorTexts);
      return;
    }
    if (await this.controlPlane.serve(exchange)) return;
    answerJson(exchange.answer, 404, JSON.stringify({ message: `nothing at this path; served are: ${this.routes.paths.join(', ')}` }));
  }

  private async stop(): Promise<void> {
    clearInterval(this.meterTimer);
    this.controlPlane.close();
    await Promise.all(this.serving.map(runtime => runtime.close('disposed')));
    await Promise.all([...this.listeners].map(listener => listener.close()));
    await Promise.all(this.embedded.map(tables => tables.close()));
    await watchEnded();
  }

  private checkNotDisposed(): void {
    if (this.disposal) throw new LocalRuntimeError('ERR_DISPOSED', 'the local runtime was disposed of');
  }

  private note(line: string, runtimeName = ''): void {
    this.options.log?.({ runtimeName, pid: process.pid, stream: 'runtime', line });
  }
}
