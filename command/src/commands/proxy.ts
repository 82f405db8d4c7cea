import { createTransport } from 'stateful-mcp-client';
import type { ProxyInvocation } from '../command-line/invocation';
import { EXIT } from '../common/command-error';
import type { Shutdown } from '../common/shutdown';
import { Bridge } from '../connection/bridge';
import { connectionTo } from '../connection/connection';
import { explainedError } from '../connection/explained-error';

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
  if (bridge.isOpening) {
    // Somebody is still expected to sign in, and nobody waits for it any more.
    process.exit(EXIT.ok);
  }
  return EXIT.ok;
}
