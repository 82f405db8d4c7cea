import path from 'node:path';
import { bundle, closeChildren, removeBundles, startChild } from '../server/child-server';
import {
  CLIENT_KINDS,
  closeClients,
  connectClient,
  type ClientKind,
  type ConnectOptions,
  type TestClient,
} from '../server/clients';
import { readAndPrompt, talkThroughAllTools } from './expense-conversation';
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

async function connect(kind: ClientKind, options: ConnectOptions = {}): Promise<TestClient> {
  const { url } = await startChild(server, table.environment);
  return await connectClient(kind, url, options);
}

describe.each(CLIENT_KINDS)('%s', kind => {
  test('talks through all three tools', async () => {
    await talkThroughAllTools(options => connect(kind, options), table);
  });

  test('offers its resource and its prompt', async () => {
    await readAndPrompt(() => connect(kind), table);
  });
});

test('does not start without a table, and says which variable is missing', async () => {
  await expect(startChild(server)).rejects.toThrow(/ended with code 1:\n`TABLE_NAME` is not set/);
});
