import { LOG_LEVEL_VARIABLE } from 'stateful-mcp-contract';
import { ServerKitError } from './errors';

/** One line of the kit's own log. It never holds arguments, answers or results. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'error';
  /**
   * What happened: `listening`, `session-started`, `request`, `request-failed`, `request-state-refused`,
   * `session-stopped`, `stopping`, `stopped`.
   */
  readonly event: string;
  readonly [detail: string]: string | number | undefined;
}

export type Log = (entry: LogEntry) => void;

/**
 * `error` = what went wrong; `info` = also every request and session; `debug` = also health checks; `silent` = nothing.
 */
export type LogLevel = 'debug' | 'info' | 'error' | 'silent';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'error', 'silent'];

let waiting = '';
let writesAtExit = false;

/**
 * Writes one JSON object a line to stderr, the time first. Errors at once; the rest after the work at hand, so that no
 * client waits for the log of its request to be written.
 */
export const logToStderr: Log = entry => {
  if (waiting === '') {
    afterWork();
  }
  waiting += `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`;
  if (entry.level === 'error') {
    flush();
  }
};

function afterWork(): void {
  setImmediate(flush);
  if (!writesAtExit) {
    process.once('exit', flush);
  }
  writesAtExit = true;
}

function flush(): void {
  if (waiting !== '') {
    process.stderr.write(waiting);
  }
  waiting = '';
}

/**
 * The log that options ask for, from its level on.
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function logOf({ log = logToStderr, logLevel }: { readonly log?: Log; readonly logLevel?: LogLevel }): Log {
  const level = logLevel ?? (process.env[LOG_LEVEL_VARIABLE] || 'info');
  const least = LEVELS.findIndex(known => known === level);
  if (least >= 0) {
    return entry => {
      if (LEVELS.indexOf(entry.level) >= least) {
        log(entry);
      }
    };
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`${LOG_LEVEL_VARIABLE}\` and the \`logLevel\` option must be one of ${LEVELS.join(', ')}, got ${JSON.stringify(level)}`,
  );
}
