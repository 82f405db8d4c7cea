import { ServerKitError } from './errors';

/** The longest delay that a timer of Node.js can have, 24.8 days: it takes a longer one for 1 ms. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @throws ServerKitError `ERR_INVALID_OPTION` */
export function drainTimeout(value: unknown, max = LONGEST_TIMER_MS): number {
  if (typeof value === 'number' && value >= 0 && value <= max) {
    return value;
  }
  throw new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`drainTimeoutMs\` must be a number of milliseconds from 0 to ${max}, got ${String(value)}`,
  );
}
