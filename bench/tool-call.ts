import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { LocalRuntime } from 'stateful-mcp-local';
import { bundleFixture } from './bundle-fixture';
import { compare } from './harness';
import { startServerProcess } from './server-process';

const CALLS = 200;
/** 3000 calls: before that, what is measured is mostly how V8 gets to know the code. */
const WARMUP = 15;

/**
 * What the local runtime adds to a tool call: the same server, the same client, with and without the runtime between
 * them.
 */
export async function benchToolCall(): Promise<void> {
  const script = bundleFixture('echo-server.ts');
  const server = await startServerProcess(script);
  const runtime = new LocalRuntime({ runtimes: [{ name: 'echo', command: [process.execPath, script] }] });
  const listener = await runtime.listen({ port: 0 });
  const direct = await connect(server.url);
  const through = await connect(`${listener.url}/mcp`);
  try {
    await compare({
      title: `Tool call in a session (mean of ${CALLS} calls a sample, MCP SDK v2 client, legacy era)`,
      reference: { name: 'direct', run: () => meanCall(direct) },
      subjects: [{ name: 'through the local runtime', run: () => meanCall(through) }],
      rounds: 30,
      warmup: WARMUP,
      target: 'at most 1.28x direct',
    });
  } finally {
    await Promise.allSettled([direct.close(), through.close()]);
    await runtime.close();
    await server.stop();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

async function meanCall(client: Client): Promise<number> {
  const start = performance.now();
  for (let call = 0; call < CALLS; call++) {
    await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
  }
  return (performance.now() - start) / CALLS;
}
