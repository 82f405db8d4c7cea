// One run: deploys, checks, asks, and removes everything, whatever happens.
import { STACKS, type StackKind } from './app/names';
import type { Bed } from './bed/bed';
import { checkCallers, type CheckedCaller } from './callers/check-callers';
import { ask } from './questions/ask';
import { QUESTIONS } from './questions/index';
import { isAsked } from './questions/question';
import type { AnsweredQuestion, IntegReport, StackReport } from './report/report';
import { version } from '../../package.json';

export interface RunOptions {
  readonly chosen: ReadonlySet<string>;
  readonly callers: boolean;
  readonly minutes: number;
  /** Ends the run: what was made is removed. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Two processors are enough for so many sessions at once, and AWS for more. */
const AT_ONCE = { rehearsal: 3, account: 8 };

export async function run(bed: Bed, { chosen, callers, minutes, signal, say }: RunOptions): Promise<IntegReport> {
  const startedAt = new Date();
  const errors: string[] = [];
  const stacks: StackReport[] = [];
  const checked: CheckedCaller[] = [];
  const questions: AnsweredQuestion[] = [];
  const leftovers: string[] = [];
  const step = async (name: string, action: () => Promise<void>): Promise<boolean> => {
    say(name);
    return action().then(
      () => true,
      (error: unknown) => {
        errors.push(`${name}: ${String(error)}`);
        say(`  ${String(error)}`);
        return false;
      },
    );
  };
  const until = new Date(startedAt.getTime() + minutes * 60_000);

  const ready = await step('start', () => bed.start());
  if (ready && !signal.aborted) {
    const deployed = await step('deploy', async () => void stacks.push(...(await deploy())));
    if (deployed && callers) {
      await step('check as every kind of caller', async () => {
        checked.push(...(await checkCallers(bed, signal, say)));
      });
    }
    await step('ask what is open', async () => {
      const atOnce = bed.rehearsal ? AT_ONCE.rehearsal : AT_ONCE.account;
      questions.push(...(await ask(QUESTIONS, { bed, chosen, atOnce, until, signal, say })));
    });
  }
  if (ready) {
    await step('remove everything', async () => {
      errors.push(...(await bed.leftovers.remove(line => say(`  ${line}`))));
      leftovers.push(...(await bed.leftovers.list()).map(({ kind, name }) => `${kind} ${name}`));
    });
  }
  await step('end', () => bed.close());
  if (signal.aborted) {
    errors.push('the run was ended before its time');
  }
  return {
    place: bed.name,
    startedAt: startedAt.toISOString(),
    minutes: (Date.now() - startedAt.getTime()) / 60_000,
    versions: { 'cdk-stateful-mcp': version, node: process.versions.node },
    stacks,
    callers: checked,
    questions,
    leftovers,
    errors,
  };

  async function deploy(): Promise<StackReport[]> {
    const needed = neededStacks(chosen, callers);
    const one = async (kind: StackKind): Promise<StackReport> => {
      const { milliseconds, failure } = await bed.deploy(kind, signal);
      say(`  ${STACKS[kind]}: ${failure ?? 'deployed'}`);
      return { stack: STACKS[kind], seconds: milliseconds / 1_000, ...(failure !== undefined && { failure }) };
    };
    if (!bed.rehearsal) {
      return Promise.all(needed.map(one));
    }
    const reports: StackReport[] = [];
    for (const kind of needed) {
      reports.push(await one(kind));
    }
    return reports;
  }
}

/** Stacks that the chosen questions are about. */
export function neededStacks(chosen: ReadonlySet<string>, callers: boolean): StackKind[] {
  const ofQuestions = QUESTIONS.filter(isAsked)
    .filter(({ id }) => chosen.has(id))
    .flatMap(({ asked }) => asked.needs);
  const ofCallers: readonly StackKind[] = callers ? ['core', 'image', 'tokens', 'snapshot'] : [];
  const needed = new Set([...ofQuestions, ...ofCallers]);
  return (Object.keys(STACKS) as StackKind[]).filter(kind => needed.has(kind));
}
