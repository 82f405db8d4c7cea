import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_PATHS, type RuntimeFeatures } from '../model/runtime-definition';
import { listeningPorts } from '../machine/listening-ports';

/** A server that does as it is told listens by then; most that do not, too. */
const FIRST_LOOK_MS = 1000;
const INTERVAL_MS = 300;
const ANSWER_LIMIT_MS = 2000;
/** The response to a ping is a few words. */
const LONGEST_ANSWER = 16 * 1024;

/** Ports of servers that listen where their code says, which therefore cannot run twice. */
const inUse = new Set<number>();

/** Whether the port is free for this process, which has it from then on. */
export function takeFixedPort(port: number): boolean {
  if (inUse.has(port)) {
    return false;
  }
  inUse.add(port);
  return true;
}

export function leaveFixedPort(port: number): void {
  inUse.delete(port);
}

/**
 * Looks again and again for a port on which a server answers although it was told another one. What else it listens on
 * (metrics, a debugger) does not speak its protocol.
 *
 * @returns undefined when the signal ends the search
 */
export async function findFixedPort(
  group: number,
  told: number,
  features: Pick<RuntimeFeatures, 'protocol' | 'path'>,
  signal: AbortSignal,
): Promise<number | undefined> {
  await delay(FIRST_LOOK_MS, undefined, { signal, ref: false }).catch(() => {});
  while (!signal.aborted) {
    for (const port of await listeningPorts(group)) {
      if (port !== told && (await speaks(port, features))) {
        return port;
      }
    }
    await delay(INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {});
  }
  return undefined;
}

function speaks(port: number, { protocol, path }: Pick<RuntimeFeatures, 'protocol' | 'path'>): Promise<boolean> {
  const isMcp = protocol === 'MCP';
  return new Promise(resolve => {
    const ping = request({
      port,
      host: '127.0.0.1',
      agent: false,
      timeout: ANSWER_LIMIT_MS,
      method: isMcp ? 'POST' : 'GET',
      path: isMcp ? (path ?? DEFAULT_PATHS.MCP) : '/ping',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
    });
    ping.once('response', response => {
      let text = '';
      const finish = (): void => {
        resolve(isMcp ? text.includes('"jsonrpc"') : response.statusCode === 200 && text.includes('"status"'));
        ping.destroy();
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        // An event stream may not end.
        if (text.length > LONGEST_ANSWER || text.includes('"jsonrpc"')) {
          finish();
        }
      });
      response.once('end', finish).once('error', finish);
    });
    ping.once('timeout', () => {
      ping.destroy();
    });
    // After an error, too.
    ping.once('close', () => {
      resolve(false);
    });
    ping.once('error', () => {});
    ping.end(isMcp ? JSON.stringify({ jsonrpc: '2.0', id: 'health', method: 'ping' }) : undefined);
  });
}
