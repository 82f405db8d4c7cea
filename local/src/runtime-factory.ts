import { randomBytes } from 'node:crypto';
import { AccountQuotas } from './account-quotas';
import type { Clock } from './clock';
import type { Confinement } from './confinement';
import { containerLimits } from './container-limits';
import { CpuAffinity } from './cpu-affinity';
import { EventLog } from './event-log';
import type { LocalRuntimeEventEmitter } from './events';
import { HeaderPolicy } from './header-policy';
import { probe } from './health-probe';
import { quotasOf, type RequestLimits } from './limits';
import type { LocalRuntimeOptions } from './options';
import { platformSettings, type PlatformSettings } from './platform-settings';
import { ProcessPool } from './process-pool';
import type { SessionLog } from './process-output';
import { RefusalLog } from './refusal-log';
import { localRegion, type RuntimeDefinition } from './runtime-definition';
import type { RuntimeVersion } from './runtime-version';
import { ServedRuntime } from './served-runtime';
import { SessionProcess } from './session-process';
import { SessionStorage } from './session-storage';
import { sessionResources, type SessionResources } from './session-resources';
import { Sessions } from './sessions';
import { snapshotEnvironment } from './snapshot-mode';
import { StartTurns } from './start-turns';

/** What all runtimes have in common. */
export interface SharedParts {
  readonly clock: Clock;
  readonly log: SessionLog;
  readonly events: LocalRuntimeEventEmitter;
  readonly eventLog: EventLog;
  readonly settings: PlatformSettings;
  readonly limits: RequestLimits;
  readonly quotas: AccountQuotas;
  /** Of each session; undefined for no limits. */
  readonly resources: SessionResources | undefined;
  readonly confinement: Confinement;
  readonly startTurns: StartTurns;
  readonly pooledProcesses: number;
  readonly sessionIds: 'server' | 'platform';
  readonly requestsWithoutSession: 'shared' | 'new-session';
  readonly pingIntervalMs: number | undefined;
}

/** What the options say of all runtimes. */
export function sharedParts(options: LocalRuntimeOptions, clock: Clock, events: LocalRuntimeEventEmitter, limits: RequestLimits): SharedParts {
  const { log = () => {}, pooledProcesses = 1, sessionIds = 'server', requestsWithoutSession = 'shared', pingIntervalSeconds } = options;
  const resources = sessionResources(options.resources);
  const refusals = new RefusalLog((line, runtimeName = '') => { log({ runtimeName, pid: process.pid, stream: 'runtime', line }); });
  return {
    clock, log, events, limits, resources, pooledProcesses, sessionIds, requestsWithoutSession,
    eventLog: new EventLog(clock, (event, at) => { refusals.add(event, at); }),
    startTurns: new StartTurns(),
    confinement: { cpus: new CpuAffinity(resources?.vcpus), isolation: options.isolation ?? 'none' },
    settings: platformSettings(options.settings),
    quotas: new AccountQuotas(quotasOf(options.quotas, localRegion()), clock),
    pingIntervalMs: pingIntervalSeconds === undefined ? undefined : pingIntervalSeconds * 1000,
  };
}

const FIRST_PROBE_TIMEOUT_MS = 5000;

/** Puts together what a runtime needs to run. */
export function newServedRuntime(definition: RuntimeDefinition, parts: SharedParts, firstVersion?: string): ServedRuntime {
  const storage = new SessionStorage(parts.clock);
  const requestStateKey = randomBytes(32).toString('base64');
  const newVersion = (version: string, defined: RuntimeDefinition): RuntimeVersion => {
    const note = (line: string): void => { parts.log({ runtimeName: defined.name, pid: process.pid, stream: 'runtime', line }); };
    const limits = defined.image === undefined ? undefined : containerLimits(defined.command[0], parts.resources);
    for (const line of [...defined.notes, ...limits?.notes ?? []]) note(line);
    const snapshot = snapshotEnvironment(defined, version);
    const common = { runtime: defined, requestStateKey, log: parts.log, confinement: parts.confinement, containerLimits: limits?.arguments ?? [] };
    const pool = new ProcessPool(
      // A process with a folder of its own session cannot wait for just any session.
      defined.features.sessionStorage === undefined ? parts.pooledProcesses : 0,
      parts.clock,
      (signal, clock, environment) =>
        parts.startTurns.take(() => SessionProcess.start({ ...common, environment: { ...snapshot, ...environment } }, signal, clock), signal),
      (started) => { void probe(started, defined.features.protocol, FIRST_PROBE_TIMEOUT_MS); },
      (error) => { note(error instanceof Error ? error.message : String(error)); },
    );
    const allowed = parts.settings.requestHeaders === 'all' ? 'all' : defined.features.requestHeaderAllowlist;
    return { version, definition: defined, pool, headers: new HeaderPolicy(allowed, note) };
  };
  const onPublished = (version: string): void => {
    const event = { runtimeName: definition.name, version };
    parts.eventLog.add({ type: 'version-published', ...event });
    parts.events.emit('version-published', event);
  };
  return new ServedRuntime(definition, { sessions: new Sessions({ ...parts, storage }), newVersion, storage, onPublished, firstVersion });
}
