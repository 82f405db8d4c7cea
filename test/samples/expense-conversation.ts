// The conversation that every expense tracker holds, in whichever language it is written.
import answers from '../../samples/expense-tracker/answers.json';
import { textOf, type Answer, type ConnectOptions, type TestClient } from '../server/clients';
import type { ExpenseTable } from './expense-table';

type Connect = (options?: ConnectOptions) => Promise<TestClient>;

/** Answers forms from the file that is beside the sample. */
function fromFile() {
  const asked: string[] = [];
  const values: Record<string, string | number | boolean> = answers;
  return {
    asked,
    elicit: ({ message, requestedSchema }: { message: string; requestedSchema?: unknown }): Answer => {
      asked.push(message);
      const names = Object.keys((requestedSchema as { properties: object }).properties);
      return { action: 'accept', content: Object.fromEntries(names.map(name => [name, values[name]!])) };
    },
  };
}

export async function talkThroughAllTools(connect: Connect, table: ExpenseTable): Promise<void> {
  const { asked, elicit } = fromFile();
  const prompts: string[] = [];
  const client = await connect({
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
}

export async function readAndPrompt(connect: Connect, table: ExpenseTable): Promise<void> {
  await table.put({ description: 'older' }, { description: 'newer' });
  const client = await connect();
  expect(await client.request('resources/list')).toMatchObject({ resources: [{ uri: 'expenses://me/recent' }] });
  expect(await client.readResource('expenses://me/recent')).toMatch(/newer.*older/);
  expect(await client.getPrompt('spending_review', { goal: 'a bicycle' })).toContain('I want to save for a bicycle');
}
