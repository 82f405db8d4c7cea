import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

/** A server process without any runtime in front of it. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the spawn to the first complete HTTP answer. */
  readonly startMs: number;
  readonly stop: () => Promise<void>;
}

const running = new Set<ServerProcess>();

/**
 * @param askEveryMs - how often it is asked whether it answers; often is exact, and takes from the machine that starts
 * it
 */
export async function startServerProcess(
  script: string,
  options: readonly string[] = [],
  askEveryMs = 1,
): Promise<ServerProcess> {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(process.execPath, [...options, script], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) },
    stdio: 'ignore',
  });
  await firstAnswer(port, askEveryMs);
  const server: ServerProcess = {
    url: `http://127.0.0.1:${port}/mcp`,
    pid: child.pid ?? 0,
    startMs: performance.now() - start,
    stop: () => {
      running.delete(server);
      return stop(child);
    },
  };
  running.add(server);
  return server;
}

/** Stops server processes: those given, or else all that run. */
export async function stopAll(servers: Iterable<ServerProcess> = running): Promise<void> {
  await Promise.all([...servers].map(server => server.stop()));
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until something answers HTTP at a port, whatever it says. */
export async function firstAnswer(port: number, askEveryMs = 1): Promise<void> {
  while (!(await answers(port))) {
    await new Promise(resolve => setTimeout(resolve, askEveryMs));
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    http
      .get({ host: '127.0.0.1', port, path: '/ping', agent: false }, response => {
        response.resume().on('end', () => resolve(true));
      })
      .on('error', () => resolve(false));
  });
}
