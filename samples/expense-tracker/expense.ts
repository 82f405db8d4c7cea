import * as z from 'zod';

export const CATEGORIES = ['food', 'transport', 'housing', 'entertainment', 'health', 'other'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Amounts are whole cents everywhere inside: sums of fractions drift. */
export interface Expense {
  readonly userAlias: string;
  /** Begins with the time, so that sorting by it sorts by time. */
  readonly expenseId: string;
  readonly createdAt: string;
  readonly amountCents: number;
  readonly description: string;
  readonly category: Category;
}

export const DEFAULT_USER = 'me';

/** The argument that all tools share. */
export const userAlias = z.string().trim().min(1).max(64).default(DEFAULT_USER).describe('Whose expenses');

export function toCents(amount: number): number {
  return Math.round(amount * 100);
}

export function formatCents(cents: number): string {
  return `$${(cents / 100).toFixed(2)}`;
}

export function sumCents(expenses: readonly Pick<Expense, 'amountCents'>[]): number {
  return expenses.reduce((sum, { amountCents }) => sum + amountCents, 0);
}

export function countOf(count: number, one = 'expense', many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
