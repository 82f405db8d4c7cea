import type { ReleaseRecord } from '../../../lib/private/release/release-check-contract';
import type { ControlPlane } from '../aws/control-plane';
import { verifiedOf } from '../aws/record';
import type { ReleaseRequest } from '../common/release-request';
import { fingerprintOf, type Fingerprint } from './fingerprint';

/** What the endpoint that users call serves now. */
export interface Live {
  readonly version: string;
  readonly fingerprint: Fingerprint | undefined;
}

/** What the endpoint serves; `undefined` where it does not exist yet, or serves nothing. */
export async function liveOf(control: ControlPlane, endpointName: string): Promise<Live | undefined> {
  const version = (await control.endpoint(endpointName))?.liveVersion;
  if (version === undefined) {
    return undefined;
  }
  const described = await control.version(version);
  return { version, fingerprint: described && fingerprintOf(described) };
}

/**
 * The entry of the record that a version of the same making has passed the same check; `undefined` where there is none,
 * or where the artifact is not named by its content.
 */
export function earlierPass(
  record: ReleaseRecord | undefined,
  fingerprint: Fingerprint,
  checkHash: string,
): ReleaseRecord | undefined {
  return fingerprint.isPinned
    ? verifiedOf(record).find(
        entry => entry.verdict === 'pass' && entry.fingerprint === fingerprint.hash && entry.checkHash === checkHash,
      )
    : undefined;
}

/**
 * The entry of the record that says of a version of the same making that it was checked through the endpoint that users
 * call, where the version that is left was not: the endpoint goes back to what served well, from what did not.
 *
 * Whoever deploys an earlier version again leaves one that was checked, and so has the earlier one checked once more.
 */
export function wayBack(
  record: ReleaseRecord | undefined,
  fingerprint: Fingerprint,
  { checkHash, endpointName, before }: Pick<ReleaseRequest, 'checkHash' | 'endpointName' | 'before'>,
): ReleaseRecord | undefined {
  const pass = earlierPass(record, fingerprint, checkHash);
  const leavesWhatServedWell = verifiedOf(record).some(
    entry => entry.promotedVersion === before?.version && entry.checkHash === before?.checkHash,
  );
  return pass?.promotedVersion !== undefined && before?.endpointName === endpointName && !leavesWhatServedWell
    ? pass
    : undefined;
}

/**
 * The version that the endpoint has to serve once a version is verified: the one that it serves, where both are of the
 * same making, so that users' sessions are not cut in two by a rollback.
 */
export function endpointVersionFor(version: string, fingerprint: Fingerprint, live: Live | undefined): string {
  return fingerprint.isPinned && live?.fingerprint?.hash === fingerprint.hash ? live.version : version;
}
