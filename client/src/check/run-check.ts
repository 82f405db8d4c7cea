import {
  checkContract,
  checkConversations,
  foldVerdicts,
  PLATFORM_ERROR_CODES,
  type CheckDefinition,
  type CheckEra,
  type CheckFinding,
  type CheckReport,
  type ServerContract,
} from 'stateful-mcp-contract';
import { StatefulMcpClientError } from '../common/errors';
import { CheckSessionIds, endSessions, type CheckedWay } from './checked-way';
import { EraSession, latencyFinding } from './era-session';
import { judge } from './judge';
import { checkRefusedCallers } from './refused-callers';
import { checkAffinity, checkIsolation, checkUnknownSession } from './session-checks';
import { Transcript } from './transcript';

/** What a check is about. */
export interface CheckTask {
  readonly definition: CheckDefinition;
  /** What the version that is live offers. */
  readonly live?: ServerContract;
  /** Whether the server takes tokens, and has to refuse callers without one. */
  readonly requiresToken?: boolean;
  readonly sessionIdSeed?: string;
  readonly signal?: AbortSignal;
  readonly onTranscript?: (line: string) => void;
}

const EXPECTED: Readonly<Record<CheckEra, string>> = {
  legacy: 'an answer to `initialize`, of protocol 2025-11-25 or before',
  modern: 'an answer of protocol 2026-07-28',
};

/** Checks a server. What it has opened it ends, however it ends itself. */
export async function runCheck(way: CheckedWay, task: CheckTask): Promise<CheckReport> {
  const check = new RunningCheck(way, task);
  const { signal } = task;
  let stop: (() => void) | undefined;
  const stopped = new Promise<'stopped'>(resolve => {
    stop = () => resolve('stopped');
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) {
      stop();
    }
  });
  try {
    if ((await Promise.race([stopped, check.run()])) === 'stopped') {
      check.findings.push({
        check: 'check',
        verdict: 'inconclusive',
        expected: 'the check to come to its end',
        got: 'it was stopped before that',
      });
    }
  } finally {
    signal?.removeEventListener('abort', stop ?? (() => undefined));
    await check.end();
  }
  return check.report();
}

class RunningCheck {
  public readonly findings: CheckFinding[] = [];
  private readonly transcript: Transcript;
  private readonly ids: CheckSessionIds;
  private readonly startedAt = Date.now();
  private readonly open = new Set<EraSession>();
  private readonly proposed = new Set<string>();
  private readonly latency: { firstCallMs?: number; warmCallMs?: number } = {};
  private contract?: ServerContract;
  private changes: readonly string[] = [];
  /** Whether ids of this side are taken. */
  private proposes = true;
  /** Whether the platform has given up to start the server. */
  private neverStarted = false;
  private ended = false;

  public constructor(
    private readonly way: CheckedWay,
    private readonly task: CheckTask,
  ) {
    this.transcript = new Transcript(task.onTranscript);
    this.ids = new CheckSessionIds(task.sessionIdSeed);
  }

  public async run(): Promise<void> {
    if (this.isOver) {
      return;
    }
    await this.ids.endLeftovers(this.way, this.transcript);
    if (this.task.requiresToken === true) {
      this.add(...(await checkRefusedCallers(this.way, this.transcript)));
    }
    for (const era of this.task.definition.eras ?? (['legacy'] as const)) {
      await this.era(era);
      // What does not start in one era starts in none, and to wait for it once more takes minutes.
      if (this.neverStarted) {
        break;
      }
    }
    await this.parallelFirstCalls();
  }

  public report(): CheckReport {
    const { findings, changes, contract, latency, transcript } = this;
    return {
      verdict: foldVerdicts(findings),
      findings: [...findings],
      ...(contract && { contract }),
      changes,
      durationMs: Date.now() - this.startedAt,
      latency,
      transcript: [...transcript.lines],
    };
  }

  /** Ends every session of the check. */
  public async end(): Promise<void> {
    this.ended = true;
    await Promise.all([...this.open].map(session => session.client.close()));
    const ids = [...this.proposed];
    const stopped = await endSessions(this.way, ids);
    this.transcript.add(
      this.way.endpoint.runtime === undefined
        ? `${this.open.size} sessions ended`
        : `StopRuntimeSession for ${ids.length} sessions: ${stopped} are over`,
    );
  }

  /** Whether the report has all that it will have: then nothing more is asked of the server. */
  private get isOver(): boolean {
    return this.ended || this.task.signal?.aborted === true;
  }

  private add(...findings: readonly CheckFinding[]): void {
    if (!this.isOver) {
      this.findings.push(...findings);
    }
  }

  private async era(era: CheckEra): Promise<void> {
    const { definition, live, signal } = this.task;
    const session = era === 'legacy' ? await this.legacySession() : await this.opened('initialize', { era });
    if (session === undefined) {
      return;
    }
    this.latency.firstCallMs ??= session.firstCallMs;
    // One comparison is enough: what clients of the live version know was listed once as well.
    const isFirst = this.contract === undefined;
    const checked = await checkContract(session, definition, { ...(isFirst && live && { live }), signal });
    this.add(...checked.findings);
    if (isFirst) {
      this.contract = checked.contract;
      this.changes = checked.changes;
    }
    const warmCallMs = await session.warmCallMs();
    this.latency.warmCallMs ??= warmCallMs;
    this.add(...(await checkConversations(session, session.dialogue, definition, signal)));
    if (era === 'legacy' && definition.sessions !== false) {
      await this.sessions(session);
    }
    const { latency: { firstCallMs: first, warmCallMs: warm } = {} } = definition;
    this.add(
      ...latencyFinding('first-call', era, { budgetMs: first, tookMs: session.firstCallMs }),
      ...latencyFinding('warm-call', era, { budgetMs: warm, tookMs: warmCallMs }),
    );
  }

