import type { SessionStopReason } from '../events/events';
import type { Lifecycle } from '../model/runtime-definition';
import { type ProcessExit, describeExit } from '../process/process-exit';

/** What is known about the end of a session besides its reason. */
export interface StopDetails {
  readonly exit: ProcessExit;
  readonly lastErrorLine: string | undefined;
  /** What `describeMemory` says of a session that ran out of it. */
  readonly memory: string;
}

/** What a caller is told whose request was open when its session ended. */
export function explainStop(
  reason: SessionStopReason,
  { exit, lastErrorLine, memory }: StopDetails,
  lifecycle: Lifecycle,
): string {
  switch (reason) {
    case 'max-lifetime':
      return `the session has reached its max lifetime of ${lifecycle.maxLifetimeSeconds} s`;
    case 'idle-timeout':
      return `the session has reached its idle timeout of ${lifecycle.idleTimeoutSeconds} s`;
    case 'stopped':
      return 'the session was stopped by StopRuntimeSession';
    case 'expired':
      return 'the session was expired on request';
    case 'unhealthy':
      // The text that was seen for it.
      return 'Runtime health check failed or timed out';
    case 'runtime-deleted':
      return 'the runtime was deleted';
    case 'closed':
      return 'the local runtime was closed';
    case 'deleted':
      return 'the session was ended by DELETE';
    case 'refused':
    case 'request-ended':
      return 'the session has ended';
    case 'out-of-memory':
      return memory;
    case 'crashed':
      return `the server process of this session ended ${describeExit(exit)} during the request${lastErrorLine === undefined ? '' : `; its last error output: ${lastErrorLine}`}`;
  }
}

export function describeMemory(usedBytes: number, limitBytes: number): string {
  return `the session ran out of memory: its processes used ${megabytes(usedBytes)} MB, the limit is ${megabytes(limitBytes)} MB (\`resources.memoryBytes\`)`;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
