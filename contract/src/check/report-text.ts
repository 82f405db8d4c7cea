import type { CheckFinding, CheckVerdict } from './check-report';

const LONGEST = 400;

/** Tokens as they stand in headers, and JSON Web Tokens. */
const SECRETS = /\b(bearer|basic)\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/gi;

const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/**
 * The words of somebody else as a report may have them: on one line, without tokens, of at most 400 characters.
 */
export function reportText(text: string): string {
  const plain = text.replace(SECRETS, '(a token)').replace(CONTROL, ' ').replace(/ {2,}/g, ' ').trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
}

/** The worst of the findings: `fail` before `inconclusive` before `pass`. */
export function foldVerdicts(findings: readonly Pick<CheckFinding, 'verdict'>[]): CheckVerdict {
  const found = (verdict: CheckVerdict): boolean => findings.some(finding => finding.verdict === verdict);
  return found('fail') ? 'fail' : found('inconclusive') ? 'inconclusive' : 'pass';
}

/** A finding in one line: what was looked at, and unless it passed, what was expected and what came. */
export function findingText({ check, era, verdict, expected, got }: CheckFinding): string {
  const name = era === undefined ? check : `${check} (${era})`;
  return verdict === 'pass' ? name : `${name}: expected ${expected ?? '(nothing)'}; got ${got ?? '(nothing)'}`;
}
