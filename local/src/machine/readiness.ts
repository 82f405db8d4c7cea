import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_INTERVAL_MS = 2;
const LONGEST_INTERVAL_MS = 25;

/** Told why a server was not found to listen. */
type OnFailure = (error: Error) => void;

/**
 * Waits until a server listens on a port of loopback.
 *
 * @param isReady - `accepts`, or `responds` where something else accepts connections for the server
 * @param onFailure - told each time that it does not
 * @throws the reason of `signal` when it is aborted first
 */
export async function untilListening(
  port: number,
  isReady: (port: number, onFailure: OnFailure) => Promise<boolean>,
  signal: AbortSignal,
  onFailure: OnFailure,
): Promise<void> {
  for (
    let interval = FIRST_INTERVAL_MS;
    !(await isReady(port, onFailure));
    interval = Math.min(interval * 1.1, LONGEST_INTERVAL_MS)
  ) {
    await delay(interval, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
  signal.throwIfAborted();
}

/** Whether something accepts connections on a port of loopback. */
export function accepts(port: number, onFailure: OnFailure = () => {}): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', error => {
      onFailure(error);
      resolve(false);
    });
  });
}

/** Whether something answers HTTP on a port of loopback, whatever the status. */
export function responds(port: number, onFailure: OnFailure): Promise<boolean> {
  return new Promise(resolve => {
    const probe = request({ port, host: '127.0.0.1', path: '/ping', agent: false });
    probe.once('response', response => {
      response.destroy();
      resolve(true);
    });
    probe.once('error', error => {
      onFailure(error);
      resolve(false);
    });
    probe.end();
  });
}
