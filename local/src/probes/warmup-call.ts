import { LONGEST_WARMUP_MS } from 'stateful-mcp-contract';
import type { Clock } from '../common/clock';
import { ServerConnections } from '../http/server-connections';
import { listeningPorts } from '../machine/listening-ports';
import { DEFAULT_PORTS, type RuntimeFeatures } from '../model/runtime-definition';
import { serverAnswer, type ServerAnswer } from './server-answer';

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
  const isOfServer = port === undefined || port === (serverPort ?? DEFAULT_PORTS[protocol]);
  if (!isOfServer && !(await listeningPorts(process.pid)).includes(port)) {
    return `${hook} found nobody: the server does not listen there`;
  }
  const connections = isOfServer ? process.connections : new ServerConnections(port);
  const over = new AbortController();
  const limit = clock.setTimeout(() => {
    over.abort(new Error(`none within ${LONGEST_WARMUP_MS / 1000} s`));
  }, LONGEST_WARMUP_MS);
  try {
    const answer = await serverAnswer(
      connections,
      { method: 'POST', path, headers: ['Content-Type', 'application/json'], body: '{}' },
      LONGEST_REASON,
      AbortSignal.any([over.signal, signal]),
    );
    return problemWith(answer, hook);
  } finally {
    limit.cancel();
    if (!isOfServer) {
      connections.destroy();
    }
  }
}

function problemWith(answer: ServerAnswer, hook: string): string | undefined {
  if (answer.error !== undefined) {
    return `${hook} got no answer: ${answer.error}`;
  }
  const reason = answer.body.trim();
  return answer.status >= 200 && answer.status < 300
    ? undefined
    : `${hook} was answered with status ${answer.status}${reason === '' ? '' : `: ${reason}`}`;
}
