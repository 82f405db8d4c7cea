import { RUNTIME_SESSION_ID } from 'stateful-mcp-contract';
import type { ReleaseCheckProperties } from '../../../../lib/private/release/release-check-contract';
import { Deadline } from '../../../../lambda/release-check/common/deadline';
import { ReleaseCheckError } from '../../../../lambda/release-check/common/failures';
import { holdCheck, type CheckParts, type HeldCheck } from '../../../../lambda/release-check/stage/held-check';
import { AwsError } from '../aws-services';
import { StagedRelease, type Asked } from './staged-release';

// What of a check each caller holds, and what it is compared with.

const GET_SECRET = 'secretsmanager.GetSecretValue';

const staged = new StagedRelease();
beforeAll(() => staged.start());
beforeEach(() => {
  staged.reset();
  staged.services.answers.set(GET_SECRET, () => ({ SecretString: 'the secret' }));
});
afterEach(() => {
  staged.release();
});
afterAll(() => staged.close());

type Callers = ReleaseCheckProperties['callers'];

const IAM = { kind: 'iam' } as const;
const client = (clientId: string): Callers[number] => ({
  kind: 'client-credentials',
  discoveryUrl: `${staged.url}/discovery`,
  clientId,
  secretArn: 'secret',
});

const DEFAULT = { qualifier: 'DEFAULT' };
const COMPARED = { ...DEFAULT, comparedWith: 'live' };

function parts(callers: Callers = [IAM], check: object = {}): CheckParts {
  return staged.parts({ callers, check: JSON.stringify({ sessions: false, tools: ['add_expense'], ...check }) });
}

const checksOf = ({ findings }: HeldCheck): string[] => findings.map(({ check }) => check);
const isSigned = ({ headers }: Asked): boolean => headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false;
const hasToken = ({ headers }: Asked): boolean => headers.authorization === 'Bearer a.token';

test('the first caller holds all of a check, each other one what callers may differ in', async () => {
  const whole = {
    conversations: [{ tool: 'add_expense' }],
    latency: { firstCallMs: 20_000 },
    parallelFirstCalls: 2,
  };
  const checks = checksOf(await holdCheck(parts([IAM, client('other')], whole), COMPARED));
  const ofOther = checks.filter(check => check.endsWith(' as the client other'));
  expect(checks.filter(check => !ofOther.includes(check))).toEqual([
    'initialize',
    'list',
    'tools',
    'contract',
    'conversation add_expense',
    'first-call',
    'parallel-first-calls',
  ]);
  expect(ofOther.map(check => check.replace(/ as .*/, ''))).toEqual([
    'missing-token',
    'wrong-token',
    'initialize',
    'list',
    'tools',
  ]);
  // What is live is asked once, in a session that is ended.
  const live = staged.asked.filter(({ qualifier }) => qualifier === 'live').map(({ method }) => method);
  expect(live.filter(method => ['initialize', 'DELETE'].includes(method))).toEqual(['initialize', 'DELETE']);
});

test('each caller shows who it is, in sessions of its own, which a second run finds', async () => {
  await holdCheck(parts([IAM, client('other')]), DEFAULT);
  const listed = staged.asked.filter(({ method }) => method === 'tools/list');
  expect(listed.every(asked => isSigned(asked) !== hasToken(asked))).toBe(true);
  expect(listed.some(isSigned) && listed.some(hasToken)).toBe(true);
  expect(staged.log).toContain('as the role of the function');
  expect(staged.log).toContain('as the client other');
  expect(staged.log).toMatch(/^log: .*→ tools\/list$/m);
  const stopped = (): unknown[] =>
    staged.asked
      .filter(({ method }) => method === 'StopRuntimeSession')
      .map(({ headers }) => headers[RUNTIME_SESSION_ID.toLowerCase()]);
  const first = new Set(stopped());
  // Those of either caller: three, and ten of calls at the same time.
  expect(first.size).toBe(26);
  staged.release();
  await holdCheck(parts([IAM, client('other')]), DEFAULT);
  expect(new Set(stopped())).toEqual(first);
});

