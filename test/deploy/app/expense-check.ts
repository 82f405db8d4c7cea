import { McpCheckAnswer, type McpCheckConversation } from '../../../lib';

const userAlias = 'release-check';

/** A check that asks, stores and reports: each time that it is held, there is one expense more for each era. */
export const EXPENSE_CONVERSATIONS: McpCheckConversation[] = [
  {
    tool: 'add_expense_interactive',
    arguments: { userAlias },
    elicitation: [
      McpCheckAnswer.accept({ amount: 1 }),
      McpCheckAnswer.accept({ description: 'A check' }),
      McpCheckAnswer.accept({ category: 'other' }),
      McpCheckAnswer.accept({ confirm: true }),
    ],
  },
  { tool: 'generate_report', arguments: { userAlias }, progress: { atLeast: 6 }, result: { text: 'A check' } },
];
