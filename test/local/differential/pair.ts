import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalRuntime } from 'stateful-mcp-local';
import { freePort } from '../../free-port';

/** A server that is called through a local runtime, and the same one without it. */
export interface Pair {
  readonly plainPort: number;
  readonly port: number;
  close(): Promise<void>;
}

/** Something that the two treat differently. */
export interface Differing {
  readonly seed: number;
  readonly text: string;
  readonly difference: string;
}

export async function startPair(server: 'echo' | 'script'): Promise<Pair> {
  const command = [process.execPath, path.join(__dirname, 'servers.mjs'), server] as const;
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'pair', command: [...command] }],
    quotas: 'off',
    settings: { serverErrors: 'pass', requestHeaders: 'all' },
  });
  await runtime.ready;
  const { port } = await runtime.listen();
  const plainPort = await freePort();
  const plain = spawn(command[0], command.slice(1), {
    env: { ...process.env, PORT: String(plainPort), HOST: '127.0.0.1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await accepts(plainPort))) {
    await delay(20);
  }
  return {
    plainPort,
    port,
    async close() {
      plain.kill();
      await runtime.close();
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const accepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return accepted;
}
