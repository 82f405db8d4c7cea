import { ManualClock, type SessionLogEntry } from 'stateful-mcp-local';
import type { ClockTimer } from '../../../local/src/common/clock';
import type { ServerConnections, ServerResponseHandler } from '../../../local/src/http/server-connections';
import { PLAIN, type RuntimeDefinition } from '../../../local/src/model/runtime-definition';
import type { Confinement } from '../../../local/src/process/confinement';
import { SessionProcess, type ProcessSettings } from '../../../local/src/process/session-process';
import { isAlive } from '../running';

/** A clock that knows which of its timers are set, or have fired. */
export class CountingClock extends ManualClock {
  public readonly set = new Set<ClockTimer>();

  public override setTimeout(callback: () => void, delayMs: number): ClockTimer {
    const made = super.setTimeout(callback, delayMs);
    const timer = {
      cancel: () => {
        this.set.delete(timer);
        made.cancel();
      },
    };
    this.set.add(timer);
    return timer;
  }
}

/** A script that listens where it is told. */
export const LISTEN = `require('node:http').createServer((request, response) => response.writeHead(request.url === '/fails' ? 500 : 200).end())
  .listen(process.env.PORT, process.env.HOST);`;

interface StartOptions {
  readonly signal?: AbortSignal;
  readonly definition?: Partial<RuntimeDefinition>;
  readonly fixedPort?: ProcessSettings['fixedPort'];
  readonly isolation?: Confinement['isolation'];
}

interface Start {
  readonly started: Promise<SessionProcess>;
  readonly clock: CountingClock;
  readonly log: readonly SessionLogEntry[];
}

/** Starts a script as the server of a session. The end of the test ends it. */
export function start(script: string, options: StartOptions = {}): Start {
  const { signal, definition, fixedPort = { port: undefined }, isolation = 'none' } = options;
  const clock = new CountingClock();
  const log: SessionLogEntry[] = [];
  const runtime = {
    name: 'one',
    region: 'eu-west-1',
    command: [process.execPath, '-e', script],
    cwd: __dirname,
    startLimitMs: 30_000,
    idleTimeoutSeconds: 900,
    maxLifetimeSeconds: 28_800,
    environment: { OF_RUNTIME: '1', OF_BOTH: '1' },
    features: PLAIN,
    ...definition,
  } as unknown as RuntimeDefinition;
  const started = SessionProcess.start(
    {
      runtime,
      requestStateKey: 'key',
      environment: { OF_PROCESS: '2', OF_BOTH: '2' },
      confinement: { cpus: { limit: (command: unknown) => command }, isolation } as unknown as Confinement,
      fixedPort,
      containerLimits: [],
      log: entry => log.push(entry),
    },
    signal ?? new AbortController().signal,
    clock,
  );
  void started.then(({ pid }) => endAfterTest(pid)).catch(() => {});
  return { started, clock, log };
}

const pids: number[] = [];
afterEach(() => {
  for (const pid of pids.splice(0).filter(isAlive)) {
    process.kill(-pid, 'SIGKILL');
  }
});

/** @param pid - of a process that leads its group */
export function endAfterTest(pid: number): void {
  pids.push(pid);
}

/** The status of the response to a request, or why there is none. */
export function outcomeOf(connections: ServerConnections): Promise<number | Error> {
  return new Promise(resolve => {
    const handler: ServerResponseHandler = {
      onRequestStart: () => {},
      onResponseStart: (_, status) => {
        resolve(status);
      },
      onResponseData: () => {},
      onResponseEnd: () => {},
      onResponseError: (_, error) => {
        resolve(error);
      },
    };
    connections.dispatch({ method: 'GET', path: '/', headers: [], body: undefined }, handler);
  });
}
