import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runCheck } from 'stateful-mcp-server/testing';
import { ExpenseStore } from '../../samples/expense-tracker/expense-store';
import { expenseTracker } from '../../samples/expense-tracker/expense-tracker';
import { openExpenseTable } from './expense-table';

const SAMPLE = path.join(__dirname, '../../samples/expense-tracker');
const environment = { ...process.env };

test('the sample does what its check expects, and the check leaves nothing in its table', async () => {
  const table = await openExpenseTable();
  Object.assign(process.env, table.environment);
  try {
    const check: unknown = JSON.parse(readFileSync(path.join(SAMPLE, 'check.json'), 'utf8'));
    const store = new ExpenseStore(table.environment.TABLE_NAME ?? '');
    const findings = await runCheck(() => expenseTracker(store), check);
    expect(findings.filter(({ check: name }) => name.startsWith('conversation'))).toHaveLength(8);
    expect(await table.scan()).toEqual([]);
  } finally {
    process.env = { ...environment };
    await table.close();
  }
});
