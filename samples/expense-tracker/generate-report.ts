import type { McpServer } from '@modelcontextprotocol/server';
import { interactive } from 'stateful-mcp-server';
import * as z from 'zod';
import { CATEGORIES, countOf, formatCents, sumCents, userAlias } from './expense';
import { biggestExpenses, totalsByCategory, totalsByMonth, trend } from './expense-report';
import type { ExpenseStore } from './expense-store';

const TOTAL = { totalCents: z.int(), count: z.int() };
const REPORT = z.object({
  userAlias: z.string(),
  ...TOTAL,
  byCategory: z.array(z.object({ category: z.enum(CATEGORIES), ...TOTAL })),
  byMonth: z.array(z.object({ month: z.string(), ...TOTAL })),
  biggest: z.array(z.object({ expenseId: z.string(), description: z.string(), amountCents: z.int() })),
  trendPercent: z.number().optional(),
});
type Report = z.output<typeof REPORT>;

const STEPS = 6;
const BIGGEST = 5;

export function registerGenerateReport(server: McpServer, store: ExpenseStore): void {
  server.registerTool(
    'generate_report',
    {
      title: 'Generate a report',
      description:
        'Reports on the recorded expenses: totals by category and by month, the biggest expenses, and the trend.',
      inputSchema: z.object({ userAlias }),
      outputSchema: REPORT,
      annotations: { readOnlyHint: true },
    },
    interactive(async ({ userAlias }, io) => {
      const expenses = await store.list(userAlias);
      await io.progress(1, STEPS, `loaded ${countOf(expenses.length)}`);
      const byCategory = totalsByCategory(expenses);
      await io.progress(2, STEPS, `summed up ${countOf(byCategory.length, 'category', 'categories')}`);
      const byMonth = totalsByMonth(expenses);
      await io.progress(3, STEPS, `summed up ${countOf(byMonth.length, 'month')}`);
      const biggest = biggestExpenses(expenses, BIGGEST).map(({ expenseId, description, amountCents }) => ({
        expenseId,
        description,
        amountCents,
      }));
      await io.progress(4, STEPS, `found the ${countOf(biggest.length, 'biggest expense')}`);
      const trendPercent = trend(byMonth);
      await io.progress(5, STEPS, trendPercent === undefined ? 'there is no trend yet' : 'compared the last month');
      const report: Report = {
        userAlias,
        totalCents: sumCents(expenses),
        count: expenses.length,
        byCategory,
        byMonth,
        biggest,
        ...(trendPercent !== undefined && { trendPercent }),
      };
      const text = write(report);
      await io.progress(STEPS, STEPS, 'wrote the report');
      return { content: [{ type: 'text', text }], structuredContent: report };
    }),
  );
}

function write({ userAlias, totalCents, count, byCategory, byMonth, biggest, trendPercent }: Report): string {
  return [
    `Expenses of ${userAlias}: ${formatCents(totalCents)} in ${countOf(count)}`,
    ...section(
      'By category',
      byCategory.map(entry => `${entry.category}: ${formatCents(entry.totalCents)} (${entry.count})`),
    ),
    ...section(
      'By month',
      byMonth.map(entry => `${entry.month}: ${formatCents(entry.totalCents)} (${entry.count})`),
    ),
    ...section(
      'Biggest',
      biggest.map(entry => `${formatCents(entry.amountCents)} ${entry.description}`),
    ),
    ...(trendPercent === undefined
      ? []
      : ['', `Last month against the mean of the months before: ${trendPercent > 0 ? '+' : ''}${trendPercent} %`]),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map(line => `  ${line}`)];
}
