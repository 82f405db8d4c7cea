import type { ReleaseCheckData, ReleaseRecord } from '../../../lib/private/release/release-check-contract';
import type { ControlPlane } from '../aws/control-plane';
import type { RecordStore } from '../aws/record';
import { asReleaseCheckError } from '../common/failures';
import type { ReleaseRequest } from '../common/release-request';
import { fingerprintOf, type Fingerprint } from '../version/fingerprint';
import { defaultServes, versionReady } from '../version/readiness';
import { earlierPass, endpointVersionFor, liveOf, type Live } from '../version/recognition';
import { holdCheck, type CheckParts } from './held-check';
import { acceptPass } from './verdict';

/** What a check that was begun needs of its invocation; with less, another one begins it. */
const CHECK_MS = 8 * 60_000;

export interface ReleaseParts extends CheckParts {
  readonly request: ReleaseRequest;
  readonly control: ControlPlane;
  readonly records: RecordStore;
}

/** What is known so far. */
interface Known {
  fingerprint?: Fingerprint;
  live?: Live;
  record?: ReleaseRecord;
}

/**
 * Checks a new version before users meet it, through the endpoint DEFAULT, and says which version their endpoint has to
 * serve.
 *
 * @throws ReleaseCheckError why it must not
 */
export async function checkCandidate(parts: ReleaseParts): Promise<ReleaseCheckData> {
  const { request, log, records } = parts;
  const known: Known = {};
  try {
    return await verified(parts, known);
  } catch (error) {
    const failure = asReleaseCheckError(error);
    const keptVersion = request.keepsEndpoint ? known.live?.version : undefined;
    if (
      !failure.isInconclusive ||
      request.onInconclusive === 'fail' ||
      (request.keepsEndpoint && known.fingerprint === undefined)
    ) {
      throw error;
    }
    log.warn(`released although it could not be judged, as \`onInconclusive\` wants it: ${failure.message}`);
    if (known.fingerprint !== undefined) {
      await records.write(entry(request, known.fingerprint, 'inconclusive'), known.record).catch(log.error.bind(log));
    }
    return {
      endpointVersion: keptVersion ?? request.version,
      verifiedVersion: request.version,
      verdict: 'inconclusive',
      transcript: log.transcript,
    };
  }
}

async function verified(parts: ReleaseParts, known: Known): Promise<ReleaseCheckData> {
  const { request, control, deadline, log, records } = parts;
  const { version, endpointName, checkHash, keepsEndpoint } = request;
  const readiness = { control, deadline };
  const fingerprint = fingerprintOf(await versionReady(readiness, version));
  [known.live, known.record] = await Promise.all([liveOf(control, endpointName), records.read()]);
  known.fingerprint = fingerprint;
  const { live, record } = known;
  const data = {
    endpointVersion: keepsEndpoint && live ? live.version : endpointVersionFor(version, fingerprint, live),
    verifiedVersion: version,
    transcript: log.transcript,
  };
  // Before DEFAULT is asked for: a stack that is rolled back may want the version that it had, while the runtime, which
  // was rolled back as well, has one more of the same making.
  const pass = earlierPass(record, fingerprint, checkHash);
  if (pass !== undefined) {
    log.note(`version ${version} is made as version ${pass.version}, which passed this check at ${pass.checkedAt}`);
    // What passed is recorded; a rollback must not fail for the number of a version.
    await records.write({ ...pass, version }, record).catch((error: unknown) => {
      log.warn(`the record still names version ${pass.version}: ${asReleaseCheckError(error).message}`);
    });
    return { ...data, verdict: 'already-verified' };
  }
  await defaultServes(readiness, version);
  deadline.stay(CHECK_MS);
  const through = {
    qualifier: 'DEFAULT',
    ...(live !== undefined && live.version !== version && { comparedWith: endpointName }),
  };
  const held = await holdCheck(parts, through);
  // What was checked is this version only if DEFAULT served it all the time.
  await defaultServes(readiness, version);
  await acceptPass(held, parts, {
    subject: `version ${version}`,
    through,
    isShared: false,
    live: live === undefined ? `${endpointName} was not made` : `${endpointName} still serves version ${live.version}`,
  });
  await recordPass(parts, entry(request, fingerprint, 'pass'), record);
  return { ...data, verdict: 'pass' };
}

/**
 * What passed stays passed where it cannot be written down for now: another release of it is checked once more. Where
 * it may not be written down, no rollback would ever be recognised, so that somebody has to know it before there is one.
 */
async function recordPass(
  { records, log }: ReleaseParts,
  passed: ReleaseRecord,
  before: ReleaseRecord | undefined,
): Promise<void> {
  try {
    await records.write(passed, before);
  } catch (error) {
    const failure = asReleaseCheckError(error);
    if (!failure.isInconclusive) {
      throw error;
    }
    log.warn(`version ${passed.version} passed, which the record does not say: ${failure.message}`);
  }
}

function entry(
  { version, checkHash }: ReleaseRequest,
  { hash, artifact }: Fingerprint,
  verdict: 'pass' | 'inconclusive',
): ReleaseRecord {
  return { version, fingerprint: hash, checkHash, verdict, checkedAt: new Date().toISOString(), artifact };
}
