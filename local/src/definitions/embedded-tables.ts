import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { optionalDependencies } from '../../package.json';
import { LocalRuntimeError } from '../common/errors';
import type { TableDefinition } from './template-tables';

/** A DynamoDB table in an embedded server. */
export interface TableDescription {
  /** Name the servers know it by. */
  readonly name: string;
  /** Logical id in the template. */
  readonly logicalId: string;
  /** URL of the DynamoDB API that has it; any credentials and any region do. */
  readonly endpoint: string;
}

/**
 * The tables of one Stage in a DynamoDB-compatible server in this process (dynalite), in memory.
 *
 * It knows no transactions and no time to live. Server and SDK are loaded here, and are optional dependencies, so that
 * an app without tables does not pay for them.
 */
export class EmbeddedTables {
  public static async start(): Promise<EmbeddedTables> {
    const [{ default: dynalite }, { DynamoDBClient }] = await Promise.all([
      import('dynalite'),
      import('@aws-sdk/client-dynamodb'),
    ]).catch((error: unknown) => {
      throw notInstalled(error);
    });
    const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
    server.listen({ port: 0, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new DynamoDBClient({
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
    return new EmbeddedTables(endpoint, server, client);
  }

  private readonly definitions: TableDefinition[] = [];

  private constructor(
    public readonly endpoint: string,
    private readonly server: Server,
    private readonly client: DynamoDBClient,
  ) {}

  public describe(): TableDescription[] {
    return this.definitions.map(({ name, logicalId }) => ({ name, logicalId, endpoint: this.endpoint }));
  }

  /**
   * Creates those that do not exist. Gives the names of those that do, and are another than they were.
   *
   * @throws LocalRuntimeError `ERR_TABLE_FAILED`
   */
  public async create(definitions: readonly TableDefinition[]): Promise<string[]> {
    const { CreateTableCommand } = await import('@aws-sdk/client-dynamodb');
    const changed: string[] = [];
    for (const definition of definitions) {
      const { input, logicalId, name } = definition;
      const known = this.definitions.find(existing => existing.name === name);
      if (known) {
        if (!isDeepStrictEqual(known.input, input)) {
          changed.push(name);
        }
        continue;
      }
      try {
        await this.client.send(new CreateTableCommand(input));
      } catch (error) {
        throw new LocalRuntimeError(
          'ERR_TABLE_FAILED',
          `table \`${logicalId}\` (${name}) cannot be created in the embedded DynamoDB server: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      }
      this.definitions.push(definition);
    }
    return changed;
  }

  /** Every item of a table. */
  public async scan(name: string): Promise<Record<string, unknown>[]> {
    const [{ paginateScan }, { unmarshall }] = await Promise.all([
      import('@aws-sdk/client-dynamodb'),
      import('@aws-sdk/util-dynamodb'),
    ]);
    const items: Record<string, unknown>[] = [];
    for await (const page of paginateScan({ client: this.client }, { TableName: name, ConsistentRead: true })) {
      for (const item of page.Items ?? []) {
        items.push(unmarshall(item));
      }
    }
    return items;
  }

  public async close(): Promise<void> {
    this.client.destroy();
    // The event comes before its store is closed, the callback after.
    const closed = new Promise(resolve => {
      this.server.close(resolve);
    });
    this.server.closeAllConnections();
    await closed;
  }
}

/** Says which packages the tables need, where that is what is wrong: `npm install --omit=optional` leaves them out. */
function notInstalled(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') {
    return error;
  }
  const packages = Object.entries(optionalDependencies).map(([name, version]) => `${name}@${version}`);
  return new LocalRuntimeError(
    'ERR_TABLE_FAILED',
    `the app has a DynamoDB table, and what serves tables here is not installed: npm install --save-dev ${packages.join(' ')}`,
    { cause: error },
  );
}
