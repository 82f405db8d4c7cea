import { sessionLog } from '../aws/session-log';
import { ReleaseCheckError } from '../common/failures';
import type { CheckParts, CheckedEndpoints, HeldCheck } from './held-check';
import { reasonOf } from './reason';

export interface Judged {
  readonly subject: string;
  readonly through: CheckedEndpoints;
  /** Whether users call the endpoint, too. */
  readonly isShared: boolean;
  /** What users get meanwhile. */
  readonly live: string;
}

/**
 * Accepts a check that was passed.
 *
 * @throws ReleaseCheckError `ERR_CHECK_FAILED` or `ERR_CHECK_INCONCLUSIVE`, with the last lines of the server's log
 */
export async function acceptPass(held: HeldCheck, parts: CheckParts, judged: Judged): Promise<void> {
  const { log, request, deadline } = parts;
  log.note(`${held.verdict} in ${held.durationMs} ms: ${JSON.stringify(held.findings)}`);
  if (held.verdict === 'pass') {
    return;
  }
  const lines = await sessionLog(
    {
      logGroupNames: request.logGroupNames,
      endpointName: judged.through.qualifier,
      sessionIds: held.sessionIds,
      since: held.since,
      isShared: judged.isShared,
    },
    deadline.signal,
    why => {
      log.warn(why);
    },
  );
  throw new ReleaseCheckError(
    held.verdict === 'fail' ? 'ERR_CHECK_FAILED' : 'ERR_CHECK_INCONCLUSIVE',
    reasonOf({ ...judged, findings: held.findings, log: lines, transcript: log.transcript }),
  );
}
