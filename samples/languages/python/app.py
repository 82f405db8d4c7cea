from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk.aws_dynamodb import Attribute, AttributeType, TableV2
from cdk_stateful_mcp import McpServerCode, StatefulMcpServer

app = App()
stack = Stack(app, "Expenses")
table = TableV2(
    stack,
    "Expenses",
    partition_key=Attribute(name="userAlias", type=AttributeType.STRING),
    sort_key=Attribute(name="expenseId", type=AttributeType.STRING),
)
server = StatefulMcpServer(
    stack,
    "ExpenseTracker",
    code=McpServerCode.from_type_script("samples/expense-tracker/server.ts"),
    idle_timeout=Duration.minutes(15),
    max_lifetime=Duration.hours(8),
    environment={"TABLE_NAME": table.table_name},
)
table.grant_read_write_data(server.role)
CfnOutput(stack, "Url", value=server.url)
app.synth()
