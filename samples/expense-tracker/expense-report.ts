import { sumCents, type Category, type Expense } from './expense';

// Each part of the report is a computation of its own over the same expenses.

export interface CategoryTotal {
  readonly category: Category;
  readonly totalCents: number;
  readonly count: number;
}

export interface MonthTotal {
  /** As `2026-11`. */
  readonly month: string;
  readonly totalCents: number;
  readonly count: number;
}

/** The largest total first. */
export function totalsByCategory(expenses: readonly Expense[]): CategoryTotal[] {
  return groups(expenses, ({ category }) => category)
    .map(([category, members]) => ({ category, totalCents: sumCents(members), count: members.length }))
    .sort((left, right) => right.totalCents - left.totalCents);
}

/** The earliest month first. */
export function totalsByMonth(expenses: readonly Expense[]): MonthTotal[] {
  return groups(expenses, ({ createdAt }) => createdAt.slice(0, 7))
    .map(([month, members]) => ({ month, totalCents: sumCents(members), count: members.length }))
    .sort((left, right) => left.month.localeCompare(right.month));
}

export function biggestExpenses(expenses: readonly Expense[], count: number): Expense[] {
  return [...expenses].sort((left, right) => right.amountCents - left.amountCents).slice(0, count);
}

/**
 * How the last month compares to the mean of the months before it, in percent; undefined when there is nothing to
 * compare with.
 */
export function trend(months: readonly MonthTotal[]): number | undefined {
  const [last, ...before] = [...months].reverse();
  if (!last || before.length === 0) {
    return undefined;
  }
  const mean = before.reduce((sum, { totalCents }) => sum + totalCents, 0) / before.length;
  return Math.round(((last.totalCents - mean) / mean) * 1000) / 10;
}

function groups<Key>(expenses: readonly Expense[], keyOf: (expense: Expense) => Key): [Key, Expense[]][] {
  const members = new Map<Key, Expense[]>();
  for (const expense of expenses) {
    members.set(keyOf(expense), [...(members.get(keyOf(expense)) ?? []), expense]);
  }
  return [...members];
}
