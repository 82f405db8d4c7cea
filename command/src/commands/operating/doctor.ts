import { useProfile } from '../../aws/deployment';
import type { DoctorInvocation } from '../../command-line/invocation';
import { EXIT } from '../../common/command-error';
import type { DoctorDocument } from '../../common/json-documents';
import type { Paint } from '../../common/paint';
import { printJson } from '../../common/print-json';
import type { Shutdown } from '../../common/shutdown';
import { printable } from '../../common/printable';
import type { Check } from '../../diagnosis/check';
import { diagnose } from '../../diagnosis/diagnose';
import { terminalOf } from '../../terminal/terminal';

const MARKS: Readonly<Record<Check['status'], readonly [mark: string, colour: Parameters<Paint>[0]]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  skipped: ['-', 'dim'],
};

/** Says of each part of a deployment what was found, what was expected, and how to fix it. */
export async function doctor({ target, profile, json }: DoctorInvocation, shutdown: Shutdown): Promise<number> {
  useProfile({ auth: { by: 'sigv4', profile } });
  const checks = await shutdown.orEnd(diagnose(target));
  const healthy = checks.every(({ status }) => status !== 'failed');
  if (json) {
    printJson<DoctorDocument>({ ...(target && { target: target.address }), healthy, checks });
  } else {
    const { paint } = terminalOf({ stdin: process.stdin, output: process.stdout, env: process.env, yes: true });
    process.stdout.write(`${checks.map(check => checkText(check, paint)).join('\n')}\n\n${verdict(checks)}\n`);
  }
  return healthy ? EXIT.ok : EXIT.failed;
}

function checkText({ id, status, found, expected, fix }: Check, paint: Paint): string {
  const [mark, colour] = MARKS[status];
  const lines = [`${paint(colour, mark)} ${paint('bold', id.padEnd(18))} ${printable(found)}`];
  if (status === 'warning' || status === 'failed') {
    lines.push(paint('dim', `${' '.repeat(21)}expected: ${expected}`));
  }
  if (fix !== undefined) {
    lines.push(`${' '.repeat(21)}fix: ${printable(fix)}`);
  }
  return lines.join('\n');
}

function verdict(checks: readonly Check[]): string {
  const count = (wanted: Check['status']): number => checks.filter(({ status }) => status === wanted).length;
  return `${count('ok')} ok, ${count('warning')} to look at, ${count('failed')} failed, ${count('skipped')} not looked at`;
}
