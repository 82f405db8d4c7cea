import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalRuntime } from 'stateful-mcp-local';
import { bundleFixture } from './bundle-fixture';
import { compare } from './harness';

const COMMAND = path.join(__dirname, '..', 'command', 'stateful-mcp.mjs');

/** How long the command takes as a whole process: its help, and a call in a session that an earlier one has kept. */
export async function benchCommandStart(): Promise<void> {
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'echo', command: [process.execPath, bundleFixture('echo-server.ts')] }],
    quotas: 'off',
  });
  const state = mkdtempSync(path.join(tmpdir(), 'stateful-mcp-bench-'));
  try {
    const { url } = await runtime.listen();
    const call = ['call', '--url', `${url}/mcp`, '--session', 'bench', 'echo', '{"text":"hello"}'];
    await compare({
      title: 'The command as a whole process',
      reference: { name: 'node -e 0', run: () => ended(['-e', '0'], state) },
      subjects: [
        { name: 'stateful-mcp --help', run: () => ended([COMMAND, '--help'], state) },
        { name: 'stateful-mcp call, in a warm session', run: () => ended([COMMAND, ...call], state) },
      ],
      rounds: 20,
      warmup: 2,
      target: '`--help` at most 100 ms, `call` at most 250 ms',
    });
  } finally {
    await runtime.close();
    rmSync(state, { recursive: true });
  }
}

async function ended(args: readonly string[], state: string): Promise<void> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_STATE_HOME: state,
    NODE_COMPILE_CACHE: path.join(state, 'compiled'),
  };
  // To read certificates that a machine adds for all programs takes Node.js longer than all the rest of its start.
  delete env.NODE_EXTRA_CA_CERTS;
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`node ${args.join(' ')} ended with ${code}`);
  }
}
