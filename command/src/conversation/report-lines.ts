import type { CheckFinding, CheckReport, CheckVerdict } from 'stateful-mcp-client';
import type { Paint } from '../common/paint';
import { printable, printableLine } from '../common/printable';
import { durationText } from './text-format';

const MARKS: Readonly<Record<CheckVerdict, readonly [mark: string, colour: 'green' | 'red' | 'yellow']>> = {
  pass: ['✓', 'green'],
  fail: ['✗', 'red'],
  inconclusive: ['?', 'yellow'],
};

/** The report of a check for people: what was looked at, what was wrong with it, and the verdict. */
export function reportLines(
  { verdict, findings, changes, latency, durationMs }: CheckReport,
  { paint, log }: { readonly paint: Paint; readonly log: readonly string[] },
): string[] {
  const width = Math.max(0, ...findings.map(finding => nameOf(finding).length));
  const { firstCallMs, warmCallMs } = latency;
  const times = [
    ...(firstCallMs === undefined ? [] : [`first call ${firstCallMs} ms`]),
    ...(warmCallMs === undefined ? [] : [`warm call ${warmCallMs} ms`]),
  ];
  const count = (one: CheckVerdict): number => findings.filter(finding => finding.verdict === one).length;
  const counts = (['pass', 'fail', 'inconclusive'] as const)
    .filter(one => count(one) > 0)
    .map(one => `${count(one)} ${one}`);
  return [
    ...findings.flatMap(finding => findingLines(finding, width, paint)),
    ...(changes.length === 0 ? [] : ['', 'changes', ...changes.map(change => `  ${printable(change)}`)]),
    ...(log.length === 0 ? [] : ['', 'server log', ...log.map(line => `  ${printable(line)}`)]),
    '',
    ...(times.length === 0 ? [] : [times.join(', ')]),
    `${paint(MARKS[verdict][1], verdict)} (${counts.join(', ')}) in ${durationText(durationMs)}`,
  ];
}

function findingLines(finding: CheckFinding, width: number, paint: Paint): string[] {
  const { verdict, expected = '', got = '', durationMs } = finding;
  const [mark, colour] = MARKS[verdict];
  const took = durationMs === undefined ? '' : `  ${paint('dim', `${durationMs} ms`)}`;
  const name = printableLine(nameOf(finding));
  const line = `${paint(colour, mark)} ${took === '' ? name : name.padEnd(width)}${took}`;
  return verdict === 'pass'
    ? [line]
    : [line, `    expected  ${printable(expected)}`, `    got       ${printable(got)}`];
}

function nameOf({ check, era }: CheckFinding): string {
  return era === undefined ? check : `${check} (${era})`;
}
