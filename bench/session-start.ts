import path from 'node:path';
import { LocalRuntime, type LocalRuntimeListener } from 'stateful-mcp-local';
import { bundleFixture } from './bundle-fixture';
import { compare } from './harness';
import { startServerProcess } from './server-process';

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } },
});

/**
 * How long the first request of a session takes: with a process started for it, and with one that waited in the pool.
 */
export async function benchSessionStart(): Promise<void> {
  const script = bundleFixture('echo-server.ts');
  const runtimes = [{ name: 'echo', command: [process.execPath, script] as const }];
  const cold = new LocalRuntime({ runtimes, pooledProcesses: 0, quotas: 'off' });
  const pooled = new LocalRuntime({ runtimes, pooledProcesses: 1, quotas: 'off' });
  const [coldListener, pooledListener] = await Promise.all([cold.listen({ port: 0 }), pooled.listen({ port: 0 })]);
  try {
    await compare({
      title: 'First session: from the initialize request to its complete answer',
      reference: { name: 'a bare node:http process, spawn to first answer', run: bareProcess },
      subjects: [
        { name: 'the server alone, spawn to first answer', run: () => spawnToAnswer(script) },
        { name: 'cold (no pool)', run: () => initialize(cold, coldListener) },
        { name: 'pooled', run: () => initialize(pooled, pooledListener) },
      ],
      rounds: 20,
      warmup: 2,
      target: 'pooled at most 50 ms',
    });
  } finally {
    await Promise.all([cold.close(), pooled.close()]);
  }
}

function bareProcess(): Promise<number> {
  return spawnToAnswer(path.join(__dirname, 'fixtures', 'bare-server.mjs'));
}

async function spawnToAnswer(script: string): Promise<number> {
  const server = await startServerProcess(script);
  await server.stop();
  return server.startMs;
}

async function initialize(runtime: LocalRuntime, listener: LocalRuntimeListener): Promise<number> {
  await runtime.ready;
  const start = performance.now();
  const response = await fetch(`${listener.url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: INITIALIZE,
  });
  await response.text();
  const elapsed = performance.now() - start;
  const sessionId = response.headers.get('mcp-session-id');
  if (response.status !== 200 || !sessionId) {
    throw new Error(`initialize answered ${response.status} without a session`);
  }
  await fetch(`${listener.url}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': sessionId } });
  // The pool starts the next process now; the following sample is to meet it waiting, as a person's next session would.
  await new Promise(resolve => setTimeout(resolve, 400));
  return elapsed;
}
