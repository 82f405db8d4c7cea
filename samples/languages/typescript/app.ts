import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { McpServerCode, StatefulMcpServer } from 'cdk-stateful-mcp';

const app = new App();
const stack = new Stack(app, 'Expenses');
const table = new TableV2(stack, 'Expenses', {
  partitionKey: { name: 'userAlias', type: AttributeType.STRING },
  sortKey: { name: 'expenseId', type: AttributeType.STRING },
});
const server = new StatefulMcpServer(stack, 'ExpenseTracker', {
  code: McpServerCode.fromTypeScript('samples/expense-tracker/server.ts'),
  idleTimeout: Duration.minutes(15),
  maxLifetime: Duration.hours(8),
  environment: { TABLE_NAME: table.tableName },
});
table.grantReadWriteData(server.role);
new CfnOutput(stack, 'Url', { value: server.url });
app.synth();
