import { TransientFailure } from '../../common/retry';

/**
 * Why a version was not released, and what to do. The codes are a closed set; CloudFormation shows `CODE: message` as
 * the reason of the failure.
 */
export const RELEASE_CHECK_ERRORS = {
  ERR_PROPERTIES_INVALID:
    'the custom resource was given properties that no check can be made of: the message names the property',
  ERR_CHECK_FAILED:
    'the version does not do what the check wants: the message names what was expected, what came, and the last lines of the log',
  ERR_CHECK_INCONCLUSIVE:
    'the version could not be judged, for the platform refused the calls or failed: deploy again, or let `onInconclusive` pass',
  ERR_VERSION_FAILED: 'AgentCore Runtime could not make the version: the message has its own words',
  ERR_VERSION_NOT_FOUND: 'the runtime, or this version of it, does not exist: it was deleted outside of CloudFormation',
  ERR_VERSION_SUPERSEDED:
    'a newer version was made while this one was checked, so that nobody can reach this one: deploy again, one deployment at a time',
  ERR_ENDPOINT_NOT_FOUND: 'the endpoint that users call does not exist: it was deleted outside of CloudFormation',
  ERR_ENDPOINT_MOVED: 'the endpoint serves another version than the one that was promoted: somebody has moved it',
  ERR_RUNTIME_DENIED:
    'the function may not read the runtime or its endpoints: check permission boundaries and service control policies',
  ERR_RECORD_DENIED:
    'the record of what was verified may not be read or written: check permission boundaries, service control policies and the quota of parameters',
  ERR_SECRET_UNREADABLE:
    'the secret of the client is not there, or may not be read: check the secret, its policy and its key',
  ERR_TOKEN_REFUSED: 'the authorization server gives the client no token: the message has its answer',
  ERR_TOKEN_UNAVAILABLE:
    'the authorization server could not be reached or kept failing: deploy later, or let `onInconclusive` pass',
  ERR_PLATFORM_UNAVAILABLE:
    'a service of AWS kept refusing because of too many requests, or kept failing: deploy later, or let `onInconclusive` pass',
  ERR_OUT_OF_TIME:
    'the version was not ready, or its check not over, in the time that the custom resource has: the message says what it waited for',
  ERR_UNEXPECTED: 'a fault of the release check itself: please report it, with the log of the function',
} as const;

/** One of the codes of `RELEASE_CHECK_ERRORS`. */
export type ReleaseCheckErrorCode = keyof typeof RELEASE_CHECK_ERRORS;

/** These say nothing of the version: what they count as is the choice of `onInconclusive`. */
const INCONCLUSIVE: readonly ReleaseCheckErrorCode[] = [
  'ERR_CHECK_INCONCLUSIVE',
  'ERR_TOKEN_UNAVAILABLE',
  'ERR_PLATFORM_UNAVAILABLE',
];

export class ReleaseCheckError extends Error {
  public override readonly name = 'ReleaseCheckError';

  public constructor(
    public readonly code: ReleaseCheckErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the version could not be judged, which is not its fault. */
  public get isInconclusive(): boolean {
    return INCONCLUSIVE.includes(this.code);
  }
}

/** The failure as a `ReleaseCheckError`, whatever it was. */
export function asReleaseCheckError(error: unknown): ReleaseCheckError {
  if (error instanceof ReleaseCheckError) {
    return error;
  }
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof TransientFailure) {
    return new ReleaseCheckError('ERR_PLATFORM_UNAVAILABLE', `${text}: deploy later`, { cause: error });
  }
  return new ReleaseCheckError('ERR_UNEXPECTED', `${text}: the log of the function says more`, { cause: error });
}
