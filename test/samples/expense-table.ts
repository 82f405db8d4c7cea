// A real table for the sample: an embedded DynamoDB-compatible server, over HTTP.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import type { Expense } from '../../samples/expense-tracker/expense';

export interface ExpenseTable {
  /** What a process of the sample needs to find the table. */
  readonly environment: Record<string, string>;
  scan(): Promise<Expense[]>;
  put(...expenses: Partial<Expense>[]): Promise<void>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

const TABLE_NAME = 'expenses';

export async function openExpenseTable(): Promise<ExpenseTable> {
  const server: Server = dynalite({ createTableMs: 0 });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await client.send(
    new CreateTableCommand({
      TableName: TABLE_NAME,
      KeySchema: [
        { AttributeName: 'userAlias', KeyType: 'HASH' },
        { AttributeName: 'expenseId', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'userAlias', AttributeType: 'S' },
        { AttributeName: 'expenseId', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const documents = DynamoDBDocumentClient.from(client);
  const scan = async (): Promise<Expense[]> =>
    (await documents.send(new ScanCommand({ TableName: TABLE_NAME }))).Items as Expense[];
  return {
    environment: {
      TABLE_NAME,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    scan,
    put: async (...expenses) => {
      for (const [index, expense] of expenses.entries()) {
        const createdAt = expense.createdAt ?? `2026-11-${String(index + 1).padStart(2, '0')}T10:00:00.000Z`;
        const item = {
          userAlias: 'me',
          expenseId: `${createdAt}#${index}`,
          createdAt,
          amountCents: 100,
          description: `expense ${index}`,
          category: 'other',
          ...expense,
        };
        await documents.send(new PutCommand({ TableName: TABLE_NAME, Item: item }));
      }
    },
    clear: async () => {
      for (const { userAlias, expenseId } of await scan()) {
        await documents.send(new DeleteCommand({ TableName: TABLE_NAME, Key: { userAlias, expenseId } }));
      }
    },
    close: async () => {
      client.destroy();
      await new Promise<void>((resolve, reject) => server.close(error => (error ? reject(error) : resolve())));
    },
  };
}
