import { spawnSync } from 'node:child_process';
import type { SessionLogEntry } from 'stateful-mcp-local';
import { failingServer, isAlive, newRuntime, startRuntime, until } from './running';

const pidsOf = (log: readonly SessionLogEntry[]): number[] => [...new Set(log.filter(({ stream }) => stream !== 'runtime').map(({ pid }) => pid))];

// A process of the session server whose lines are still held does not show in the log, so they are found by their parent.
function serverPids(): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return parent === process.pid && line.includes('session-server.mjs') ? [pid as number] : [];
  });
}

test.each([0, 1, 3])('%i processes wait for a session, and never more', async (pooledProcesses) => {
  const { endpoint } = await startRuntime({ pooledProcesses });
  expect(serverPids()).toHaveLength(pooledProcesses);
  await Promise.all([endpoint.initialize(), endpoint.initialize()]);
  for (let round = 0; round < 10; round++) {
    expect(serverPids().length).toBeLessThanOrEqual(pooledProcesses + 2);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(serverPids()).toHaveLength(pooledProcesses + 2);
});

test('a process that ends while it waits is replaced', async () => {
  const { endpoint } = await startRuntime();
  const [waiting] = serverPids();
  process.kill(waiting as number, 'SIGKILL');
  await until(() => !isAlive(waiting as number));
  const { pid } = await endpoint.describe(await endpoint.initialize());
  expect(pid).not.toBe(waiting);
});

test('a server that keeps ending while it waits is not started for ever', async () => {
  const log: SessionLogEntry[] = [];
  const runtime = newRuntime({ runtimes: [failingServer('dies-later')], log: entry => log.push(entry) });
  await runtime.ready;
  await new Promise(resolve => setTimeout(resolve, 1500));
  expect(pidsOf(log)).toHaveLength(3);
});
