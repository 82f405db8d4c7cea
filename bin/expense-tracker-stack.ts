import path from 'node:path';
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { BedrockModelGrants, McpCheck, McpRelease, McpServerCode, StatefulMcpServer } from '../lib';

const SAMPLE = path.join(__dirname, '..', 'samples', 'expense-tracker');

/**
 * The demo: the expense tracker of `samples/expense-tracker` and the table that it stores expenses in.
 *
 * Clients lend it their model. With the context value `bedrockModelId` (`cdk deploy -c bedrockModelId=...`) it also has
 * one of its own on Amazon Bedrock, for clients that have none.
 */
export class ExpenseTrackerStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const table = new Table(this, 'Expenses', {
      partitionKey: { name: 'userAlias', type: AttributeType.STRING },
      sortKey: { name: 'expenseId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const modelId = this.node.tryGetContext('bedrockModelId') as string | undefined;
    const server = new StatefulMcpServer(this, 'Server', {
      code: McpServerCode.fromTypeScript(path.join(SAMPLE, 'server.ts'), {
        // Most of the bundle is the AWS SDK, of which little is used.
        mainFields: ['module', 'main'],
      }),
      description:
        "Records expenses: asks for the details, has spending analyzed by the client's model, reports with progress",
      environment: { TABLE_NAME: table.tableName, ...(modelId && { BEDROCK_MODEL_ID: modelId }) },
      // Nothing is recorded in these conversations.
      release: McpRelease.verified({ check: McpCheck.fromFile(path.join(SAMPLE, 'check.json')) }),
    });
    table.grantReadWriteData(server);
    if (modelId) {
      BedrockModelGrants.fromModelId(this, modelId).invoke(server);
    }

    new CfnOutput(this, 'Url', { value: server.url });
    new CfnOutput(this, 'RuntimeArn', { value: server.runtime.agentRuntimeArn });
    new CfnOutput(this, 'TableName', { value: table.tableName });
  }
}
