package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-stateful-mcp/cdk-stateful-mcp-go/cdkstatefulmcp"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Expenses"), nil)
	table := awsdynamodb.NewTableV2(stack, jsii.String("Expenses"), &awsdynamodb.TablePropsV2{
		PartitionKey: &awsdynamodb.Attribute{Name: jsii.String("userAlias"), Type: awsdynamodb.AttributeType_STRING},
		SortKey:      &awsdynamodb.Attribute{Name: jsii.String("expenseId"), Type: awsdynamodb.AttributeType_STRING},
	})
	server := cdkstatefulmcp.NewStatefulMcpServer(stack, jsii.String("ExpenseTracker"), &cdkstatefulmcp.StatefulMcpServerProps{
		Code:        cdkstatefulmcp.McpServerCode_FromTypeScript(jsii.String("samples/expense-tracker/server.ts"), nil),
		IdleTimeout: awscdk.Duration_Minutes(jsii.Number(15)),
		MaxLifetime: awscdk.Duration_Hours(jsii.Number(8)),
		Environment: &map[string]*string{"TABLE_NAME": table.TableName()},
	})
	table.GrantReadWriteData(server.Role())
	awscdk.NewCfnOutput(stack, jsii.String("Url"), &awscdk.CfnOutputProps{Value: server.Url()})
	app.Synth(nil)
}
