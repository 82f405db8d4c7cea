import aws_cdk as cdk
from cdk_stateful_mcp import McpServerCode, StatefulMcpServer

app = cdk.App()
stack = cdk.Stack(app, "TableBooking")
server = StatefulMcpServer(stack, "Server", code=McpServerCode.from_type_script("server/main.ts"))
cdk.CfnOutput(stack, "Url", value=server.url)
app.synth()
