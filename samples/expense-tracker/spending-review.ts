import type { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { DEFAULT_USER } from './expense';

export function registerSpendingReview(server: McpServer): void {
  server.registerPrompt(
    'spending_review',
    {
      title: 'Review my spending',
      description: 'Starts a conversation about the recorded expenses.',
      argsSchema: z.object({
        userAlias: z.string().optional().describe('Whose expenses'),
        goal: z.string().optional().describe('What to save for'),
      }),
    },
    ({ userAlias = DEFAULT_USER, goal }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'text',
            text:
              `Call \`generate_report\` for ${userAlias} and go through it with me: what are the largest items, and what has changed?` +
              (goal ? ` I want to save for ${goal}: suggest where.` : ''),
          },
        },
      ],
    }),
  );
}