  /** A session with an id of this side, as AgentCore gives one; if that is not taken, one with an id of the server. */
  private async legacySession(): Promise<EraSession | undefined> {
    const era = 'legacy';
    if (this.task.definition.sessions === false) {
      return this.opened('initialize', { era });
    }
    try {
      const session = await this.connected({ era, sessionId: this.ids.of('first') });
      this.add({ check: 'initialize', era, verdict: 'pass', durationMs: session.firstCallMs });
      this.add({ check: 'proposed-session-id', era, verdict: 'pass' });
      return session;
    } catch (error) {
      const judgement = judge(error, this.way);
      if (judgement.verdict === 'inconclusive' || !mayBeTheId(error)) {
        return this.notOpened('initialize', era, error);
      }
      this.proposes = false;
      const session = await this.opened('initialize', { era });
      if (session !== undefined && !isRefusalOfPlatform(error)) {
        const expected = 'the session id that came with `initialize` to be taken, or another one given';
        this.add({ check: 'proposed-session-id', era, expected, ...judgement });
      }
      return session;
    }
  }

  private async sessions(first: EraSession): Promise<void> {
    const era = 'legacy';
    const { transcript, way } = this;
    this.add({ ...(await checkAffinity(first, way)), era });
    if (first.client.sessionId === undefined) {
      return;
    }
    const second = await this.opened('second-session', { era, sessionId: this.ids.of('second') });
    if (second !== undefined) {
      this.add({ ...(await checkIsolation(first, second, way)), era });
    }
    const sessionId = this.ids.of('unknown');
    this.proposed.add(sessionId);
    const { protocolVersion } = first.client;
    this.add({ ...(await checkUnknownSession(way, { sessionId, protocolVersion, transcript })), era });
  }

  private async parallelFirstCalls(): Promise<void> {
    const { parallelFirstCalls: count, eras: [era = 'legacy'] = [] } = this.task.definition;
    if (count === undefined || this.contract === undefined) {
      return;
    }
    const startedAt = Date.now();
    const calls = Array.from({ length: count }, async (_, index) => {
      const sessionId = era === 'legacy' ? this.ids.of(index + 1) : undefined;
      const session = await this.connected({ era, sessionId });
      await session.offer();
      return session.client.sessionId;
    });
    const outcomes = await Promise.allSettled(calls);
    const base = { check: 'parallel-first-calls', era, durationMs: Date.now() - startedAt };
    const expected = `answers to ${count} first calls at the same time, each in a session of its own`;
    const reasons = outcomes.flatMap(outcome =>
      outcome.status === 'rejected' ? [judge(outcome.reason, this.way)] : [],
    );
    const [reason] = reasons;
    if (reason !== undefined) {
      const got = `${reasons.length} without an answer, the first one: ${reason.got}`;
      return this.add({ ...base, verdict: foldVerdicts(reasons), expected, got });
    }
    const ids = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const known = ids.filter(id => id !== undefined);
    if (new Set(known).size < known.length) {
      return this.add({ ...base, verdict: 'fail', expected, got: 'one session id for several sessions' });
    }
    this.add({ ...base, verdict: 'pass' });
  }

  /** Connects; what goes wrong is a finding. */
  private async opened(
    check: string,
    wish: { readonly era: CheckEra; readonly sessionId?: string },
  ): Promise<EraSession | undefined> {
    const { era } = wish;
    try {
      const session = await this.connected(wish);
      if (check === 'initialize') {
        this.add({ check, era, verdict: 'pass', durationMs: session.firstCallMs });
      }
      return session;
    } catch (error) {
      return this.notOpened(check, era, error);
    }
  }

  private notOpened(check: string, era: CheckEra, error: unknown): undefined {
    this.neverStarted ||= isFailedStart(error);
    this.add({ check, era, expected: EXPECTED[era], ...judge(error, this.way) });
  }

  private async connected(wish: { readonly era: CheckEra; readonly sessionId?: string }): Promise<EraSession> {
    const { era } = wish;
    this.task.signal?.throwIfAborted();
    const sessionId = this.proposes ? wish.sessionId : undefined;
    if (sessionId !== undefined) {
      this.proposed.add(sessionId);
    }
    const session = await EraSession.open(this.way, this.transcript, { era, sessionId });
    this.open.add(session);
    if (this.isOver) {
      await session.client.close();
    }
    return session;
  }
}

/** Whether the answer to `initialize` can be about the session id that came with it. */
function mayBeTheId(error: unknown): boolean {
  return (
    error instanceof StatefulMcpClientError &&
    (error.code === 'ERR_SERVER' ||
      error.code === 'ERR_PLATFORM' ||
      (error.code === 'ERR_HTTP_STATUS' && [400, 404, 409].includes(error.httpStatus ?? 0)))
  );
}

/** Whether the server was not there, as the platform says or shows by its silence. */
function isFailedStart(error: unknown): boolean {
  return (
    error instanceof StatefulMcpClientError &&
    (error.code === 'ERR_CONNECT_TIMEOUT' ||
      (error.code === 'ERR_PLATFORM' && error.jsonRpcCode === PLATFORM_ERROR_CODES.serverFailed))
  );
}

/** AgentCore has an opinion of its own on ids that callers choose: that says nothing of the server. */
function isRefusalOfPlatform(error: unknown): boolean {
  return (
    error instanceof StatefulMcpClientError &&
    error.code === 'ERR_PLATFORM' &&
    error.jsonRpcCode !== PLATFORM_ERROR_CODES.serverFailed
  );
}
