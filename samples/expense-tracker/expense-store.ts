import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateQuery, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Expense } from './expense';

/** The expenses of all users, in one table: partition key `userAlias`, sort key `expenseId`. */
export class ExpenseStore {
  private readonly documents = DynamoDBDocumentClient.from(new DynamoDBClient());

  public constructor(private readonly tableName: string) {}

  /**
   * Stores an expense once: storing the same id again changes nothing, since a client may send the last round of a
   * conversation twice.
   */
  public async add(expense: Expense): Promise<void> {
    try {
      await this.documents.send(
        new PutCommand({
          TableName: this.tableName,
          Item: expense,
          ConditionExpression: 'attribute_not_exists(expenseId)',
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) {
        throw error;
      }
    }
  }

  /** All expenses of a user, oldest first. */
  public async list(userAlias: string): Promise<Expense[]> {
    const expenses: Expense[] = [];
    for await (const { Items = [] } of paginateQuery({ client: this.documents }, this.query(userAlias))) {
      expenses.push(...(Items as Expense[]));
    }
    return expenses;
  }

  /** The last expenses of a user, newest first. */
  public async recent(userAlias: string, limit: number): Promise<Expense[]> {
    const { Items = [] } = await this.documents.send(
      new QueryCommand({ ...this.query(userAlias), ScanIndexForward: false, Limit: limit }),
    );
    return Items as Expense[];
  }

  private query(userAlias: string) {
    return {
      TableName: this.tableName,
      KeyConditionExpression: 'userAlias = :userAlias',
      ExpressionAttributeValues: { ':userAlias': userAlias },
    };
  }
}
