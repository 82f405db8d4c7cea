import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { compare } from '../../harness';
import { startServerProcess } from '../../server-process';
import type { Contenders } from '../contenders';
import { cpuSeconds } from '../process-tree';
import { installProxies, type ProxyProgram } from './proxy-programs';
import { closeAll, connectAll, echo } from '../sdk-clients';

const CALLS_FOR_CPU = 1000;
/** 600 calls: the proxies and the client get to know their code. */
const WARMUP = 3;

/** What a proxy between a host of stdio servers and a remote server adds: to the first call, and to each of the others. */
export async function benchProxy({ server, sizes }: Contenders): Promise<void> {
  const { programs, remove } = installProxies();
  const direct = await startServerProcess(server);
  const clients: Client[] = [];
  try {
    await compare({
      title: 'First call: from the start of the program to the result of a tool',
      reference: { name: 'direct client, a process of its own', run: () => directly(direct.url) },
      subjects: programs.map(program => ({
        name: program.name,
        run: async () => (await firstCall(program, direct.url)).client.close(),
      })),
      rounds: sizes.rounds,
      warmup: 2,
      target: 'below mcp-remote and mcp-proxy-for-aws',
    });
    clients.push(...(await connectAll([direct.url])));
    const pids: number[] = [];
    for (const program of programs) {
      const { client, pid } = await firstCall(program, direct.url);
      clients.push(client);
      pids.push(pid);
    }
    const [reference, ...subjects] = ['direct', ...programs.map(({ name }) => name)].map((name, index) => ({
      name,
      run: () => meanCall(clients[index] as Client, sizes.calls),
    }));
    await compare({
      title: `Tool call through a proxy (mean of ${sizes.calls} calls a sample, MCP SDK v2 client)`,
      reference: reference as (typeof subjects)[number],
      subjects,
      rounds: sizes.rounds,
      warmup: WARMUP,
      target: 'at most 1.3x direct, and below mcp-remote and mcp-proxy-for-aws',
    });
    await ownCost(
      programs.map(({ name }, index) => ({ name, pid: pids[index] ?? 0, client: clients[index + 1] as Client })),
    );
  } finally {
    await closeAll(clients);
    await direct.stop();
    remove();
  }
}

async function directly(url: string): Promise<void> {
  const child = spawn(process.execPath, [path.join(__dirname, '../../fixtures/direct-client.mjs'), url], {
    stdio: 'ignore',
  });
  await once(child, 'exit');
}

async function firstCall(
  { command, args, environment }: ProxyProgram,
  url: string,
): Promise<{ readonly client: Client; readonly pid: number }> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...environment };
  const transport = new StdioClientTransport({ command, args: args(url), env, stderr: 'ignore' });
  await client.connect(transport);
  await echo(client);
  return { client, pid: transport.pid ?? 0 };
}

/** It depends on the machine, and not on what else the machine does. */
async function ownCost(
  running: readonly { readonly name: string; readonly pid: number; readonly client: Client }[],
): Promise<void> {
  if (process.platform !== 'linux') {
    return console.log('\nLEFT OUT: CPU of the proxies, which is read from /proc');
  }
  console.log(`\n| the proxy itself | CPU seconds for ${CALLS_FOR_CPU} calls |\n|---|---:|`);
  for (const { name, pid, client } of running) {
    const before = cpuSeconds(pid);
    await meanCall(client, CALLS_FOR_CPU);
    console.log(`| ${name} | ${(cpuSeconds(pid) - before).toFixed(2)} |`);
  }
}

async function meanCall(client: Client, calls: number): Promise<number> {
  const began = performance.now();
  for (let call = 0; call < calls; call++) {
    await echo(client);
  }
  return (performance.now() - began) / calls;
}
