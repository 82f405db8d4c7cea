import { LONGEST_WARMUP_MS } from 'stateful-mcp-contract';
import type { Clock } from '../common/clock';
import { ServerConnections, type ServerRequestController } from '../http/server-connections';
import { listeningPorts } from '../machine/listening-ports';
import { DEFAULT_PORTS, type RuntimeFeatures } from '../model/runtime-definition';

/** What is shown of what a server says. */
const LONGEST_REASON = 1000;

/** A process that listens. */
interface Warmed {
  readonly pid: number;
  readonly connections: ServerConnections;
}

/**
 * Sends the warm-up hook of a runtime to a process that listens, as the platform does before it takes a snapshot.
 *
 * @returns what is wrong: no 2xx within 120 s of the clock; undefined when it went well, or where there is no hook
 */
export async function warmupProblem(
  process: Warmed,
  { warmup, port: serverPort, protocol }: RuntimeFeatures,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (warmup === undefined) {
    return undefined;
  }
  const { path, port } = warmup;
  const hook = `the warm-up hook, POST ${path}${port === undefined ? '' : ` on port ${port}`},`;
  if (port === undefined || port === (serverPort ?? DEFAULT_PORTS[protocol])) {
    return problemOf(hook, await postTo(process.connections, path, clock, signal));
  }
  if (!(await listeningPorts(process.pid)).includes(port)) {
    return `${hook} found nobody: the server does not listen there`;
  }
  const connections = new ServerConnections(port);
  try {
    return problemOf(hook, await postTo(connections, path, clock, signal));
  } finally {
    connections.destroy();
  }
}

interface Outcome {
  readonly status: number;
  readonly body: string;
  readonly error?: string;
}

function problemOf(hook: string, { status, body, error }: Outcome): string | undefined {
  if (error !== undefined) {
    return `${hook} ${error}`;
  }
  const reason = body.trim();
  return status >= 200 && status < 300
    ? undefined
    : `${hook} was answered with status ${status}${reason === '' ? '' : `: ${reason}`}`;
}

function postTo(connections: ServerConnections, path: string, clock: Clock, signal: AbortSignal): Promise<Outcome> {
  return new Promise(resolve => {
    let status = 0;
    let body = '';
    let controller: ServerRequestController | undefined;
    const finish = (error?: string): void => {
      limit.cancel();
      signal.removeEventListener('abort', closed);
      resolve({ status, body, ...(error !== undefined && { error }) });
    };
    const giveUp = (error: string): void => {
      finish(error);
      controller?.abort(new Error(error));
    };
    const closed = (): void => giveUp('was given up: the local runtime was closed');
    const limit = clock.setTimeout(
      () => giveUp(`was not answered within ${LONGEST_WARMUP_MS / 1000} s`),
      LONGEST_WARMUP_MS,
    );
    signal.addEventListener('abort', closed);
    connections.dispatch(
      { method: 'POST', path, headers: ['Content-Type', 'application/json'], body: '{}' },
      {
        onRequestStart: started => (controller = started),
        onResponseStart: (_, responseStatus) => (status = responseStatus),
        onResponseData: (_, chunk) => {
          if (body.length < LONGEST_REASON) {
            body = (body + chunk.toString()).slice(0, LONGEST_REASON);
          }
        },
        onResponseEnd: () => finish(),
        onResponseError: (_, error) => finish(`got no answer: ${error.message}`),
      },
    );
  });
}
