import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import { DEFAULT_USER } from './expense';
import type { ExpenseStore } from './expense-store';

const RECENT = 10;

export function registerRecentExpenses(server: McpServer, store: ExpenseStore): void {
  const template = new ResourceTemplate('expenses://{userAlias}/recent', {
    list: () => ({ resources: [{ uri: `expenses://${DEFAULT_USER}/recent`, name: 'recent-expenses' }] }),
  });
  server.registerResource(
    'recent-expenses',
    template,
    {
      title: 'Recent expenses',
      description: `The last ${RECENT} expenses of a user, newest first.`,
      mimeType: 'application/json',
    },
    async (uri, { userAlias }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify(await store.recent(String(userAlias), RECENT)),
        },
      ],
    }),
  );
}
