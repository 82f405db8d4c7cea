/** One line of the kit's own log. It never holds arguments, answers or results. */
export interface LogEntry {
  readonly level: 'info' | 'error';
  /** What happened, for example `listening`, `stopping`, `stopped`, `request-failed`. */
  readonly event: string;
  readonly [detail: string]: string | number | undefined;
}

export type Log = (entry: LogEntry) => void;

/** Writes one JSON object a line to stderr, the time first. */
export const logToStderr: Log = (entry) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
};
