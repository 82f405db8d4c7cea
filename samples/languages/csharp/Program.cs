using System.Collections.Generic;
using Amazon.CDK;
using Amazon.CDK.AWS.DynamoDB;
using CdkStatefulMcp;
using Attribute = Amazon.CDK.AWS.DynamoDB.Attribute;

var app = new App();
var stack = new Stack(app, "Expenses");
var table = new TableV2(stack, "Expenses", new TablePropsV2
{
    PartitionKey = new Attribute { Name = "userAlias", Type = AttributeType.STRING },
    SortKey = new Attribute { Name = "expenseId", Type = AttributeType.STRING },
});
var server = new StatefulMcpServer(stack, "ExpenseTracker", new StatefulMcpServerProps
{
    Code = McpServerCode.FromTypeScript("samples/expense-tracker/server.ts"),
    IdleTimeout = Duration.Minutes(15),
    MaxLifetime = Duration.Hours(8),
    Environment = new Dictionary<string, string> { ["TABLE_NAME"] = table.TableName },
});
table.GrantReadWriteData(server.Role);
_ = new CfnOutput(stack, "Url", new CfnOutputProps { Value = server.Url });
app.Synth();
