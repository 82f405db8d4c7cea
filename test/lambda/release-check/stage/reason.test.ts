import type { CheckFinding } from 'stateful-mcp-contract';
import { reasonOf, type ReasonParts } from '../../../../lambda/release-check/stage/reason';

// The words of a check that was not passed, of which CloudFormation takes 4 KB.

const PASSED: CheckFinding = { check: 'initialize', verdict: 'pass' };
const FAILED: CheckFinding = { check: 'tools', verdict: 'fail', expected: 'tools', got: 'none' };
const OPEN: CheckFinding = { check: 'ping', verdict: 'inconclusive', expected: 'an answer', got: 'status 429' };

function reason(change: Partial<ReasonParts> = {}): string {
  return reasonOf({
    subject: 'version 3',
    findings: [PASSED, FAILED, OPEN],
    log: [],
    live: 'live still serves version 2',
    transcript: 'log group g',
    ...change,
  });
}

test('what failed is told before what was left open', () => {
  expect(reason()).toBe(
    'version 3 failed 1 of 3 checks: tools: expected tools; got none. live still serves version 2. ' +
      'the whole transcript is in log group g',
  );
  expect(reason({ findings: [PASSED, OPEN] })).toBe(
    'version 3 left open 1 of 2 checks: ping: expected an answer; got status 429. live still serves version 2. ' +
      'the whole transcript is in log group g',
  );
});

test("the last lines of the server's log are told, the newest ones where there are many", () => {
  expect(reason({ log: ['first', 'second'] })).toMatch(
    /in log group g\. the last lines of the server's log:\nfirst\nsecond$/,
  );
  const log = Array.from({ length: 20 }, (_, n) => `${n} ${'x'.repeat(97 - String(n).length)}`);
  // Each has 100 bytes with its quotation marks.
  expect(reason({ log }).match(/^\d+(?= x+$)/gm)).toEqual(Array.from({ length: 10 }, (_, n) => String(n + 10)));
});

test('as many findings are told as there is room for, and how many more there are', () => {
  const findings = Array.from({ length: 20 }, (_, n) => ({ ...FAILED, check: `tool ${n}`, got: 'x'.repeat(300) }));
  const text = reason({ findings });
  expect(text).toContain('version 3 failed 20 of 20 checks: tool 0: ');
  expect(text).toContain('; tool 4: ');
  expect(text).not.toContain('; tool 5: ');
  expect(text).toContain('; and 15 more. ');
});

test('a first finding that has no room is cut', () => {
  const text = reason({ findings: [{ ...FAILED, got: '"'.repeat(2_000) }, FAILED] });
  expect(text).toMatch(/checks: tools: expected tools; got "{300,405}; and 1 more\. /);
  expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(1_100);
});
