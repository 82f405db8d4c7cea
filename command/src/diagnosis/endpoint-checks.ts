import { ControlPlaneError, type ControlPlane } from '../aws/control-plane';
import type { Deployment } from '../aws/deployment';
import type { EndpointFacts, RuntimeFacts } from '../aws/runtime-facts';
import { asking, failed, ok, skipped, warning, type Check, type Subject } from './check';

const ENDPOINT: Subject = { id: 'endpoint', expected: 'READY, at the version that it should have' };
const RUNTIME: Subject = { id: 'runtime', expected: 'READY' };

/** The endpoint and the version behind it, as far as they could be read. */
export interface ReadRuntime {
  readonly endpoint?: EndpointFacts;
  readonly runtime?: RuntimeFacts;
  readonly checks: readonly Check[];
}

/** Reads what everything else is checked by. */
export async function readRuntime(
  controlPlane: ControlPlane,
  { qualifier, runtimeId }: Deployment,
): Promise<ReadRuntime> {
  let endpoint: EndpointFacts | undefined;
  let runtime: RuntimeFacts | undefined;
  const runtimeCheck = await asking(RUNTIME, 'bedrock-agentcore:GetAgentRuntime', async () => {
    try {
      runtime = await controlPlane.runtime();
    } catch (error) {
      return missing(error, RUNTIME, `no runtime ${runtimeId}`, 'check the ARN, the account and the Region');
    }
    return statusCheck(RUNTIME, runtime, `version ${runtime.agentRuntimeVersion}`);
  });
  if (runtime === undefined) {
    return { checks: [runtimeCheck, skipped(ENDPOINT, 'not looked at, without the runtime')] };
  }
  const newest = runtime.agentRuntimeVersion;
  const endpointCheck = await asking(ENDPOINT, 'bedrock-agentcore:GetAgentRuntimeEndpoint', async () => {
    try {
      endpoint = await controlPlane.endpoint(qualifier);
    } catch (error) {
      return missing(
        error,
        ENDPOINT,
        `no endpoint ${qualifier}`,
        'pass the name of one by `--qualifier`, or leave it out for DEFAULT',
      );
    }
    return endpointChecked(endpoint, newest);
  });
  // Callers get the version that the endpoint points to, which need not be the newest.
  const { liveVersion } = endpoint ?? {};
  if (liveVersion !== undefined && liveVersion !== newest) {
    runtime = await controlPlane.runtime(liveVersion).catch(() => runtime);
  }
  return { endpoint, runtime, checks: [runtimeCheck, endpointCheck] };
}

function endpointChecked(endpoint: EndpointFacts, newest: string): Check {
  const { name, liveVersion = '(none)', targetVersion } = endpoint;
  const status = statusCheck(ENDPOINT, endpoint, `${name} at version ${liveVersion}`);
  if (status.status !== 'ok') {
    return status;
  }
  if (targetVersion !== undefined && targetVersion !== liveVersion) {
    return warning(ENDPOINT, `${status.found}, on its way to ${targetVersion}`, 'wait, then look again');
  }
  return ok(ENDPOINT, `${status.found}${liveVersion === newest ? ', the newest' : `; the newest is ${newest}`}`);
}

function statusCheck(
  subject: Subject,
  { status, failureReason }: Pick<RuntimeFacts, 'status' | 'failureReason'>,
  what: string,
): Check {
  const found = `${status}, ${what}${failureReason ? `: ${failureReason}` : ''}`;
  if (status === 'READY') {
    return ok(subject, found);
  }
  return /FAILED$/.test(status)
    ? failed(subject, found, 'correct what the reason names and deploy again; `stateful-mcp logs` may say more')
    : warning(subject, found, 'wait, then look again');
}

/** What is not there; other errors are for whoever asked. */
function missing(error: unknown, subject: Subject, found: string, fix: string): Check {
  if (error instanceof ControlPlaneError && error.exception === 'ResourceNotFoundException') {
    return failed(subject, found, fix);
  }
  throw error;
}
