import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { bundleFixture } from './bundle-fixture';
import { compare } from './harness';
import { startServerProcess, type ServerProcess } from './server-process';

const CALLS = 100;
const AT_ONCE = 10;
/** The kit admits 1000, and the calls before have left some. */
const SESSIONS = 900;
const SESSIONS_IN_TURN = 10_000;

/** What the server kit costs, held against the same tool on the MCP SDK alone, serving both eras. */
export async function benchServerKit(): Promise<void> {
  const plain = bundleFixture('plain-sdk-server.ts');
  const kit = bundleFixture('echo-server.ts');
  await compare({
    title: 'Start of a bundled server, spawn to first answer',
    reference: { name: 'plain SDK, both eras', run: () => start(plain) },
    subjects: [
      { name: 'server kit', run: () => start(kit) },
      { name: 'a bare node:http process', run: () => start(path.join(__dirname, 'fixtures', 'bare-server.mjs')) },
    ],
    rounds: 20,
    warmup: 2,
    target: 'server kit at most 1.1x the plain SDK',
  });
  const servers = [await startServerProcess(plain), await startServerProcess(kit)] as const;
  try {
    await calls(servers);
    await memory(servers, [plain, kit]);
  } finally {
    for (const server of servers) {
      await server.stop();
    }
  }
  await growth(kit);
}

async function start(script: string): Promise<number> {
  const server = await startServerProcess(script);
  await server.stop();
  return server.startMs;
}

async function calls([plain, kit]: readonly [ServerProcess, ServerProcess]): Promise<void> {
  for (const [title, atOnce] of [
    ['one after the other', 1],
    [`${AT_ONCE} at once`, AT_ONCE],
  ] as const) {
    await compare({
      title: `Tool call in a session, ${title} (mean of ${CALLS} calls a sample, a new client each)`,
      reference: { name: 'plain SDK', run: () => meanCall(plain.url, atOnce) },
      subjects: [{ name: 'server kit', run: () => meanCall(kit.url, atOnce) }],
      rounds: 20,
      warmup: 3,
      target: 'at most 1.1x the plain SDK',
    });
  }
}

async function meanCall(url: string, atOnce: number): Promise<number> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const call = (): Promise<unknown> => client.callTool({ name: 'echo', arguments: { text: 'hello' } });
  for (let warmUp = 0; warmUp < AT_ONCE; warmUp++) {
    await call();
  }
  const began = performance.now();
  for (let done = 0; done < CALLS; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, call));
  }
  const elapsed = performance.now() - began;
  await client.close();
  return elapsed / CALLS;
}

async function memory(servers: readonly ServerProcess[], bundles: readonly string[]): Promise<void> {
  console.log(
    `\n### Size, and memory of a session in one process (${SESSIONS} sessions opened and kept)\n\n| | bundle, KB | resident memory a session beyond what the process had, KiB |\n|---|---:|---:|`,
  );
  for (const [index, server] of servers.entries()) {
    const before = residentBytes(server);
    for (let session = 0; session < SESSIONS; session++) {
      await open(server.url);
    }
    const perSession = (residentBytes(server) - before) / SESSIONS / 1024;
    console.log(
      `| ${['plain SDK', 'server kit'][index]} | ${Math.round(statSync(bundles[index] ?? '').size / 1000)} | ${perSession.toFixed(0)} |`,
    );
  }
  console.log('\nTarget: bundle of the server kit at most 500 KB, at most 123 KiB (0.12 MiB) a session');
}

/**
 * Sessions that come and go: the memory after the first thousands is what the process needs, and should be what it has
 * in the end.
 */
async function growth(script: string): Promise<void> {
  // Without a limit, V8 lets garbage lie as long as there is room.
  const server = await startServerProcess(script, ['--max-old-space-size=48']);
  console.log(
    '\n### Memory of the server kit while sessions are opened and closed\n\n| sessions so far | resident memory, MiB |\n|---:|---:|',
  );
  for (let session = 1; session <= SESSIONS_IN_TURN; session++) {
    await fetch(server.url, {
      method: 'DELETE',
      headers: { 'mcp-session-id': await open(server.url), 'mcp-protocol-version': '2025-11-25' },
    });
    if (session % (SESSIONS_IN_TURN / 5) === 0) {
      console.log(`| ${session} | ${(residentBytes(server) / 1024 / 1024).toFixed(1)} |`);
    }
  }
  await server.stop();
  console.log('\nTarget: no growth');
}

async function open(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } },
    }),
  });
  await response.text();
  const sessionId = response.headers.get('mcp-session-id');
  if (!sessionId) {
    throw new Error(`initialize answered ${response.status} without a session`);
  }
  return sessionId;
}

/** Of Linux; 0 elsewhere. */
function residentBytes({ pid }: ServerProcess): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
