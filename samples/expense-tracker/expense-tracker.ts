import { McpServer } from '@modelcontextprotocol/server';
import { registerAddExpense } from './add-expense';
import { registerAnalyzeSpending, type SamplingFallback } from './analyze-spending';
import type { ExpenseStore } from './expense-store';
import { registerGenerateReport } from './generate-report';
import { registerRecentExpenses } from './recent-expenses';
import { registerSpendingReview } from './spending-review';

/** The whole server. `fallback` answers in place of a client that has no model. */
export function expenseTracker(store: ExpenseStore, fallback?: SamplingFallback): McpServer {
  const server = new McpServer({ name: 'expense-tracker', version: '0.1.0' });
  registerAddExpense(server, store);
  registerAnalyzeSpending(server, store, fallback);
  registerGenerateReport(server, store);
  registerRecentExpenses(server, store);
  registerSpendingReview(server);
  return server;
}
