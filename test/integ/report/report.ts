import { findingText } from 'stateful-mcp-client';
import type { CheckedCaller } from '../callers/check-callers';
import { redacted } from './redaction';

/** *answered*: an experiment has ended. *broken*: it failed, or took too long. */
export type QuestionStatus = 'answered' | 'broken' | 'cannot be asked here' | 'left out' | 'not asked';

export interface AnsweredQuestion {
  readonly id: string;
  readonly question: string;
  readonly how: string;
  readonly settledBy: string;
  readonly changes: readonly string[];
  readonly status: QuestionStatus;
  /** The answer, or why there is none. */
  readonly answer: string;
  readonly evidence: readonly string[];
  readonly seconds: number;
}

export interface StackReport {
  readonly stack: string;
  readonly seconds: number;
  readonly failure?: string;
}

export interface IntegReport {
  readonly place: string;
  readonly startedAt: string;
  readonly minutes: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly stacks: readonly StackReport[];
  readonly callers: readonly CheckedCaller[];
  readonly questions: readonly AnsweredQuestion[];
  /** What is still there, although the program has removed what it made. */
  readonly leftovers: readonly string[];
  /** What went wrong with the program itself. */
  readonly errors: readonly string[];
}

/** Stacks that AWS may refuse are questions; callers and experiments have to come out as they should. */
export function hasPassed({ callers, questions, leftovers, errors }: IntegReport): boolean {
  return (
    errors.length === 0 &&
    leftovers.length === 0 &&
    callers.every(({ expected }) => expected) &&
    questions.every(({ status }) => status !== 'broken')
  );
}

/** The report for programs. */
export function reportJson(report: IntegReport, secrets: readonly string[]): string {
  // What a check says of its messages is for its own log.
  const callers = report.callers.map(({ report: checked, ...caller }) => ({
    ...caller,
    ...(checked && { report: { ...checked, transcript: undefined, contract: undefined } }),
  }));
  return redacted(`${JSON.stringify({ passed: hasPassed(report), ...report, callers }, null, 2)}\n`, secrets);
}

/** The report for people, as Markdown. */
export function reportText(report: IntegReport, secrets: readonly string[]): string {
  const { place, startedAt, minutes, versions, stacks, callers, questions, leftovers, errors } = report;
  const count = (status: QuestionStatus): number => questions.filter(question => question.status === status).length;
  const text = [
    `# ${hasPassed(report) ? 'Passed' : 'Failed'}: ${place}`,
    `Started ${startedAt}, took ${minutes.toFixed(1)} minutes. ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`,
    `${questions.length} questions: ${count('answered')} answered, ${count('cannot be asked here')} cannot be asked here, ${count('not asked')} not asked, ${count('left out')} left out, ${count('broken')} broken.`,
    ...(errors.length > 0 ? ['## Errors', list(errors)] : []),
    ...(leftovers.length > 0 ? ['## Left behind', list(leftovers)] : []),
    '## Deployed',
    list(stacks.map(({ stack, seconds, failure }) => `${stack}: ${failure ?? 'deployed'} (${seconds.toFixed(0)} s)`)),
    '## Callers',
    ...callers.flatMap(callerParts),
    '## Questions',
    ...questions.flatMap(questionParts),
  ];
  return redacted(`${text.join('\n\n')}\n`, secrets);
}

function questionParts(asked: AnsweredQuestion): string[] {
  const { id, question, how, settledBy, changes, status, answer, evidence, seconds } = asked;
  return [
    `### ${id}`,
    question,
    `**${status}**: ${answer}`,
    list([
      `asked by: ${how}`,
      `settled by: ${settledBy}`,
      `would change: ${changes.map(change => `\`${change}\``).join(', ')}`,
      ...(status === 'answered' || status === 'broken' ? [`took ${seconds.toFixed(1)} s`] : []),
    ]),
    ...(evidence.length > 0 ? [fenced(evidence)] : []),
  ];
}

function callerParts({ caller, report, leftOut, expected }: CheckedCaller): string[] {
  const heading = `### A caller that ${caller}`;
  if (report === undefined) {
    return [heading, `${expected ? 'Left out' : '**Failed**'}: ${leftOut}`];
  }
  const { firstCallMs = '?', warmCallMs = '?' } = report.latency;
  return [
    heading,
    `${expected ? 'As it has to be' : '**Not as it has to be**'}: the verdict is ${report.verdict}; cold ${firstCallMs} ms, warm ${warmCallMs} ms.`,
    list(report.findings.map(findingText)),
  ];
}

function list(lines: readonly string[]): string {
  return lines.map(line => `- ${line.replaceAll(/\s*\n\s*/g, ' ')}`).join('\n');
}

/** No line of an answer may end the block. */
function fenced(lines: readonly string[]): string {
  return ['````text', ...lines.map(line => line.replaceAll('````', '```')), '````'].join('\n');
}
