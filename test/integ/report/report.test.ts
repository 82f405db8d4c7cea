import { experiment, type OpenQuestion } from '../questions/question';
import { costBound, DOLLARS_A_SESSION_HOUR } from './cost';
import { hasPassed, reportJson, reportText, type IntegReport } from './report';

const account = '123456789012';
const secret = 'machine-secret-of-the-pool';
const arn = `arn:aws:bedrock-agentcore:us-east-1:${account}:runtime/x-0123456789`;
const token = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"ana"}').toString('base64url')}.c2ln`;

const report: IntegReport = {
  place: 'a test',
  startedAt: '2026-11-28T00:00:00.000Z',
  minutes: 1,
  versions: { node: '20.20.2' },
  stacks: [{ stack: 'Core', seconds: 3 }],
  callers: [{ caller: 'nobody is', server: 'sample', leftOut: 'there is none', expected: true }],
  questions: [
    {
      id: 'affinity',
      question: 'Which header?',
      how: 'a request',
      settledBy: 'its process',
      changes: ['settings.affinity'],
      status: 'answered',
      answer: `one of ${arn}`,
      evidence: [
        `POST ${encodeURIComponent(arn)}: Bearer ${token}`,
        `AKIAIOSFODNN7EXAMPLE ${secret} \`\`\`\`\n# no heading`,
      ],
      seconds: 1,
    },
  ],
  leftovers: [],
  errors: [],
};

test.each([
  ['Markdown', reportText],
  ['JSON', reportJson],
])('neither account nor secrets are in the %s', (_form, written) => {
  const text = written(report, [account, secret, '']);
  for (const hidden of [account, secret, token, 'AKIAIOSFODNN7EXAMPLE']) {
    expect(text).not.toContain(hidden);
  }
  expect(text).toContain('arn:aws:bedrock-agentcore:us-east-1:ACCOUNT:runtime/x-0123456789');
});

test('an account is hidden by its place in an ARN, too, where nobody has told it', () => {
  expect(reportText(report, [])).not.toContain(account);
});

test('an answer cannot end the block of its evidence', () => {
  expect(reportText(report, []).match(/^````/gm)).toHaveLength(2);
});

test('each question has its answer, what settles it and what would change', () => {
  const text = reportText(report, []);
  expect(text).toContain('### affinity\n\nWhich header?\n\n**answered**: one of');
  expect(text).toContain('- settled by: its process\n- would change: `settings.affinity`');
  expect(text).toContain('1 questions: 1 answered');
});

test('a broken experiment, an unexpected verdict, an error and a leftover are failures', () => {
  expect(hasPassed(report)).toBe(true);
  const [question] = report.questions;
  const broken = [{ ...(question as IntegReport['questions'][0]), status: 'broken' as const }];
  expect(hasPassed({ ...report, questions: broken })).toBe(false);
  expect(hasPassed({ ...report, callers: report.callers.map(caller => ({ ...caller, expected: false })) })).toBe(false);
  expect(hasPassed({ ...report, errors: ['x'] })).toBe(false);
  expect(hasPassed({ ...report, leftovers: ['stack X'] })).toBe(false);
});

test('the cost is bounded by sessions and limits', () => {
  const asked = experiment(2, 1_740, () => Promise.resolve(''));
  const question: OpenQuestion = { id: 'x', question: '', how: '', settledBy: '', changes: [], asked };
  expect(costBound([question], false)).toEqual({ sessions: 2, dollars: DOLLARS_A_SESSION_HOUR });
});
