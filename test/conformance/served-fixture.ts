// The two ways to the fixture server: straight to its process, and through a local runtime.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LocalRuntime } from 'stateful-mcp-local';

export type Mode = 'replay' | 'park';

export interface ServedFixture {
  readonly url: string;
  close(): Promise<void>;
}

export type Serve = (script: string, mode: Mode, log: (line: string) => void) => Promise<ServedFixture>;

export const serveDirectly: Serve = async (script, mode, log) => {
  const environment = { ...process.env, HOST: '127.0.0.1', PORT: '0', MODERN: mode };
  const child = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on('line', line => {
      log(line);
      const address = /"event":"listening".*"url":"([^"]+)"/.exec(line)?.[1];
      if (address !== undefined) {
        resolve(address);
      }
    });
    exited.then(
      ([code, signal]) => reject(new Error(`the fixture server has ended (${code ?? signal}) before it listened`)),
      reject,
    );
  });
  return {
    url,
    close: async () => {
      child.kill();
      await exited;
    },
  };
};

export const serveThroughLocalRuntime: Serve = async (script, mode, log) => {
  const runtime = new LocalRuntime({
    runtimes: [{ name: 'conformance', command: [process.execPath, script], environment: { MODERN: mode } }],
    quotas: 'off',
    log: ({ pid, stream, line }) => log(`${pid} ${stream} ${line}`),
  });
  await runtime.ready;
  const listener = await runtime.listen({ host: '127.0.0.1' });
  return { url: `${listener.url}/mcp`, close: () => runtime.close() };
};
