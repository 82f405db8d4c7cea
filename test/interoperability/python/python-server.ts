// A server in Python, in one process for all its sessions.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../free-port';

export interface PythonServer {
  /** The MCP endpoint. */
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has written to standard error. */
  stderr(): string;
  /** Its exit code, and the signal that ended it. */
  readonly exited: Promise<unknown[]>;
}

const started: ChildProcess[] = [];

export async function closePythonServers(): Promise<void> {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

/** @param probe - the path that it answers once it listens; the platform's health probe when left out */
export async function startPython(
  python: string,
  args: readonly string[],
  environment: Record<string, string> = {},
  probe = '/ping',
): Promise<PythonServer> {
  const port = await freePort();
  const child = spawn(python, args, {
    env: { ...process.env, PYTHONUNBUFFERED: '1', HOST: '127.0.0.1', PORT: String(port), ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  // Python takes its time to import FastMCP where others use the machine too; the test has a limit of its own.
  while (!(await answers(`${origin}${probe}`))) {
    if (child.exitCode !== null) {
      throw new Error(`the server ended with code ${child.exitCode}:\n${stderr}`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  return { url: `${origin}/mcp`, process: child, stderr: () => stderr, exited };
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
