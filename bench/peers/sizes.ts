import { parseArgs } from 'node:util';

/** How much is measured. */
export interface Sizes {
  /** Samples of each comparison. */
  readonly rounds: number;
  /** Tool calls of one sample of the latency. */
  readonly calls: number;
  /** Sessions at once of each throughput comparison. */
  readonly sessions: readonly number[];
  /** Milliseconds of one sample of the throughput. */
  readonly windowMs: number;
  /** Sessions that are held idle for their memory. */
  readonly idle: number;
}

const FULL = { rounds: '20', calls: '200', sessions: '1,50,200', window: '3000', idle: '200' };
const SMOKE = { rounds: '3', calls: '50', sessions: '1,5', window: '500', idle: '5' };

/**
 * Reads `--rounds 20 --calls 200 --sessions 1,50,200 --window 3000 --idle 200`, or `--smoke` for all of them small; the
 * rest are names of rows.
 */
export function readArguments(args: readonly string[]): { sizes: Sizes; rows: readonly string[] } {
  const option = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: option,
      calls: option,
      sessions: option,
      window: option,
      idle: option,
      smoke: { type: 'boolean' },
    },
  });
  const given = { ...(values.smoke ? SMOKE : FULL), ...values };
  return {
    rows: positionals,
    sizes: {
      rounds: count('rounds', given.rounds),
      calls: count('calls', given.calls),
      sessions: given.sessions.split(',').map(text => count('sessions', text)),
      windowMs: count('window', given.window),
      idle: count('idle', given.idle),
    },
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`\`--${name}\` must be a whole number, 1 or more, got ${text}`);
  }
  return value;
}
