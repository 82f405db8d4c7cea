import { AccountQuotas } from './platform/account-quotas';
import type { Clock } from './common/clock';
import { CpuAffinity } from './machine/cpu-affinity';
import { EventLog } from './events/event-log';
import type { LocalRuntimeEventEmitter } from './events/events';
import { quotasOf, requestLimits } from './platform/limits';
import type { LocalRuntimeOptions } from './options';
import { platformSettings } from './platform/platform-settings';
import { RefusalLog } from './events/refusal-log';
import { localRegion } from './model/runtime-definition';
import { sessionResources } from './platform/session-resources';
import { StartTurns } from './process/start-turns';
import { type SharedParts } from './runtime/runtime-factory';

/** What the options say of all runtimes. */
export function sharedParts(options: LocalRuntimeOptions, clock: Clock, events: LocalRuntimeEventEmitter): SharedParts {
  const { log = () => {}, pooledProcesses = 1 } = options;
  const resources = sessionResources(options.resources);
  const refusals = new RefusalLog((line, runtimeName = '') => {
    log({ runtimeName, pid: process.pid, stream: 'runtime', line });
  });
  return {
    clock,
    log,
    events,
    limits: requestLimits(options.limits),
    resources,
    pooledProcesses,
    awaitsRelease: options.releases === 'on-request',
    eventLog: new EventLog(clock, (event, at) => {
      refusals.record(event, at);
    }),
    startTurns: new StartTurns(),
    confinement: { cpus: new CpuAffinity(resources?.vcpus), isolation: options.isolation ?? 'none' },
    settings: platformSettings(options.settings),
    quotas: new AccountQuotas(quotasOf(options.quotas, localRegion()), clock),
  };
}