test('a check tells its verdict, its sessions and its times, those of the first caller', async () => {
  const since = Date.now();
  const held = await holdCheck(parts(), DEFAULT);
  expect(held).toMatchObject({ verdict: 'pass', latency: { firstCallMs: expect.any(Number) as number } });
  expect([...held.sessionIds]).toContain('of-the-server');
  expect(held.since).toBeGreaterThanOrEqual(since);
  expect(held.since + held.durationMs).toBeLessThanOrEqual(Date.now());
  staged.release();
  staged.refuse = asked => (hasToken(asked) ? undefined : { status: 400 });
  const refused = await holdCheck(parts([IAM, client('other')]), DEFAULT);
  expect(refused).toMatchObject({ verdict: 'fail', latency: {} });
});

test.each([
  ['again for the role of the function', () => IAM, 'pass'],
  ['once for a client, whose token no permission mends', () => client('other'), 'fail'],
] as const)('a call that is denied is tried %s', async (_who, caller, verdict) => {
  let denials = 0;
  staged.refuse = ({ method }) => (method === 'initialize' && denials++ === 0 ? { status: 403 } : undefined);
  const { findings } = await holdCheck(parts([caller()]), DEFAULT);
  expect(findings.find(({ check }) => check === 'initialize')?.verdict).toBe(verdict);
  expect(staged.log.includes('warn: a call was denied')).toBe(verdict === 'pass');
});

test('what changed against the version that is live is told, and what broke fails', async () => {
  staged.tools.set('DEFAULT', ['add_expense', 'list_expenses']);
  expect(await holdCheck(parts(), COMPARED)).toMatchObject({ verdict: 'pass' });
  expect(staged.log).toMatch(/^log: changed against live: .*list_expenses/m);
  staged.release();
  staged.tools.set('DEFAULT', ['add_expense']);
  staged.tools.set('live', ['add_expense', 'list_expenses']);
  expect(await holdCheck(parts(), COMPARED)).toMatchObject({ verdict: 'fail' });
});

test('nothing is compared with a version that cannot be asked', async () => {
  staged.refuse = ({ qualifier }) => (qualifier === 'live' ? { status: 500 } : undefined);
  const held = await holdCheck(parts(), COMPARED);
  expect(held.verdict).toBe('pass');
  expect(checksOf(held)).not.toContain('contract');
  expect(staged.log).toMatch(/^warn: nothing is compared with live, which could not be asked: /m);
});

/** A deadline that ends when it is told to. */
class ToldDeadline extends Deadline {
  private readonly ending = new AbortController();
  private noun = '';

  public override get signal(): AbortSignal {
    return this.ending.signal;
  }

  public override waitFor(noun: string): void {
    this.noun = noun;
  }

  public endNow(): void {
    this.ending.abort(new ReleaseCheckError('ERR_OUT_OF_TIME', this.noun));
  }
}

function ended(deadline: ToldDeadline, callers: Callers): Promise<HeldCheck> {
  const given = parts(callers);
  return holdCheck({ ...given, deadline, access: { ...given.access, signal: deadline.signal } }, COMPARED);
}

const LIMITS = { startedAt: Date.now(), runMs: 60_000, invocationMs: 60_000, continues: false };

test.each<[string, number, (deadline: ToldDeadline) => void]>([
  ['the contract of live', 1, deadline => endsAt(deadline, { qualifier: 'live', method: 'initialize' })],
  ['the end of the check', 1, deadline => endsAt(deadline, { qualifier: 'DEFAULT', method: 'tools/list' })],
  [
    'the credentials of caller 2',
    2,
    deadline => {
      staged.services.answers.set(GET_SECRET, () => {
        deadline.endNow();
        throw new AwsError('InternalServerError', 500);
      });
    },
  ],
])('the end of the time ends a check, and says what it waited for: %s', async (awaited, count, prepare) => {
  const deadline = new ToldDeadline(LIMITS);
  prepare(deadline);
  try {
    await expect(ended(deadline, [IAM, client('other')].slice(0, count))).rejects.toMatchObject({
      code: 'ERR_OUT_OF_TIME',
      message: awaited,
    });
  } finally {
    deadline.end();
  }
  expect(staged.log).not.toContain('nothing is compared');
});

/** Has the time end with a request, which gets no answer. */
function endsAt(deadline: ToldDeadline, last: Pick<Asked, 'qualifier' | 'method'>): void {
  staged.refuse = asked => {
    if (asked.qualifier !== last.qualifier || asked.method !== last.method) {
      return undefined;
    }
    deadline.endNow();
    return { status: 500 };
  };
}
