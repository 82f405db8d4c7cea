import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { firstAnswer, freePort } from '../server-process';
import { endAll, processTree } from './process-tree';

/** A program that stands between clients and servers, and starts the servers. */
export interface Front {
  readonly name: string;
  /** Whether each session has a server process of its own. */
  readonly processEach: boolean;
  /** Its command, for a port of loopback at which it is to serve /mcp. */
  readonly command: (port: number) => readonly [string, ...string[]];
}

export interface RunningFront {
  readonly url: string;
  /** Of the program itself; the servers are below it. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const ASK_EVERY_MS = 20;
const START_LIMIT_MS = 60_000;
const END_LIMIT_MS = 20_000;

const running = new Set<RunningFront>();

/** Starts the program and waits until it answers. */
export async function startFront({ name, command }: Front): Promise<RunningFront> {
  const port = await freePort();
  const [program, ...args] = command(port);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-2000)));
  const exited = once(child, 'exit');
  const front = { url: `http://127.0.0.1:${port}/mcp`, pid: child.pid ?? 0, stop: () => stop(front, child) };
  running.add(front);
  const [outcome] = await Promise.race([
    firstAnswer(port, ASK_EVERY_MS).then(() => ['answers']),
    exited.then(() => ['ended']),
    limit(START_LIMIT_MS).then(() => ['silent']),
  ]);
  if (outcome !== 'answers') {
    await front.stop();
    throw new Error(`${name} did not start: ${errors}`);
  }
  return front;
}

/** Stops every front that still runs. */
export async function stopFronts(): Promise<void> {
  await Promise.all([...running].map(front => front.stop()));
}

async function stop(front: RunningFront, child: ChildProcess): Promise<void> {
  running.delete(front);
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const processes = processTree(front.pid);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([exited, limit(END_LIMIT_MS)]);
  endAll(processes);
}

function limit(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds).unref());
}
