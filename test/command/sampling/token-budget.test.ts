import { budgetOf, TokenBudget } from '../../../command/src/sampling/token-budget';

const request = (maxTokens: number): Parameters<TokenBudget['admit']>[0] => ({ messages: [], maxTokens });

test('lets requests have what is left, and refuses the next', () => {
  const budget = new TokenBudget(100);
  expect(budget.admit(request(60)).maxTokens).toBe(60);
  expect(budget.admit(request(60)).maxTokens).toBe(40);
  expect(() => budget.admit(request(1))).toThrow('the 100 tokens of `--max-tokens` are used up');
});

test('there is none unless it was asked for', () => {
  expect(budgetOf(undefined)).toBeUndefined();
});
