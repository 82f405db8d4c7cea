import { LOG_LEVEL_VARIABLE } from 'stateful-mcp-contract';
import { ServerKitError } from './errors';

/** One line of the kit's own log. It never holds arguments, answers or results. */
export interface LogEntry {
  readonly level: 'debug' | 'info' | 'error';
  /**
   * What happened: `listening`, `session-started`, `request`, `request-failed`, `request-state-refused`,
   * `session-stopped`, `warmed-up`, `warm-up-failed`, `stopping`, `stopped`, `crashed`.
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
    writeToStderr(waiting);
  }
  waiting = '';
}

let pendingWrites = 0;

const ignoreError = (): void => undefined;

/** As `console.error` does it: a full disk or a reader that went away costs the log, and not the server. */
function writeToStderr(text: string): void {
  if (pendingWrites === 0) {
    process.stderr.on('error', ignoreError);
  }
  pendingWrites += 1;
  try {
    process.stderr.write(text, written);
  } catch {
    written();
  }
}

/** The error of a write comes after its callback. */
function written(): void {
  setImmediate(() => {
    pendingWrites -= 1;
    if (pendingWrites === 0) {
      process.stderr.off('error', ignoreError);
    }
  });
}

/** The longest text in an entry. Longer ones are cut: their end is a client's or a child's, not the operator's. */
const MAX_TEXT_LENGTH = 8192;

/** Control characters of both sets, and those that turn the direction of a line around. */

const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Texts of an entry come from clients, too: none may forge a line of a terminal, or fill a disk. */
function safe(value: string | number | undefined, mayHaveLines: boolean): string | number | undefined {
  if (typeof value !== 'string') {
    return value;
  }
  const text =
    value.length > MAX_TEXT_LENGTH ? `${value.slice(0, MAX_TEXT_LENGTH)}… (${value.length} characters)` : value;
  return (mayHaveLines ? text : text.replaceAll('\n', '\\n')).replace(
    UNSAFE,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function safeEntry(entry: LogEntry): LogEntry {
  const { level, event, ...details } = entry;
  return {
    level,
    event,
    ...Object.fromEntries(Object.entries(details).map(([name, value]) => [name, safe(value, name === 'message')])),
  };
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
        log(safeEntry(entry));
      }
    };
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`${LOG_LEVEL_VARIABLE}\` and the \`logLevel\` option must be one of ${LEVELS.join(', ')}, got ${JSON.stringify(level)}`,
  );
}
