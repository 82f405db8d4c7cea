import { checkServer, connect, listContract } from 'stateful-mcp-client';
import {
  foldVerdicts,
  type CheckDefinition,
  type CheckFinding,
  type CheckReport,
  type ServerContract,
} from 'stateful-mcp-contract';
import { equip, type CallerParts, type EquippedCaller } from '../caller/caller';
import { ObservedFetch } from '../caller/observed-fetch';
import type { Deadline } from '../common/deadline';
import type { CheckRequest } from '../common/release-request';

/** What a check is held with. */
export interface CheckParts extends CallerParts {
  readonly request: CheckRequest;
  readonly deadline: Deadline;
  /** Name of the run: two of the same name use the same sessions. */
  readonly run: string;
}

/** The endpoints that a check is about. */
export interface CheckedEndpoints {
  /** The one that is called. */
  readonly qualifier: string;
  /** The one whose contract has to be kept. */
  readonly comparedWith?: string;
}

/** A check that was held, with what explains it. */
export interface HeldCheck extends Pick<CheckReport, 'verdict' | 'findings' | 'latency' | 'durationMs'> {
  /** Of the sessions that it opened. */
  readonly sessionIds: ReadonlySet<string>;
  /** When it began, in milliseconds since 1970. */
  readonly since: number;
}

/** How the server is reached as one of the callers. */
interface Way {
  readonly target: string;
  readonly auth: EquippedCaller['auth'];
  readonly fetch: ObservedFetch['fetch'];
}

/**
 * Has each caller hold the check: the first one all of it, the others without its conversations.
 *
 * @throws ReleaseCheckError what is wrong with the credentials of a caller, or the end of the time
 */
export async function holdCheck(parts: CheckParts, { qualifier, comparedWith }: CheckedEndpoints): Promise<HeldCheck> {
  const { request, deadline, log, run } = parts;
  const since = Date.now();
  const sessionIds = new Set<string>();
  const findings: CheckFinding[] = [];
  let latency: CheckReport['latency'] = {};
  for (const [index, given] of request.callers.entries()) {
    deadline.waitFor(`the credentials of caller ${index + 1}`);
    const caller = await equip(given, parts);
    const { fetch } = new ObservedFetch(
      sessionIds,
      given.kind === 'iam' ? parts.awsCalls.denialPausesMs : [],
      pause => {
        log.warn(`a call was denied; it may be that a new permission has no effect yet, trying again in ${pause} ms`);
      },
    );
    const way: Way = { target: request.runtimeArn, auth: caller.auth, fetch };
    const isFirst = index === 0;
    const live = isFirst && comparedWith !== undefined ? await contractOf(comparedWith, way, parts) : undefined;
    deadline.waitFor('the end of the check');
    log.note(`checking ${qualifier} of ${request.runtimeArn} as ${caller.name}`);
    const report = await checkServer({
      ...way,
      qualifier,
      definition: isFirst ? request.definition : withoutConversations(request.definition),
      ...(live && { live }),
      requiresToken: given.kind === 'client-credentials',
      sessionIdSeed: `${run}-${index}`,
      signal: deadline.signal,
      onTranscript: line => {
        log.note(line);
      },
    });
    deadline.signal.throwIfAborted();
    for (const change of report.changes) {
      log.note(`changed against ${comparedWith}: ${change}`);
    }
    findings.push(...report.findings.map(finding => named(finding, isFirst ? undefined : caller)));
    latency = isFirst ? report.latency : latency;
  }
  return { verdict: foldVerdicts(findings), findings, latency, durationMs: Date.now() - since, sessionIds, since };
}

/** What the version that users call offers; `undefined` where it does not say, which is no fault of the next one. */
async function contractOf(
  qualifier: string,
  way: Way,
  { deadline, log }: CheckParts,
): Promise<ServerContract | undefined> {
  deadline.waitFor(`the contract of ${qualifier}`);
  try {
    const client = await connect({ ...way, qualifier });
    try {
      return await listContract(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    deadline.signal.throwIfAborted();
    log.warn(`nothing is compared with ${qualifier}, which could not be asked: ${(error as Error).message}`);
    return undefined;
  }
}

function withoutConversations(definition: CheckDefinition): CheckDefinition {
  return { ...definition, conversations: [], latency: undefined, parallelFirstCalls: undefined };
}

function named(finding: CheckFinding, caller: EquippedCaller | undefined): CheckFinding {
  return caller === undefined ? finding : { ...finding, check: `${finding.check} as ${caller.name}` };
}
