import path from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { McpAlarms, McpAuth, McpDashboard, McpServerCode, StatefulMcpServer, TransactionSearch } from '../../lib';

/**
 * All that a server for users needs: sign-in by Cognito, logs, traces, a dashboard, alarms, and a check of each new
 * version before users get it. `by-hand` has what it takes without these constructs.
 */
export class FullyEquippedStack extends Stack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const table = Table.fromTableName(this, 'Expenses', 'expenses');
    const server = new StatefulMcpServer(this, 'Server', {
      code: McpServerCode.fromTypeScript(path.join(__dirname, '../expense-tracker/server.ts')),
      environment: { TABLE_NAME: table.tableName },
      auth: McpAuth.cognito({ machineClient: true }),
      alarms: McpAlarms.standard({ topic: new Topic(this, 'Alerts', { enforceSSL: true }) }),
    });
    table.grantReadWriteData(server);
    new TransactionSearch(this, 'TransactionSearch');
    new McpDashboard(this, 'Dashboard', { servers: [server] });
  }
}
