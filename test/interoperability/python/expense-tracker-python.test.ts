import path from 'node:path';
import { CLIENT_KINDS, closeClients, connectClient, textOf, type Answer } from '../../server/clients';
import { readAndPrompt, talkThroughAllTools } from '../../samples/expense-conversation';
import { openExpenseTable, type ExpenseTable } from '../../samples/expense-table';
import { BOTO3, KIT, pythonEnvironment } from './python-environment';
import { closePythonServers, startPython } from './python-server';

const ENTRY = path.join(__dirname, '..', '..', '..', 'samples', 'expense-tracker-python', 'main.py');

const program = pythonEnvironment(KIT, BOTO3);

let table: ExpenseTable;
let url: string;
beforeAll(async () => {
  table = await openExpenseTable();
  ({ url } = await startPython(program('python'), [ENTRY], table.environment));
});
afterEach(async () => {
  await closeClients();
  await table.clear();
});
afterAll(async () => {
  await closePythonServers();
  await table.close();
});

test.each(CLIENT_KINDS)(
  '%s: the expense tracker on FastMCP holds the conversation of the one in TypeScript',
  async kind => {
    await talkThroughAllTools(options => connectClient(kind, url, options), table);
    await readAndPrompt(() => connectClient(kind, url), table);
  },
);

test.each(CLIENT_KINDS)('%s: a refusal is an answer, and nothing is recorded', async kind => {
  const answers: Answer[] = [
    { action: 'accept', content: { amount: 1.1 } },
    { action: 'decline' },
    { action: 'cancel' },
  ];
  const client = await connectClient(kind, url, { elicit: () => answers.shift()! });
  const declined = await client.call('add_expense_interactive');
  expect([declined.isError ?? false, textOf(declined)]).toEqual([
    false,
    'Nothing was recorded: the user declined "What was it for?"',
  ]);
  expect(textOf(await client.call('add_expense_interactive'))).toBe(
    'Nothing was recorded: the user cancelled "How much did you spend?"',
  );
  expect(await table.scan()).toEqual([]);
});

test.each(CLIENT_KINDS)('%s: a client without a model is told so', async kind => {
  await table.put({});
  const result = await (await connectClient(kind, url)).call('analyze_spending');
  expect({ isError: result.isError, text: textOf(result) }).toEqual({
    isError: true,
    text: expect.stringContaining('`BEDROCK_MODEL_ID` is not set') as string,
  });
});

test('does not start without a table, and says which variable is missing', async () => {
  await expect(startPython(program('python'), [ENTRY])).rejects.toThrow(/ended with code 1:\n`TABLE_NAME` is not set/);
});
