import type { ReleaseCheckData, ReleaseRecord } from '../../../lib/private/release/release-check-contract';
import { asReleaseCheckError, ReleaseCheckError } from '../common/failures';
import { fingerprintOf } from '../version/fingerprint';
import { endpointAtRest, versionReady } from '../version/readiness';
import { earlierPass, wayBack } from '../version/recognition';
import type { ReleaseParts } from './candidate';
import { holdCheck } from './held-check';
import { acceptPass } from './verdict';

/**
 * Checks a version once more after its promotion, through the endpoint that users call, as long as the deployment can
 * still take it back. That the version itself is as it was verified does not say that the endpoint serves it, so a
 * version that was verified before is checked here again.
 *
 * The exception is the way back from a version that failed here. CloudFormation can do nothing better then than to go
 * back, and a check that failed for a second time, such as for an authorization server that is down, would leave the
 * stack in `UPDATE_ROLLBACK_FAILED`, which nobody can deploy to.
 *
 * @throws ReleaseCheckError why it has to
 */
export async function checkPromoted(parts: ReleaseParts): Promise<ReleaseCheckData> {
  const { request, log } = parts;
  const data = { endpointVersion: request.version, verifiedVersion: request.version, transcript: log.transcript };
  try {
    return { ...data, ...(await verifiedAtEndpoint(parts)) };
  } catch (error) {
    const failure = asReleaseCheckError(error);
    if (!failure.isInconclusive || request.onInconclusive === 'fail') {
      throw error;
    }
    log.warn(`kept although it could not be judged, as \`onInconclusive\` wants it: ${failure.message}`);
    return { ...data, verdict: 'inconclusive' };
  }
}

/** @returns the version that the endpoint serves, and how that was found good */
async function verifiedAtEndpoint(parts: ReleaseParts): Promise<Pick<ReleaseCheckData, 'endpointVersion' | 'verdict'>> {
  const { request, control, deadline, log, records } = parts;
  const { endpointName } = request;
  const version = await endpointAtRest({ control, deadline }, endpointName);
  refuseMoved(parts, version);
  const fingerprint = fingerprintOf(await versionReady({ control, deadline }, version));
  // Without it there is one more check, which is no reason to take a version back. Neither is it where it is written.
  const record = await records.read().catch((error: unknown) => {
    log.error(error);
    return undefined;
  });
  const known = wayBack(record, fingerprint, request);
  if (known !== undefined) {
    log.note(
      `version ${version} is made as version ${known.promotedVersion}, which passed this check through ${endpointName}`,
    );
    await writePromoted(parts, known, version, record);
    return { endpointVersion: version, verdict: 'already-verified' };
  }
  const through = { qualifier: endpointName };
  const held = await holdCheck(parts, through);
  await acceptPass(held, parts, {
    subject: `version ${version} at the endpoint ${endpointName}`,
    through,
    isShared: true,
    live: `users call it until ${endpointName} is moved back`,
  });
  refuseMoved(parts, await endpointAtRest({ control, deadline }, endpointName));
  const pass = earlierPass(record, fingerprint, request.checkHash);
  if (pass !== undefined) {
    await writePromoted(parts, pass, version, record);
  }
  return { endpointVersion: version, verdict: 'pass' };
}

async function writePromoted(
  { records, log }: ReleaseParts,
  verified: ReleaseRecord,
  promotedVersion: string,
  before: ReleaseRecord | undefined,
): Promise<void> {
  await records.write({ ...verified, promotedVersion }, before).catch(log.error.bind(log));
}

/** An endpoint that people move may serve any version. */
function refuseMoved({ request }: ReleaseParts, version: string): void {
  if (version !== request.version && !request.keepsEndpoint) {
    throw new ReleaseCheckError(
      'ERR_ENDPOINT_MOVED',
      `${request.endpointName} serves version ${version} instead of version ${request.version}: somebody has moved it; deploy again`,
    );
  }
}
