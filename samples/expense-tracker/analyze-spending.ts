import type { CreateMessageRequestParams, CreateMessageResult, McpServer } from '@modelcontextprotocol/server';
import { CapabilityNotDeclaredError, interactive } from 'stateful-mcp-server';
import * as z from 'zod';
import { countOf, formatCents, userAlias, type Expense } from './expense';
import { totalsByCategory } from './expense-report';
import type { ExpenseStore } from './expense-store';

export type SamplingFallback = (request: CreateMessageRequestParams) => Promise<CreateMessageResult>;

/** How many expenses the model gets to see one by one; it always sees the totals of all. */
const LISTED = 50;

export function registerAnalyzeSpending(server: McpServer, store: ExpenseStore, fallback?: SamplingFallback): void {
  server.registerTool(
    'analyze_spending',
    {
      title: 'Analyze spending',
      description:
        'Has a model look at the recorded expenses: the model of the client, or one on the side of the server.',
      inputSchema: z.object({ userAlias }),
      annotations: { readOnlyHint: true },
    },
    interactive(async ({ userAlias }, io) => {
      const expenses = await store.list(userAlias);
      if (expenses.length === 0) {
        return { content: [{ type: 'text', text: `${userAlias} has no expenses yet.` }] };
      }
      try {
        const { content, model } = await io.sample(analysisRequest(expenses), fallback ? { fallback } : {});
        const analysis = content.type === 'text' ? content.text : `(the model answered with ${content.type})`;
        return { content: [{ type: 'text', text: `${analysis}\n\n(by ${model}, from ${countOf(expenses.length)})` }] };
      } catch (error) {
        if (!(error instanceof CapabilityNotDeclaredError)) {
          throw error;
        }
        const text =
          'There is no model to ask: this client does not offer sampling, and `BEDROCK_MODEL_ID` is not set on the server.';
        return { isError: true, content: [{ type: 'text', text }] };
      }
    }),
  );
}

function analysisRequest(expenses: readonly Expense[]): CreateMessageRequestParams {
  const totals = totalsByCategory(expenses).map(
    ({ category, totalCents, count }) => `- ${category}: ${formatCents(totalCents)} in ${countOf(count)}`,
  );
  const latest = expenses
    .slice(-LISTED)
    .map(
      ({ createdAt, amountCents, category, description }) =>
        `- ${createdAt.slice(0, 10)} ${formatCents(amountCents)} ${category}: ${description}`,
    );
  return {
    systemPrompt:
      'You are a careful personal finance assistant. You rely on the given numbers only, and you are brief.',
    messages: [
      {
        role: 'user',
        content: {
          type: 'text',
          text: [
            'Here is what I spent, by category:',
            ...totals,
            '',
            `My latest ${countOf(latest.length)}:`,
            ...latest,
            '',
            'In at most five sentences: where does most of the money go, what stands out, and what is one thing I could do about it?',
          ].join('\n'),
        },
      },
    ],
    maxTokens: 400,
    temperature: 0.2,
  };
}
