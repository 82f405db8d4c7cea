import { QUESTIONS } from '../questions/index';
import { neededStacks } from '../run';
import { invocationOf, questionList } from './invocation';

const parse = (...args: string[]): ReturnType<typeof invocationOf> => invocationOf(args, QUESTIONS);

test('everything is asked unless questions are named', () => {
  const { mode, chosen, callers, report } = parse('--region', 'us-east-1');
  expect([mode, callers, report]).toEqual(['account', true, 'integ-report.md']);
  expect(chosen.size).toBe(QUESTIONS.length + 1);
});

test('`--only` and `--skip` take ids, and the stacks are those that they need', () => {
  const only = parse('--rehearse', '--only', 'affinity,sigterm', '--only', 'wrong-tokens', '--skip', 'sigterm');
  expect([...only.chosen]).toEqual(['affinity', 'wrong-tokens']);
  expect(only.callers).toBe(false);
  expect(neededStacks(only.chosen, only.callers)).toEqual(['core', 'tokens']);
  expect(neededStacks(parse('--rehearse', '--only', 'contract-page').chosen, false)).toEqual([]);
});

test.each([
  [['--clean'], /`--region` is missing/],
  [[], /`--region` is missing/],
  [['--rehearse', '--only', 'nothing'], /there is no question "nothing"/],
  [['--rehearse', '--minutes', '0'], /`--minutes` is "0"/],
])('%j is refused', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});

test('the list has every question, and says which are not asked', () => {
  const lines = questionList(QUESTIONS).split('\n');
  expect(lines).toHaveLength(QUESTIONS.length);
  expect(lines.find(line => line.startsWith('prices:'))).toMatch(/\(not asked\)$/);
});
