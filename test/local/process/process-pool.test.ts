import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalRuntimeDefinition, SessionLogEntry } from 'stateful-mcp-local';
import { newFolder } from '../assembly';
import { failingServer, isAlive, newRuntime, startRuntime, until, type Started } from '../running';
import { serverPids } from '../server-pids';

const pidsOf = (log: readonly SessionLogEntry[]): number[] => [
  ...new Set(log.filter(({ stream }) => stream !== 'runtime').map(({ pid }) => pid)),
];

const sessionServers = (): number[] => serverPids('session-server.mjs');

test.each([0, 1, 3])('%i processes wait for a session, and never more', async pooledProcesses => {
  const { endpoint } = await startRuntime({ pooledProcesses });
  expect(sessionServers()).toHaveLength(pooledProcesses);
  await Promise.all([endpoint.initialize(), endpoint.initialize()]);
  for (let round = 0; round < 10; round++) {
    expect(sessionServers().length).toBeLessThanOrEqual(pooledProcesses + 2);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  expect(sessionServers()).toHaveLength(pooledProcesses + 2);
});

test('a process that ends while it waits is replaced', async () => {
  await startRuntime();
  const [waiting] = sessionServers();
  process.kill(waiting as number, 'SIGKILL');
  await until(() => !isAlive(waiting as number) && sessionServers().some(server => server !== waiting));
});

/** Ends processes at once. This one does not come to hear of it, since nothing here waits but for the system. */
function killUnheard(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    process.kill(pid, signal);
    while (!/^(Z|$)/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim())) {}
  }
}

describe('a process that ended a moment ago', () => {
  test.each<[string, number, NodeJS.Signals]>([
    ['one', 1, 'SIGKILL'],
    ['all of several', 3, 'SIGKILL'],
  ])('is not given to a session: %s', async (_, pooledProcesses, signal) => {
    const { runtime, endpoint } = await startRuntime({ pooledProcesses });
    const waiting = sessionServers();
    killUnheard(waiting, signal);
    const { pid } = await endpoint.describe(await endpoint.initialize());
    expect(waiting).not.toContain(pid);
    expect(runtime.eventLog.filter(({ type }) => type === 'session-stopped')).toEqual([]);
  });

  test('is not given to the requests without a session either', async () => {
    const { endpoint } = await startRuntime();
    const [waiting] = sessionServers();
    killUnheard([waiting as number], 'SIGKILL');
    expect((await endpoint.describe()).pid).not.toBe(waiting);
  });

  test('is replaced for a session that waits for its start', async () => {
    const { endpoint } = await startRuntime();
    await endpoint.initialize();
    await until(() => sessionServers().length === 2);
    const starting = sessionServers().at(-1) as number;
    process.kill(starting, 'SIGKILL');
    expect((await endpoint.describe(await endpoint.initialize())).pid).not.toBe(starting);
  });
});

test('a server that keeps ending while it waits is not started for ever', async () => {
  const log: SessionLogEntry[] = [];
  const runtime = newRuntime({ runtimes: [failingServer('dies-later')], log: entry => log.push(entry) });
  await runtime.ready;
  await new Promise(resolve => setTimeout(resolve, 1500));
  expect(pidsOf(log)).toHaveLength(3);
});

describe('the health probe', () => {
  const recordingServer = (answer: string): LocalRuntimeDefinition => ({
    name: 'recording',
    command: [
      process.execPath,
      '-e',
      `
    const requests = [];
    require('node:http').createServer((request, response) => {
      let body = '';
      request.on('data', chunk => body += chunk).on('end', () => {
        if (JSON.parse(body).method === 'requests') return response.end(JSON.stringify({ result: requests }));
        requests.push({ method: request.method, url: request.url, sessionId: request.headers['mcp-session-id'] ?? null, body: JSON.parse(body) });
        ${answer};
      });
    }).listen(process.env.PORT, process.env.HOST);
  `,
    ],
  });
  const requests = async (started: Started): Promise<object[]> => {
    const response = await started.endpoint.send({ method: 'requests' });
    return ((await response.json()) as { result: object[] }).result;
  };

  test.each(['response.end()', 'response.writeHead(500).end()', 'request.socket.destroy()', '// no answer'])(
    'is a ping without a session, whatever it gets: %s',
    async answer => {
      const started = await startRuntime({ runtimes: [recordingServer(answer)] });
      expect(await requests(started)).toEqual([
        { method: 'POST', url: '/mcp', sessionId: null, body: { jsonrpc: '2.0', id: 'health', method: 'ping' } },
      ]);
    },
  );

  test('is not sent to a process that a session waits for', async () => {
    expect(
      await requests(await startRuntime({ runtimes: [recordingServer('response.end()')], pooledProcesses: 0 })),
    ).toEqual([]);
  });
});

test('a start that fails while nobody waits for it is logged, and tried again for the next session', async () => {
  const marker = path.join(newFolder(), 'broken');
  const script = `
    if (require('node:fs').existsSync(${JSON.stringify(marker)})) throw new Error('broken by an edit');
    require('node:http').createServer((request, response) => response.setHeader('mcp-session-id', String(process.pid)).end('{}')).listen(process.env.PORT, process.env.HOST);
  `;
  const { endpoint, log } = await startRuntime({
    runtimes: [{ name: 'edited', command: [process.execPath, '-e', script] }],
  });
  const complaints = (): string[] => log.filter(({ stream }) => stream === 'runtime').map(({ line }) => line);
  writeFileSync(marker, '');
  const sessionId = await endpoint.initialize();
  await until(() => complaints().length === 1);
  expect(complaints()[0]).toContain('runtime `edited`: the server ended with exit code 1');
  // Calls of a session that runs do not start anything.
  for (let call = 0; call < 5; call++) {
    await (await endpoint.call('any', {}, sessionId)).text();
  }
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(complaints()).toHaveLength(1);
  rmSync(marker);
  expect(await endpoint.initialize()).not.toBe(sessionId);
});
