import { readFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalRuntime, ManualClock } from 'stateful-mcp-local';
import { serverPids } from '../server-pids';

/** What a run of many sessions has found. Times in seconds, memory in MB. */
export interface ManySessions {
  readonly sessions: number;
  /**
   * Sessions that could not be opened, answers from another session, processes that are left: empty unless something is
   * wrong.
   */
  readonly wrong: readonly string[];
  readonly openSeconds: number;
  /** From the first to the last of the calls, two a session, all at once. */
  readonly callSeconds: number;
  readonly expireSeconds: number;
  /**
   * Most server processes at once while sessions were opened, and how many more than the sessions there were when all
   * was quiet: those that wait.
   */
  readonly processes: { readonly most: number; readonly waiting: number };
  /**
   * Of one server, with the pages that it shares with the others counted in part; undefined where that cannot be read.
   */
  readonly serverMegabytes: number | undefined;
  /** Of this program, with the local runtime. */
  readonly runtimeMegabytes: number;
  /** How long this program did nothing else, at most. */
  readonly longestBlockSeconds: number;
}

const SERVER = path.join(__dirname, '../fixtures/small-server.cjs');
const MB = 1024 * 1024;

/** Opens many sessions at once, uses each, and lets all of them expire. */
export async function manySessions(sessions: number, pooledProcesses = 2): Promise<ManySessions> {
  const clock = new ManualClock();
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'small', command: [process.execPath, SERVER] }],
    quotas: 'off',
    pooledProcesses,
    clock,
  });
  const wrong: string[] = [];
  const blocks = monitorEventLoopDelay();
  let most = 0;
  const counting = setInterval(() => {
    most = Math.max(most, serverPids('small-server.cjs').length);
  }, 500);
  try {
    await runtime.ready;
    const { url } = await runtime.listen();
    blocks.enable();
    const send = async (
      method: string,
      sessionId?: string,
    ): Promise<{ response: Response; pid: number | undefined; sessionId: string | undefined }> => {
      const response = await fetch(`${url}/mcp`, {
        method: 'POST',
        // A connection each: one that was kept for longer than a minute may be closed by the time it is used again.
        headers: {
          connection: 'close',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method }),
      });
      const { result, error } = (await response.json()) as {
        result?: { pid: number; sessionId: string };
        error?: { message: string };
      };
      if (error) {
        wrong.push(`${method} of session ${sessionId ?? 'to be'}: ${response.status} ${error.message}`);
      }
      return { response, pid: result?.pid, sessionId: result?.sessionId };
    };

    const all = Array.from({ length: sessions });
    const { seconds: openSeconds, value: opened } = await timed(() => Promise.all(all.map(() => send('initialize'))));
    for (const { response, sessionId } of opened) {
      if (response.headers.get('mcp-session-id') !== sessionId) {
        wrong.push(`the id of session ${sessionId ?? 'none'} is not its server's`);
      }
    }
    if (new Set(opened.map(({ pid }) => pid)).size !== sessions) {
      wrong.push('two sessions have one process');
    }

    const { seconds: callSeconds } = await timed(() =>
      Promise.all(
        [...opened, ...opened].map(async ({ sessionId, pid }) => {
          const answer = await send('tools/call', sessionId);
          if (answer.pid !== pid || answer.sessionId !== sessionId) {
            wrong.push(
              `session ${sessionId} of process ${pid} was answered by ${answer.sessionId} of process ${answer.pid}`,
            );
          }
        }),
      ),
    );

    const quiet = await settled(sessions + pooledProcesses);
    if (quiet.length !== sessions + pooledProcesses) {
      wrong.push(`${quiet.length} processes instead of ${sessions} sessions and ${pooledProcesses} that wait`);
    }
    if (most > sessions + pooledProcesses) {
      wrong.push(`${most} processes at once for ${sessions} sessions and ${pooledProcesses} that wait`);
    }
    const [serverMegabytes, runtimeMegabytes] = [proportionalMegabytes(quiet), process.memoryUsage().rss / MB];

    let stopped = 0;
    runtime.events.on('session-stopped', ({ reason, sessionId }) => {
      stopped++;
      if (reason !== 'idle-timeout') {
        wrong.push(`session ${sessionId} ended with ${reason}`);
      }
    });
    const { seconds: expireSeconds } = await timed(async () => {
      clock.advance(900_000);
      while (stopped < sessions) {
        await delay(20);
      }
    });
    const left = await settled(pooledProcesses);
    if (left.length !== pooledProcesses) {
      wrong.push(`${left.length} processes are left instead of the ${pooledProcesses} that wait`);
    }
    await runtime.close();
    if (serverPids('small-server.cjs').length > 0) {
      wrong.push('processes are left after dispose');
    }
    return {
      sessions,
      wrong,
      openSeconds,
      callSeconds,
      expireSeconds,
      serverMegabytes,
      runtimeMegabytes,
      processes: { most, waiting: quiet.length - sessions },
      longestBlockSeconds: blocks.max / 1e9,
    };
  } finally {
    clearInterval(counting);
    blocks.disable();
    await runtime.close();
  }
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ readonly seconds: number; readonly value: Value }> {
  const startedAt = performance.now();
  const value = await work();
  return { seconds: (performance.now() - startedAt) / 1000, value };
}

/** The servers, once there are as many as expected, or after 10 s. */
async function settled(expected: number): Promise<readonly number[]> {
  for (let attempt = 0; attempt < 100 && serverPids('small-server.cjs').length !== expected; attempt++) {
    await delay(100);
  }
  return serverPids('small-server.cjs');
}

function proportionalMegabytes(pids: readonly number[]): number | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }
  const some = pids.slice(0, 20);
  const kilobytes = some.map(pid =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]),
  );
  return kilobytes.reduce((total, one) => total + one, 0) / 1024 / some.length;
}
