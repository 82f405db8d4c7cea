import { createHash } from 'node:crypto';

/**
 * Names a run by what it is about. AWS Lambda calls a function again that was killed, with the same event: the second
 * run has the same name, and so finds the sessions of the first one and ends them.
 */
export function runName(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
