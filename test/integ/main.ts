// `npm run integ -- --region REGION`: an hour on AWS. Deploys the sample and a probe, holds the check of a release as every
// kind of caller, asks what the documentation leaves open, writes a report, and removes everything, whatever happened.
// `npm run integ -- --rehearse` does the same in the local runtime, in a minute, without an account.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkCallers, type CheckedCaller } from './callers';
import { Account, Rehearsal, type Place } from './places';
import { QUESTIONS } from './questions';
import { RawServer } from './raw-server';
import { hasPassed, reportText, type AnsweredQuestion, type IntegReport } from './report';

const OPTIONS = {
  region: { type: 'string' },
  rehearse: { type: 'boolean', default: false },
  report: { type: 'string', default: 'integ-report.md' },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const region = values.region;
  if (!values.rehearse && region === undefined) {
    throw new Error('`--region` is missing: name the region to deploy to, or say `--rehearse`');
  }
  const place = values.rehearse ? new Rehearsal() : new Account(region ?? '');
  console.log(`runs in ${place.name}`);
  const report = await integ(place);
  writeFileSync(values.report, reportText(report));
  console.log(`${hasPassed(report) ? 'passed' : 'failed'}: ${path.resolve(values.report)}`);
  process.exitCode = hasPassed(report) ? 0 : 1;
}

async function integ(place: Place): Promise<IntegReport> {
  const startedAt = new Date();
  const callers: CheckedCaller[] = [];
  const questions: AnsweredQuestion[] = [];
  const errors: string[] = [];
  const step = async (name: string, action: () => Promise<void>): Promise<void> => {
    console.log(name);
    await action().catch((error: unknown) => {
      errors.push(`${name}: ${String(error)}`);
      console.error(errors.at(-1));
    });
  };
  // What was begun is removed, also when somebody ends the program.
  let removing: Promise<void> | undefined;
  const remove = (): Promise<void> => (removing ??= step('remove everything', () => place.remove()));
  const onSignal = (): void => void remove().finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);

  await step('deploy', () => place.deploy());
  if (errors.length === 0) {
    await step('check as every kind of caller', async () => void callers.push(...(await checkCallers(place))));
    await step('ask what is open', async () => void questions.push(...(await answers(place))));
  }
  await remove();
  process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  const minutes = (Date.now() - startedAt.getTime()) / 60_000;
  return { place: place.name, startedAt, minutes, callers, questions, errors };
}

async function answers(place: Place): Promise<AnsweredQuestion[]> {
  const probe = await place.server('probe');
  if (probe === undefined) {
    throw new Error('there is no probe server');
  }
  const server = await RawServer.of(probe);
  const answered: AnsweredQuestion[] = [];
  for (const asked of QUESTIONS) {
    const { question } = asked;
    console.log(`  ${question}`);
    // A question that breaks is answered by how it broke.
    const answer = await asked.ask(server, place).catch((error: unknown) => [`nothing, because of ${String(error)}`]);
    answered.push({ question, answer });
  }
  return answered;
}

main().catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
