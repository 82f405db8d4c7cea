import path from 'node:path';
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AgentCoreRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { BedrockModelGrants, McpCheck, McpRelease, McpServerCode, StatefulMcpServer } from '../lib';

const SAMPLES = path.join(__dirname, '..', 'samples');

/**
 * The demo: the expense tracker of `samples/expense-tracker` and the table that it stores expenses in.
 *
 * Clients lend it their model. With the context value `bedrockModelId` (`cdk deploy -c bedrockModelId=...`) it also has
 * one of its own on Amazon Bedrock, for clients that have none. With `python` (`-c python=3.13`) the same server in
 * Python stands beside it, on the same table; uv installs its packages.
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
    const environment = { TABLE_NAME: table.tableName, ...(modelId && { BEDROCK_MODEL_ID: modelId }) };
    const description =
      "Records expenses: asks for the details, has spending analyzed by the client's model, reports with progress";
    // Nothing is recorded in its conversations.
    const check = McpCheck.fromFile(path.join(SAMPLES, 'expense-tracker', 'check.json'));
    const release = McpRelease.verified({ check });
    const server = new StatefulMcpServer(this, 'Server', {
      code: McpServerCode.fromTypeScript(path.join(SAMPLES, 'expense-tracker', 'server.ts'), {
        // Most of the bundle is the AWS SDK, of which little is used.
        mainFields: ['module', 'main'],
      }),
      description,
      environment,
      release,
    });
    const servers = [server];
    const python = this.node.tryGetContext('python') as string | undefined;
    if (python) {
      servers.push(
        new StatefulMcpServer(this, 'PythonServer', {
          code: McpServerCode.fromPython(path.join(SAMPLES, 'expense-tracker-python'), {
            interpreter: AgentCoreRuntime.of(`PYTHON_${python.replace('.', '_')}`),
          }),
          description,
          environment,
        }),
      );
    }
    const model = modelId ? BedrockModelGrants.fromModelId(this, modelId) : undefined;
    for (const one of servers) {
      table.grantReadWriteData(one);
      model?.invoke(one);
    }

    new CfnOutput(this, 'Url', { value: server.url });
    new CfnOutput(this, 'RuntimeArn', { value: server.runtime.agentRuntimeArn });
    new CfnOutput(this, 'TableName', { value: table.tableName });
  }
}
