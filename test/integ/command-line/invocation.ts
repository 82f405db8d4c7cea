import { parseArgs } from 'node:util';
import { isAsked, type OpenQuestion } from '../questions/question';

export const USAGE = `npm run integ -- --region REGION    an hour on AWS
npm run integ -- --rehearse         the same on this machine
npm run integ -- --clean --region REGION   removes what a run has left
npm run integ -- --list             the questions

--only ID,…    these questions alone; \`callers\` is the check by every kind of caller
--skip ID,…    without these
--person       somebody is at a browser to sign in
--report FILE  integ-report.md when left out; the JSON is beside it
--minutes N    no question is begun that could end later, 60 when left out
--yes          region and account are right: do not ask`;

const OPTIONS = {
  region: { type: 'string' },
  rehearse: { type: 'boolean', default: false },
  clean: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true },
  skip: { type: 'string', multiple: true },
  person: { type: 'boolean', default: false },
  report: { type: 'string', default: 'integ-report.md' },
  minutes: { type: 'string', default: '60' },
  yes: { type: 'boolean', default: false },
} as const;

/** The check by every kind of caller, among the ids of questions. */
export const CALLERS = 'callers';

export interface Invocation {
  readonly mode: 'account' | 'rehearsal' | 'clean' | 'list';
  /** `undefined` for a rehearsal and a list. */
  readonly region: string | undefined;
  readonly callers: boolean;
  /** Ids of the questions to ask. */
  readonly chosen: ReadonlySet<string>;
  readonly person: boolean;
  readonly report: string;
  readonly minutes: number;
  readonly yes: boolean;
}

/** @throws Error where the arguments are not right, with what is */
export function invocationOf(args: readonly string[], questions: readonly OpenQuestion[]): Invocation {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const mode = values.list ? 'list' : values.rehearse ? 'rehearsal' : values.clean ? 'clean' : 'account';
  if (values.region === undefined && (mode === 'account' || mode === 'clean')) {
    throw new Error(`\`--region\` is missing: name the Region to deploy to, or say \`--rehearse\`\n\n${USAGE}`);
  }
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) {
    throw new Error(`\`--minutes\` is "${values.minutes}": a number above 0 is allowed`);
  }
  const known = [CALLERS, ...questions.map(({ id }) => id)];
  const ids = (texts: readonly string[] = []): string[] => texts.flatMap(text => text.split(',')).filter(Boolean);
  const [only, skip] = [ids(values.only), ids(values.skip)];
  for (const id of [...only, ...skip]) {
    if (!known.includes(id)) {
      throw new Error(`there is no question "${id}": \`npm run integ -- --list\` lists them`);
    }
  }
  const chosen = new Set(known.filter(id => (only.length === 0 || only.includes(id)) && !skip.includes(id)));
  const { region, person, report, yes } = values;
  return { mode, region, callers: chosen.has(CALLERS), chosen, person, report, minutes, yes };
}

/** Each question in a line. */
export function questionList(questions: readonly OpenQuestion[]): string {
  return questions
    .map(question => `${question.id}: ${question.question}${isAsked(question) ? '' : ' (not asked)'}`)
    .join('\n');
}
