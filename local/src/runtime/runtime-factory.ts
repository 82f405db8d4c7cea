import { randomBytes } from 'node:crypto';
import { type AccountQuotas } from '../platform/account-quotas';
import type { Clock } from '../common/clock';
import { plainLines } from '../common/plain-text';
import type { Confinement } from '../process/confinement';
import { containerLimits } from '../process/container';
import { type EventLog } from '../events/event-log';
import type { LocalRuntimeEventEmitter } from '../events/events';
import { HeaderPolicy } from '../platform/header-policy';
import { probe, REFUSES_PROBES } from '../probes/health-probe';
import { type RequestLimits } from '../platform/limits';
import { type PlatformSettings } from '../platform/platform-settings';
import { ProcessPool } from '../process/process-pool';
import type { SessionLog } from '../process/process-output';
import type { RuntimeDefinition, RuntimeFeatures } from '../model/runtime-definition';
import type { RuntimeVersion } from '../session/runtime-version';
import { ServedRuntime } from './served-runtime';
import { SessionProcess } from '../process/session-process';
import { SessionStorage } from '../session/session-storage';
import { type SessionResources } from '../platform/session-resources';
import { Sessions } from '../session/sessions';
import { snapshotEnvironment } from '../snapshot/snapshot-mode';
import { type StartTurns } from '../process/start-turns';

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
  readonly awaitsRelease: boolean;
}

const PROBE_PROBLEMS = {
  redirects:
    'the server redirects the path that AgentCore calls, and a redirect is an error there; let it serve that path itself (an app mounted at `/mcp` redirects it to `/mcp/`)',
  refuses: REFUSES_PROBES,
};
const FIRST_PROBE_TIMEOUT_MS = 5000;
/** No session has such an id: the directories of a process that proves a version. */
const PROOF_SESSION = 'proof of a version';

/** Puts together what a runtime needs to run. */
export function newServedRuntime(
  definition: RuntimeDefinition,
  parts: SharedParts,
  firstVersion?: string,
): ServedRuntime {
  const storage = new SessionStorage(parts.clock);
  const requestStateKey = randomBytes(32).toString('base64');
  const newVersion = (version: string, defined: RuntimeDefinition): RuntimeVersion => {
    const note = (line: string): void => {
      parts.log({ runtimeName: defined.name, pid: process.pid, stream: 'runtime', line: plainLines(line) });
    };
    const limits = defined.image === undefined ? undefined : containerLimits(defined.command[0], parts.resources);
    for (const line of [...defined.notes, ...(limits?.notes ?? [])]) {
      note(line);
    }
    const snapshot = snapshotEnvironment(defined, version);
    const common = {
      runtime: defined,
      requestStateKey,
      log: parts.log,
      confinement: parts.confinement,
      containerLimits: limits?.arguments ?? [],
      fixedPort: { port: undefined },
    };
    // A snapshot is taken of a server that starts and warms up, whether or not a process waits for a session here.
    const proof = (): Readonly<Record<string, string>> =>
      storage.environmentOf({ version, definition: defined }, PROOF_SESSION) ?? {};
    const pool = new ProcessPool(
      // A process with a directory of its own session cannot wait for just any session.
      hasFileSystems(defined.features) ? 0 : parts.pooledProcesses,
      parts.clock,
      (signal, clock, environment) =>
        parts.startTurns.take(
          () => SessionProcess.start({ ...common, environment: { ...snapshot, ...environment } }, signal, clock),
          signal,
        ),
      started => {
        void probe(started, defined.features, FIRST_PROBE_TIMEOUT_MS).then(health => {
          const problem = health in PROBE_PROBLEMS ? PROBE_PROBLEMS[health as keyof typeof PROBE_PROBLEMS] : undefined;
          if (problem !== undefined) {
            note(problem);
          }
        });
      },
      error => {
        note(error instanceof Error ? error.message : String(error));
      },
      hasSnapshot(defined) ? proof : undefined,
    );
    const allowed = parts.settings.requestHeaders === 'all' ? 'all' : defined.features.requestHeaderAllowlist;
    return { version, definition: defined, pool, headers: new HeaderPolicy(allowed, note) };
  };
  const onPublished = (version: string): void => {
    const event = { runtimeName: definition.name, version };
    parts.eventLog.record({ type: 'version-published', ...event });
    parts.events.emit('version-published', event);
  };
  return new ServedRuntime(definition, {
    sessions: new Sessions({ ...parts, storage }),
    newVersion,
    storage,
    onPublished,
    firstVersion,
    awaitsRelease: parts.awaitsRelease,
  });
}

function hasFileSystems({ sessionStorage, bucketMounts }: RuntimeFeatures): boolean {
  return sessionStorage !== undefined || bucketMounts.length > 0;
}

/** Of an image none is taken here; its hook is called all the same. */
function hasSnapshot({ image, features: { platformVersion, warmup } }: RuntimeDefinition): boolean {
  return platformVersion === 'V2' && (image === undefined || warmup !== undefined);
}
