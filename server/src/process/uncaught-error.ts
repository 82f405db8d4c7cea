import { logOf, logToStderr, type Log, type LogLevel } from '../common/log';

interface LogOptions {
  readonly log?: Log;
  readonly logLevel?: LogLevel;
}

/** The listeners of this process. An uncaught error belongs to no particular one, so the first one's log takes it. */
const listeners = new Set<LogOptions>();

/**
 * Puts an error that nobody caught into the log as one line, before it ends the process: such as a rejected promise in
 * a timer of a tool. Errors that the program handles itself (`uncaughtException`, `unhandledRejection`) are not its end.
 * @param options - those of the log
 * @returns what undoes this
 */
export function logUncaughtErrors(options: LogOptions): () => void {
  const listener = { ...options };
  if (listeners.size === 0) {
    process.on('uncaughtExceptionMonitor', onUncaughtError);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      process.off('uncaughtExceptionMonitor', onUncaughtError);
    }
  };
}

function onUncaughtError(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void {
  if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) {
    return;
  }
  const [options = {}] = listeners;
  let isOnStderr = false;
  const log = logOf({
    ...options,
    log: entry => {
      (options.log ?? logToStderr)(entry);
      isOnStderr = options.log === undefined;
    },
  });
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log({ level: 'error', event: 'crashed', origin, message, pid: process.pid });
  // Node.js would write the error once more, over several lines, which a log service takes for as many entries. What
  // else watches such errors is called after this, so then the process is left to end by itself.
  if (isOnStderr && process.listenerCount('uncaughtExceptionMonitor') === 1) {
    process.exit(1);
  }
}
