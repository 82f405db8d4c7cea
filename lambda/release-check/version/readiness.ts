import type { ControlPlane, DescribedEndpoint, DescribedVersion } from '../aws/control-plane';
import type { Deadline } from '../common/deadline';
import { ReleaseCheckError } from '../common/failures';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const DEFAULT_ENDPOINT = 'DEFAULT';

/** A version on its way into service, and the endpoint that serves it. */
export interface Readiness {
  readonly control: ControlPlane;
  readonly deadline: Deadline;
}

/**
 * Waits until a version is ready: it is made after the response to whoever asked for it, with V2 for minutes.
 *
 * @throws ReleaseCheckError `ERR_VERSION_FAILED`, `ERR_VERSION_NOT_FOUND`
 */
export async function versionReady({ control, deadline }: Readiness, version: string): Promise<DescribedVersion> {
  deadline.waitFor(`version ${version}`);
  return waiting(deadline, async () => {
    const described = await control.version(version);
    if (described === undefined) {
      throw new ReleaseCheckError(
        'ERR_VERSION_NOT_FOUND',
        `there is no version ${version} of the runtime: it was deleted outside of CloudFormation; deploy again`,
      );
    }
    if (described.status.endsWith('FAILED') || described.status === 'DELETING') {
      throw new ReleaseCheckError(
        'ERR_VERSION_FAILED',
        `version ${version} is ${described.status}: ${described.failureReason ?? 'the service gives no reason'}`,
      );
    }
    return described.status === 'READY' ? described : undefined;
  });
}

/**
 * Waits until DEFAULT serves a version: it is through it that the version is called.
 *
 * @throws ReleaseCheckError `ERR_VERSION_SUPERSEDED`, `ERR_VERSION_FAILED`
 */
export async function defaultServes({ control, deadline }: Readiness, version: string): Promise<void> {
  deadline.waitFor(`the endpoint ${DEFAULT_ENDPOINT} at version ${version}`);
  await waiting(deadline, async () => {
    const endpoint = await existing(control, DEFAULT_ENDPOINT);
    const newest = Math.max(Number(endpoint.liveVersion ?? 0), Number(endpoint.targetVersion ?? 0));
    if (newest > Number(version)) {
      throw new ReleaseCheckError(
        'ERR_VERSION_SUPERSEDED',
        `version ${newest} was made while version ${version} was checked, and ${DEFAULT_ENDPOINT} goes to it: ` +
          'deploy again, one deployment at a time',
      );
    }
    refuseFailed(DEFAULT_ENDPOINT, endpoint);
    return endpoint.status === 'READY' && endpoint.liveVersion === version ? endpoint : undefined;
  });
}

/**
 * Waits until an endpoint is at rest, and gives the version that it serves.
 *
 * @throws ReleaseCheckError `ERR_ENDPOINT_NOT_FOUND`, `ERR_VERSION_FAILED`
 */
export async function endpointAtRest({ control, deadline }: Readiness, name: string): Promise<string> {
  deadline.waitFor(`the endpoint ${name}`);
  return waiting(deadline, async () => {
    const endpoint = await existing(control, name);
    refuseFailed(name, endpoint);
    return endpoint.status === 'READY' ? endpoint.liveVersion : undefined;
  });
}

async function existing(control: ControlPlane, name: string): Promise<DescribedEndpoint> {
  const endpoint = await control.endpoint(name);
  if (endpoint === undefined) {
    throw new ReleaseCheckError(
      'ERR_ENDPOINT_NOT_FOUND',
      `the runtime has no endpoint ${name}: it was deleted outside of CloudFormation`,
    );
  }
  return endpoint;
}

function refuseFailed(name: string, { status, failureReason }: DescribedEndpoint): void {
  if (status.endsWith('FAILED')) {
    throw new ReleaseCheckError(
      'ERR_VERSION_FAILED',
      `the endpoint ${name} is ${status}: ${failureReason ?? 'the service gives no reason'}`,
    );
  }
}

/** Asks until there is an answer. */
async function waiting<T>(deadline: Deadline, ask: () => Promise<T | undefined>): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    await deadline.pause(pause);
  }
}
