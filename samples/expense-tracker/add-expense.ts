import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { ElicitationRefusedError, interactive, kernelUuid } from 'stateful-mcp-server';
import * as z from 'zod';
import { CATEGORIES, formatCents, toCents, userAlias, type Expense } from './expense';
import type { ExpenseStore } from './expense-store';

const AMOUNT = z.object({
  amount: z.number().positive().max(1_000_000).multipleOf(0.01).describe('In dollars, for example 12.50'),
});
const DESCRIPTION = z.object({ description: z.string().min(1).max(200).describe('What it was for') });
const CATEGORY = z.object({ category: z.enum(CATEGORIES).describe('What kind of expense it is') });
const CONFIRMATION = z.object({ confirm: z.boolean().describe('Whether to record it') });

export function registerAddExpense(server: McpServer, store: ExpenseStore): void {
  server.registerTool(
    'add_expense_interactive',
    {
      title: 'Add an expense',
      description: 'Records an expense. Asks the user for the amount, a description, the category, and a confirmation.',
      inputSchema: z.object({ userAlias }),
    },
    interactive(async ({ userAlias }, io) => {
      // First of all, so that every round of the conversation is about the same expense, however often the last one is
      // sent.
      const { expenseId, createdAt } = await io.once(newExpense);
      try {
        const { amount } = await io.elicitContent('How much did you spend?', AMOUNT);
        const { description } = await io.elicitContent('What was it for?', DESCRIPTION);
        const { category } = await io.elicitContent('Which category is it?', CATEGORY);
        const expense: Expense = {
          userAlias,
          expenseId,
          createdAt,
          amountCents: toCents(amount),
          description,
          category,
        };
        const { confirm } = await io.elicitContent(
          `Record ${formatCents(expense.amountCents)} for ${description} (${category})?`,
          CONFIRMATION,
        );
        if (!confirm) {
          return said('Nothing was recorded: the expense was not confirmed.');
        }
        await store.add(expense);
        return {
          ...said(
            `Recorded ${formatCents(expense.amountCents)} for ${description} (${category}), expense ${expenseId}.`,
          ),
          structuredContent: { ...expense },
        };
      } catch (error) {
        if (error instanceof ElicitationRefusedError) {
          return said(`Nothing was recorded: ${error.message}`);
        }
        throw error;
      }
    }),
  );
}

function newExpense(): Pick<Expense, 'expenseId' | 'createdAt'> {
  const createdAt = new Date().toISOString();
  return { expenseId: `${createdAt}#${kernelUuid()}`, createdAt };
}

function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}
