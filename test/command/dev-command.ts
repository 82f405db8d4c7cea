// `stateful-mcp dev` as a child process, until the test is over.
import { start, type Running } from './run-command';

const started: Running[] = [];

afterEach(async () => {
  for (const running of started.splice(0)) {
    running.signal('SIGINT');
    await running.finished;
  }
});

/** Starts it on a free port, in a folder, and waits until it serves. */
export async function startDev(args: readonly string[], cwd?: string): Promise<Running & { readonly origin: string }> {
  const running = start(['dev', '--port', '0', ...args], { cwd });
  started.push(running);
  await running.until('Ctrl-C ends it.');
  const [origin = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(running.output()) ?? [];
  return { ...running, origin };
}
