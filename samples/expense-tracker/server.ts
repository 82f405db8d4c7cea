// The entry: one server instance for each session or request, all of them on one table.
import { serve } from 'stateful-mcp-server';
import { bedrockSampling } from 'stateful-mcp-server/bedrock';
import { ExpenseStore } from './expense-store';
import { expenseTracker } from './expense-tracker';

const { TABLE_NAME, BEDROCK_MODEL_ID } = process.env;

if (TABLE_NAME) {
  const store = new ExpenseStore(TABLE_NAME);
  const fallback = BEDROCK_MODEL_ID ? bedrockSampling({ modelId: BEDROCK_MODEL_ID }) : undefined;
  void serve(() => expenseTracker(store, fallback));
} else {
  console.error(
    '`TABLE_NAME` is not set: it names the DynamoDB table of the expenses (partition key `userAlias`, sort key `expenseId`, both text)',
  );
  process.exitCode = 1;
}
