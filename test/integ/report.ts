import { findingText } from 'stateful-mcp-client';
import type { CheckedCaller } from './callers';

export interface AnsweredQuestion {
  readonly question: string;
  readonly answer: readonly string[];
}

export interface IntegReport {
  readonly place: string;
  readonly startedAt: Date;
  readonly minutes: number;
  readonly callers: readonly CheckedCaller[];
  readonly questions: readonly AnsweredQuestion[];
  /** What went wrong with the program or the deployment. */
  readonly errors: readonly string[];
}

export function hasPassed({ callers, errors }: IntegReport): boolean {
  return errors.length === 0 && callers.every(({ expected }) => expected);
}

export function reportText(report: IntegReport): string {
  const { place, startedAt, minutes, callers, questions, errors } = report;
  const list = (lines: readonly string[]): string => lines.map(line => `- ${line}`).join('\n');
  return [
    `# ${hasPassed(report) ? 'Passed' : 'Failed'}: ${place}`,
    `Started ${startedAt.toISOString()}, took ${minutes.toFixed(1)} minutes.`,
    ...(errors.length > 0 ? ['## Errors', list(errors)] : []),
    '## Callers',
    ...callers.flatMap(caller => callerParts(caller, list)),
    '## Questions',
    ...questions.flatMap(({ question, answer }, index) => [`### ${index + 1}. ${question}`, list(answer)]),
    '',
  ].join('\n\n');
}

function callerParts(
  { caller, report, expected }: CheckedCaller,
  list: (lines: readonly string[]) => string,
): string[] {
  if (report === undefined) {
    return [`### A caller that ${caller}`, 'Left out: there is none here.'];
  }
  const { firstCallMs = '?', warmCallMs = '?' } = report.latency;
  return [
    `### A caller that ${caller}`,
    `${expected ? 'As it has to be' : '**Not as it has to be**'}: the verdict is ${report.verdict}; cold ${firstCallMs} ms, warm ${warmCallMs} ms.`,
    list(report.findings.map(findingText)),
  ];
}
