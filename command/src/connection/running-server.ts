import type { TargetFlags } from '../command-line/invocation';
import { connectionTo, type Connection } from './connection';
import { explainedError, explainedVersion } from './explained-error';
import { keptSession } from './kept-session';

/** A server that can be connected to. */
export interface ReachableServer {
  readonly connection: Connection;
  /** Puts what was wrong with the connection into the words of this command. */
  readonly explain: (error: unknown) => unknown;
}

/**
 * A server that runs already.
 *
 * @param session - name of the session that is kept for the commands after this one
 */
export async function runningServer(
  target: TargetFlags,
  session: string | undefined,
  person: { readonly interactive: boolean },
): Promise<ReachableServer> {
  return {
    connection: { ...(await connectionTo(target, person)), ...(await keptSession(session)) },
    explain: error => explainedError(explainedVersion(error), target),
  };
}
