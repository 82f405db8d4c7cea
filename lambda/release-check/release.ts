import { respond, type CustomResourceEvent, type CustomResourceOutcome } from '../common/cloudformation-response';
import { HttpTransport } from '../common/http-transport';
import { ControlPlane } from './aws/control-plane';
import { invokeAgain } from './aws/next-invocation';
import { RecordStore } from './aws/record';
import { Deadline, NeedsAnotherInvocation } from './common/deadline';
import { asReleaseCheckError } from './common/failures';
import { ReleaseLog } from './common/release-log';
import { parseRelease } from './common/release-request';
import { runName } from './common/run-name';
import type { Invocation } from './invocation';
import type { ReleaseCheckSettings } from './settings';
import { checkCandidate } from './stage/candidate';
import { checkPromoted } from './stage/promoted';

/** What a run that goes on in another invocation takes along. */
export interface Continuation {
  /** When the run began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** How many invocations there were before. */
  readonly invocations: number;
}

export type ReleaseEvent = CustomResourceEvent & { readonly continuation?: Continuation };

/**
 * The custom resource `ReleaseCheck`: creating and updating it checks a version, deleting it deletes the record.
 *
 * Before a promotion, it is named by its record. So a runtime that is renamed has another one, and CloudFormation deletes
 * the former, or, rolled back, the new one, with its record.
 */
export async function release(
  event: ReleaseEvent,
  invocation: Invocation,
  settings: ReleaseCheckSettings,
): Promise<void> {
  const transport = new HttpTransport();
  const log = new ReleaseLog(invocation);
  try {
    const outcome = await outcomeOf(event, { invocation, settings, transport, log });
    if (outcome !== 'continued') {
      const limit = AbortSignal.timeout(Math.max(invocation.getRemainingTimeInMillis(), 1));
      await respond(event, outcome, transport, settings.retries, limit);
    }
  } finally {
    transport.close();
  }
}

interface Parts {
  readonly invocation: Invocation;
  readonly settings: ReleaseCheckSettings;
  readonly transport: HttpTransport;
  readonly log: ReleaseLog;
}

async function outcomeOf(event: ReleaseEvent, parts: Parts): Promise<CustomResourceOutcome | 'continued'> {
  const { invocation, settings, log } = parts;
  const PhysicalResourceId = physicalIdOf(event);
  const { startedAt = Date.now(), invocations = 0 } = event.continuation ?? {};
  const deadline = new Deadline({
    startedAt,
    runMs: settings.runMs,
    invocationMs: invocation.getRemainingTimeInMillis() - settings.reservedMs,
    continues: true,
  });
  try {
    if (event.RequestType === 'Delete') {
      await deleteRecord(event, parts, deadline);
      return { Status: 'SUCCESS', PhysicalResourceId };
    }
    return { Status: 'SUCCESS', PhysicalResourceId, Data: await checked(event, parts, deadline) };
  } catch (error) {
    const failure =
      error instanceof NeedsAnotherInvocation
        ? await continued({ ...event, continuation: { startedAt, invocations: invocations + 1 } }, error, parts)
        : error;
    if (failure === undefined) {
      return 'continued';
    }
    log.error(failure);
    const { code, message } = asReleaseCheckError(failure);
    return { Status: 'FAILED', PhysicalResourceId, Reason: log.redacted(`${code}: ${message}`) };
  } finally {
    deadline.end();
  }
}

function physicalIdOf(event: ReleaseEvent): string {
  const { PhysicalResourceId: id, ResourceProperties: properties, OldResourceProperties: before = properties } = event;
  const { stage, recordName } = properties;
  return stage !== 'candidate' ||
    typeof recordName !== 'string' ||
    (id !== undefined && recordName === before.recordName)
    ? (id ?? event.LogicalResourceId)
    : recordName;
}

async function checked(event: ReleaseEvent, parts: Parts, deadline: Deadline): Promise<object> {
  const { settings, transport, log } = parts;
  const request = parseRelease(event.ResourceProperties, event.OldResourceProperties);
  const run = runName(event.StackId, event.LogicalResourceId, request.version, request.checkHash);
  log.note(`run ${run}: version ${request.version} of ${request.runtimeArn}, ${request.stage}`);
  const { retries, connectTimeoutMs } = settings;
  const control = new ControlPlane(request.runtimeId, settings, deadline.signal);
  const records = new RecordStore(request.recordName, settings, deadline.signal);
  const access = { transport, retries, signal: deadline.signal };
  const release = { request, deadline, log, access, awsCalls: settings, connectTimeoutMs, run, control, records };
  try {
    return await (request.stage === 'candidate' ? checkCandidate(release) : checkPromoted(release));
  } finally {
    control.close();
    records.close();
  }
}

/** What keeps the record from being deleted must not keep the stack from it. */
async function deleteRecord(event: ReleaseEvent, { settings, log }: Parts, deadline: Deadline): Promise<void> {
  const { stage, recordName } = event.ResourceProperties;
  if (stage !== 'candidate' || typeof recordName !== 'string') {
    return;
  }
  const records = new RecordStore(recordName, settings, deadline.signal);
  deadline.waitFor('its deletion');
  try {
    await records.delete();
  } catch (error) {
    log.warn(`the parameter ${recordName} stays: ${(error as Error).message}`);
  } finally {
    records.close();
  }
}

/** Has another invocation go on. @returns why there is none */
async function continued(
  event: ReleaseEvent,
  { message }: NeedsAnotherInvocation,
  { invocation, settings, log }: Parts,
): Promise<unknown> {
  try {
    log.note(`going on in another invocation: ${message}`);
    const limit = AbortSignal.timeout(settings.reservedMs);
    await invokeAgain(invocation.invokedFunctionArn, event, settings.retries, limit);
    return undefined;
  } catch (error) {
    return error;
  }
}
