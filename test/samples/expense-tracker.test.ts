import path from 'node:path';
import answers from '../../samples/expense-tracker/answers.json';
import { bundle, closeChildren, removeBundles, startChild } from '../server/child-server';
import {
  CLIENT_KINDS,
  closeClients,
  connectClient,
  textOf,
  type Answer,
  type ClientKind,
  type ConnectOptions,
  type TestClient,
} from '../server/clients';
import { openExpenseTable, type ExpenseTable } from './expense-table';

let server: string;
let table: ExpenseTable;

beforeAll(() => {
  server = bundle(path.join(__dirname, '..', '..', 'samples', 'expense-tracker', 'server.ts'));
});
beforeEach(async () => {
  table = await openExpenseTable();
});

afterEach(async () => {
  await closeClients();
  await closeChildren();
  await table.close();
});
afterAll(removeBundles);

async function connect(
  kind: ClientKind,
  options: ConnectOptions = {},
  environment: Record<string, string> = {},
): Promise<TestClient> {
  const { url } = await startChild(server, { ...table.environment, ...environment });
  return await connectClient(kind, url, options);
}

/** Answers forms from the file that is beside the sample. */
function fromFile(overrides: Record<string, string | number | boolean> = {}) {
  const asked: string[] = [];
  const values: Record<string, string | number | boolean> = { ...answers, ...overrides };
  return {
    asked,
    elicit: ({ message, requestedSchema }: { message: string; requestedSchema?: unknown }): Answer => {
      asked.push(message);
      const names = Object.keys((requestedSchema as { properties: object }).properties);
      return { action: 'accept', content: Object.fromEntries(names.map(name => [name, values[name]!])) };
    },
  };
}

describe.each(CLIENT_KINDS)('%s', kind => {
  test('talks through all three tools', async () => {
    const { asked, elicit } = fromFile();
    const prompts: string[] = [];
    const client = await connect(kind, {
      elicit,
      sample: prompt => {
        prompts.push(prompt);
        return 'Mostly lunch.';
      },
    });

    const added = await client.call('add_expense_interactive');
    expect(added.isError).toBeFalsy();
    expect(asked).toEqual([
      'How much did you spend?',
      'What was it for?',
      'Which category is it?',
      'Record $42.50 for Team lunch (food)?',
    ]);
    const [stored, ...others] = await table.scan();
    expect(stored).toMatchObject({ userAlias: 'me', amountCents: 4250, description: 'Team lunch', category: 'food' });
    expect(others).toEqual([]);
    expect(added.structuredContent).toEqual(stored);
    expect(textOf(added)).toBe(`Recorded $42.50 for Team lunch (food), expense ${stored!.expenseId}.`);

    const analyzed = await client.call('analyze_spending');
    expect(textOf(analyzed)).toBe('Mostly lunch.\n\n(by scripted, from 1 expense)');
    expect(prompts).toEqual([expect.stringContaining('- food: $42.50 in 1 expense') as string]);

    const steps: (string | undefined)[] = [];
    const report = await client.call(
      'generate_report',
      {},
      {
        onprogress: ({ total, message }) => {
          if (total === 6) {
            steps.push(message);
          }
        },
      },
    );
    expect(steps).toEqual([
      'loaded 1 expense',
      'summed up 1 category',
      'summed up 1 month',
      'found the 1 biggest expense',
      'there is no trend yet',
      'wrote the report',
    ]);
    expect(report.structuredContent).toMatchObject({
      totalCents: 4250,
      count: 1,
      byCategory: [{ category: 'food', totalCents: 4250, count: 1 }],
    });
  });

  test('offers its resource and its prompt', async () => {
    await table.put({ description: 'older' }, { description: 'newer' });
    const client = await connect(kind);
    expect(await client.request('resources/list')).toMatchObject({ resources: [{ uri: 'expenses://me/recent' }] });
    expect(await client.readResource('expenses://me/recent')).toMatch(/newer.*older/);
    expect(await client.getPrompt('spending_review', { goal: 'a bicycle' })).toContain('I want to save for a bicycle');
  });
});

test('does not start without a table, and says which variable is missing', async () => {
  await expect(startChild(server)).rejects.toThrow(/ended with code 1:\n`TABLE_NAME` is not set/);
});
