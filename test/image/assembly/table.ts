import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { onEnd } from './disposal';

/** The environment of an expense tracker whose table is in this process. */
export async function startTable(): Promise<Record<string, string>> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dynamo = new DynamoDBClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'expenses',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'userAlias', KeyType: 'HASH' },
        { AttributeName: 'expenseId', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'userAlias', AttributeType: 'S' },
        { AttributeName: 'expenseId', AttributeType: 'S' },
      ],
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 10, minDelay: 1 }, { TableName: 'expenses' });
  dynamo.destroy();
  return {
    TABLE_NAME: 'expenses',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}
