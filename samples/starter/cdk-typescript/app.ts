import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { McpServerCode, StatefulMcpServer } from 'cdk-stateful-mcp';

const stack = new Stack(new App(), 'TableBooking');
const server = new StatefulMcpServer(stack, 'Server', {
  code: McpServerCode.fromTypeScript('server/main.ts'),
});
new CfnOutput(stack, 'Url', { value: server.url });
