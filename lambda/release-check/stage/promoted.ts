import type { ReleaseCheckData } from '../../../lib/private/release/release-check-contract';
import { asReleaseCheckError, ReleaseCheckError } from '../common/failures';
import { endpointAtRest } from '../version/readiness';
import type { ReleaseParts } from './candidate';
import { holdCheck } from './held-check';
import { acceptPass } from './verdict';

/**
 * Checks a version once more after its promotion, through the endpoint that users call, as long as the deployment can
 * still take it back.
 *
 * @throws ReleaseCheckError why it has to
 */
export async function checkPromoted(parts: ReleaseParts): Promise<ReleaseCheckData> {
  const { request, log } = parts;
  const data = { endpointVersion: request.version, verifiedVersion: request.version, transcript: log.transcript };
  try {
    const version = await verifiedAtEndpoint(parts);
    return { ...data, endpointVersion: version, verdict: 'pass' };
  } catch (error) {
    const failure = asReleaseCheckError(error);
    if (!failure.isInconclusive || request.onInconclusive === 'fail') {
      throw error;
    }
    log.warn(`kept although it could not be judged, as \`onInconclusive\` wants it: ${failure.message}`);
    return { ...data, verdict: 'inconclusive' };
  }
}

/** @returns the version that the endpoint serves */
async function verifiedAtEndpoint(parts: ReleaseParts): Promise<string> {
  const { request, control, deadline } = parts;
  const { endpointName } = request;
  const version = await endpointAtRest({ control, deadline }, endpointName);
  refuseMoved(parts, version);
  const through = { qualifier: endpointName };
  const held = await holdCheck(parts, through);
  await acceptPass(held, parts, {
    subject: `version ${version} at the endpoint ${endpointName}`,
    through,
    isShared: true,
    live: `users call it until ${endpointName} is moved back`,
  });
  refuseMoved(parts, await endpointAtRest({ control, deadline }, endpointName));
  return version;
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
