import { once } from 'node:events';
import { createTransport } from 'stateful-mcp-client';
import type { ProxyInvocation } from '../command-line/invocation';
import { EXIT } from '../common/command-error';
import type { Shutdown } from '../common/shutdown';
import { Bridge } from '../connection/bridge';
import { connectionTo } from '../connection/connection';
import { explainedError } from '../connection/explained-error';

/** How long a host may take to read what it was told last; then the protocol has it send SIGTERM. */
const LAST_WORDS_MS = 2000;

/** Stands in for a server at a host that speaks by standard input and output. */
export async function proxy({ target }: ProxyInvocation, shutdown: Shutdown): Promise<number> {
  const say = (text: string): void => void process.stderr.write(`stateful-mcp proxy: ${text}\n`);
  const interactive = target.auth.by === 'oauth' && target.auth.browser;
  const bridge = new Bridge({
    // Whatever is wrong with the credentials is an answer, since the host shows those.
    open: async () =>
      createTransport({
        ...(await connectionTo(target, { interactive })),
        onSessionRestarted: ({ oldSessionId, newSessionId }) =>
          say(`session ${oldSessionId} is gone, and what the server kept in it; now it is session ${newSessionId}`),
      }),
    explain: error => explainedError(error, target),
    say,
  });
  await bridge.run(shutdown.signal);
  if (bridge.hasGivenUp) {
    process.exit(EXIT.failed);
  }
  // Somebody may still be expected to sign in, and nobody waits for it any more.
  if (bridge.isOpening || !(await isRead(process.stdout))) {
    process.exit(EXIT.ok);
  }
  return EXIT.ok;
}

/** Whether the host has read what was written for it. One that hangs must not keep this program. */
async function isRead(output: NodeJS.WriteStream): Promise<boolean> {
  if (output.writableLength > 0) {
    await once(output, 'drain', { signal: AbortSignal.timeout(LAST_WORDS_MS) }).catch(() => undefined);
  }
  return output.writableLength === 0;
}
