import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_INTERVAL_MS = 2;
const LONGEST_INTERVAL_MS = 25;

/**
 * Waits until something accepts connections on a port of loopback.
 *
 * @throws the reason of `signal` when it is aborted first
 */
export async function untilListening(port: number, signal: AbortSignal): Promise<void> {
  for (let interval = FIRST_INTERVAL_MS; !(await accepts(port)); interval = Math.min(interval * 1.1, LONGEST_INTERVAL_MS)) {
    await delay(interval, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
  signal.throwIfAborted();
}

/** Whether something accepts connections on a port of loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => { resolve(false); });
  });
}
