// `npm run integ -- --region REGION`: an hour on AWS. Deploys the sample and probes, holds the check of a release as every
// kind of caller, asks what the documentation leaves open, writes a report, and removes everything, whatever happened.
// `npm run integ -- --rehearse` does the same on this machine, without an account.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { STACKS } from './app/names';
import { Account } from './bed/account';
import type { Bed } from './bed/bed';
import { LocalCloud } from './bed/local-cloud';
import { invocationOf, questionList, type Invocation } from './command-line/invocation';
import { QUESTIONS } from './questions/index';
import { costBound } from './report/cost';
import { hasPassed, reportJson, reportText } from './report/report';
import { neededStacks, run } from './run';

const INTERRUPTED = 130;

async function main(): Promise<void> {
  const invocation = invocationOf(process.argv.slice(2), QUESTIONS);
  if (invocation.mode === 'list') {
    console.log(questionList(QUESTIONS));
    return;
  }
  const stamp = new Date().toISOString();
  if (invocation.mode === 'rehearsal') {
    await held(new LocalCloud(stamp), invocation);
    return;
  }
  const account = new Account(stamp, invocation.region ?? '', invocation.person);
  console.log(`Account ${await account.identity()}, Region ${invocation.region}`);
  if (invocation.mode === 'clean') {
    await clean(account, invocation);
    return;
  }
  const left = await account.leftovers.list();
  if (left.length > 0) {
    throw new Error(`${left.map(({ name }) => name).join(', ')} is there already: remove it by \`--clean\` first`);
  }
  sayWhatComes(invocation);
  await confirmed('Make all this there?', invocation);
  await held(account, invocation);
}

async function held(bed: Bed, invocation: Invocation): Promise<void> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      console.error('ended at once: `--clean` removes what is left');
      process.exit(INTERRUPTED);
    }
    console.error('ending: what was made is removed first; once more ends at once');
    controller.abort(new Error('the program was ended'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const { chosen, callers, minutes } = invocation;
  const say = (line: string): void => console.log(line);
  const report = await run(bed, { chosen, callers, minutes, signal: controller.signal, say });
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  const json = invocation.report.replace(/(\.md)?$/, '.json');
  mkdirSync(path.dirname(path.resolve(invocation.report)), { recursive: true });
  writeFileSync(invocation.report, reportText(report, bed.secrets));
  writeFileSync(json, reportJson(report, bed.secrets));
  console.log(
    `${hasPassed(report) ? 'passed' : 'failed'}: ${path.resolve(invocation.report)} and ${path.basename(json)}`,
  );
  process.exitCode = controller.signal.aborted ? INTERRUPTED : hasPassed(report) ? 0 : 1;
}

async function clean(account: Account, invocation: Invocation): Promise<void> {
  const left = await account.leftovers.list();
  if (left.length === 0) {
    console.log('nothing is left');
    return;
  }
  console.log(left.map(({ kind, name }) => `${kind} ${name}`).join('\n'));
  await confirmed('Remove all this?', invocation);
  const problems = await account.leftovers.remove(line => console.log(line));
  if (problems.length > 0) {
    throw new Error(problems.join('\n'));
  }
}

function sayWhatComes({ chosen, callers, minutes }: Invocation): void {
  const questions = QUESTIONS.filter(({ id }) => chosen.has(id));
  const { sessions, dollars } = costBound(questions, callers);
  console.log(
    `Stacks: ${neededStacks(chosen, callers)
      .map(kind => STACKS[kind])
      .join(', ')}`,
  );
  console.log(
    `At most ${sessions} sessions of AgentCore Runtime, ${dollars.toFixed(2)} dollars if each used all it may.`,
  );
  console.log(`About ${minutes} minutes; everything is removed at the end, also after Ctrl-C.`);
}

/** @throws Error unless a person or `--yes` says so */
async function confirmed(question: string, { yes }: Invocation): Promise<void> {
  if (yes) {
    return;
  }
  if (!process.stdin.isTTY) {
    throw new Error('nobody is there to say yes: say `--yes`');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [yes/no] `);
  terminal.close();
  if (answer.trim() !== 'yes') {
    throw new Error('nothing was done');
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
