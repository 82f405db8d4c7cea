import { DynamoDBClient, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { runtimeResource, tableResource, writeAssembly } from '../assembly';
import { startAssembly } from './assembly-runtime';

describe('tables', () => {
  const Expenses = tableResource({
    KeySchema: [
      { AttributeName: 'userAlias', KeyType: 'HASH' },
      { AttributeName: 'expenseId', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['userAlias', 'expenseId', 'month'].map(AttributeName => ({
      AttributeName,
      AttributeType: 'S',
    })),
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byMonth',
        KeySchema: [{ AttributeName: 'month', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: 'own',
        KeySchema: [
          { AttributeName: 'userAlias', KeyType: 'HASH' },
          { AttributeName: 'month', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });

  test('have the keys and indexes of the template, and can be read', async () => {
    const runtime = await startAssembly(
      writeAssembly({ Stack: { template: { Resources: { Server: runtimeResource(), Expenses } } } }),
    );
    const [{ name, endpoint } = { name: '', endpoint: '' }] = runtime.tables();
    const client = new DynamoDBClient({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    try {
      const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
      expect(table?.KeySchema).toEqual([
        { AttributeName: 'userAlias', KeyType: 'HASH' },
        { AttributeName: 'expenseId', KeyType: 'RANGE' },
      ]);
      expect(table?.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'byMonth' }]);
      expect(table?.LocalSecondaryIndexes).toMatchObject([
        { IndexName: 'own', Projection: { ProjectionType: 'KEYS_ONLY' } },
      ]);
      const { PutItemCommand } = await import('@aws-sdk/client-dynamodb');
      await client.send(
        new PutItemCommand({
          TableName: name,
          Item: {
            userAlias: { S: 'ana' },
            expenseId: { S: '1' },
            amount: { N: '12.5' },
            tags: { SS: ['a'] },
            paid: { BOOL: true },
          },
        }),
      );
    } finally {
      client.destroy();
    }
    expect(await runtime.scanTable(name)).toEqual([
      { userAlias: 'ana', expenseId: '1', amount: 12.5, tags: new Set(['a']), paid: true },
    ]);
    await expect(runtime.scanTable('expenses')).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_TABLE',
      message: `there is no table named \`expenses\`; the tables are: Stack-Expenses (${endpoint})`,
    });
  });
});
