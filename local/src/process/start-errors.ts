import { exhaustedIn } from '../common/exhausted';
import { LocalRuntimeError, type LocalRuntimeErrorCode } from '../common/errors';
import { initializationTimeExceeded } from '../platform/platform-errors';
import { DEFAULT_PORTS, type RuntimeDefinition } from '../model/runtime-definition';
import { describeExit, type ProcessExit } from './process-exit';
import type { ProcessOutput } from './process-output';

/** A server that should listen, as far as an error tells of it. */
interface StartingServer {
  readonly port: number;
  readonly output: ProcessOutput;
}

/** The program of the command does not exist here, or may not be run. */
export function commandNotStarted(runtime: RuntimeDefinition, error: Error): LocalRuntimeError {
  const [program] = runtime.command;
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const cause = missing
    ? 'was not found; install it or give its full path'
    : `could not be started: ${exhaustedIn(error) ?? error.message}`;
  return startError(
    'ERR_COMMAND_NOT_FOUND',
    runtime,
    `the program \`${program}\` of its command ${cause}`,
    { exitCode: null, signal: null },
    [],
  );
}

/** The server ended before it listened. */
export function serverExited(
  runtime: RuntimeDefinition,
  process: StartingServer,
  exit: ProcessExit,
): LocalRuntimeError {
  const place =
    runtime.image === undefined
      ? `127.0.0.1:${process.port} (the \`HOST\` and \`PORT\` of its environment)`
      : `port ${portOf(runtime)} of its container`;
  const problem = `the server ended ${describeExit(exit)} before it listened on ${place}`;
  return startError('ERR_SERVER_EXITED', runtime, problem, exit, process.output.tail);
}

/** The server listens where its code says, and another one already does. */
export function fixedPortTaken(
  runtime: RuntimeDefinition,
  port: number,
  { output }: Pick<StartingServer, 'output'>,
): LocalRuntimeError {
  const problem = `the server listens on port ${port}, whatever the \`PORT\` of its environment says, and the process of another session has that port; for more than one session at a time, let it read \`PORT\``;
  return startError('ERR_SERVER_EXITED', runtime, problem, { exitCode: null, signal: null }, output.tail);
}

/**
 * The server runs and does not listen.
 *
 * @param lastFailure - why it was not found to listen, when that was tried last
 */
export function startLimitExceeded(
  runtime: RuntimeDefinition,
  process: StartingServer,
  lastFailure: Error | undefined,
): LocalRuntimeError {
  const exhausted = lastFailure && exhaustedIn(lastFailure);
  const problem =
    exhausted !== undefined
      ? `whether the server listens could not be found out within ${runtime.startLimitMs / 1000} s: ${exhausted}`
      : runtime.image === undefined
        ? `the server did not listen on 127.0.0.1:${process.port} within ${runtime.startLimitMs / 1000} s; ` +
          `let it read \`HOST\` and \`PORT\` from its environment (AgentCore calls it on port ${portOf(runtime)}, here each process has a port of its own)`
        : `the server did not answer on port ${portOf(runtime)} of its container within ${runtime.startLimitMs / 1000} s; let it listen on 0.0.0.0:${portOf(runtime)}, as AgentCore wants it`;
  return startError('ERR_START_LIMIT', runtime, problem, { exitCode: null, signal: null }, process.output.tail);
}

/** The server listens, and fails the warm-up that the platform has it do before its snapshot. */
export function warmupFailed(
  runtime: RuntimeDefinition,
  problem: string,
  { output }: Pick<StartingServer, 'output'>,
): LocalRuntimeError {
  return startError('ERR_WARMUP_FAILED', runtime, problem, { exitCode: null, signal: null }, output.tail);
}

function portOf({ features: { port, protocol } }: RuntimeDefinition): number {
  return port ?? DEFAULT_PORTS[protocol];
}

function startError(
  code: LocalRuntimeErrorCode,
  runtime: RuntimeDefinition,
  problem: string,
  exit: ProcessExit,
  output: readonly string[],
): LocalRuntimeError {
  const platformMessage = initializationTimeExceeded(runtime.startLimitMs);
  const lines = [
    `runtime \`${runtime.name}\`: ${problem}`,
    runtime.image === undefined
      ? `command: ${runtime.command.join(' ')} (in ${runtime.cwd})`
      : `image: ${runtime.image} (in ${runtime.command[0]})`,
    output.length === 0 ? 'it wrote nothing' : `its last output:\n${output.map(line => `  ${line}`).join('\n')}`,
    `on AgentCore its caller would get: ${platformMessage}`,
  ];
  return new LocalRuntimeError(code, lines.join('\n'), {
    startFailure: { runtimeName: runtime.name, ...exit, output, platformMessage },
  });
}
