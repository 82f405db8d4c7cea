import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../common/command-error';
import type { VersionsDocument } from '../common/json-documents';
import type { ControlPlane } from './control-plane';
import type { Deployment } from './deployment';
import { readRecords } from './release-record';

const POLL_MS = 1_000;

/** Moving an endpoint took seconds where it was seen; who waits this long has another problem. */
const MOVE_TIMEOUT_MS = 300_000;

/** All that is known of the versions of a runtime, the newest first. */
export async function runtimeVersions(
  control: ControlPlane,
  { arn, runtimeId, region }: Deployment,
  signal: AbortSignal,
): Promise<VersionsDocument> {
  const [listed, served] = await Promise.all([control.versions(), control.endpoints()]);
  const endpoints = served.map(({ name, status, liveVersion = '' }) => ({ name, status, version: liveVersion }));
  const { records, problem } = await readRecords(listed[0]?.agentRuntimeName ?? '', { region, signal });
  return {
    runtime: arn ?? runtimeId,
    versions: listed
      .map(({ agentRuntimeVersion: version, status, lastUpdatedAt }) => {
        const checked = records.get(version);
        return {
          version,
          status,
          ...(lastUpdatedAt !== undefined && { updatedAt: isoTime(lastUpdatedAt) }),
          endpoints: endpoints.filter(endpoint => endpoint.version === version).map(({ name }) => name),
          ...(checked && { checked }),
        };
      })
      .sort((one, other) => Number(other.version) - Number(one.version)),
    endpoints,
    ...(problem !== undefined && { recordProblem: problem }),
  };
}

/** Has an endpoint serve a version, and waits until it does. */
export async function moveEndpoint(
  control: ControlPlane,
  { name, version }: { readonly name: string; readonly version: string },
  signal: AbortSignal,
): Promise<void> {
  await control.pointEndpoint(name, version);
  for (const end = Date.now() + MOVE_TIMEOUT_MS; Date.now() < end; await sleep(POLL_MS, undefined, { signal })) {
    const { status, liveVersion, failureReason } = await control.endpoint(name);
    if (status === 'READY' && liveVersion === version) {
      return;
    }
    if (status?.endsWith('_FAILED') === true) {
      throw new CommandError(`${name} was not moved, it is ${status}: ${failureReason ?? 'no reason was given'}`);
    }
  }
  throw new CommandError(
    `${name} does not serve version ${version} after ${MOVE_TIMEOUT_MS / 1000} s: look at it by \`stateful-mcp versions\``,
  );
}

/** The service gives times in seconds, or as texts. */
function isoTime(time: string | number): string {
  return new Date(typeof time === 'number' ? time * 1000 : time).toISOString();
}
