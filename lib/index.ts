export { McpAuth } from './mcp-auth';
export { McpServerCode, type TypeScriptCodeOptions } from './mcp-server-code';
export { Packaging } from './packaging';
export { StatefulMcpServer, type StatefulMcpServerProps } from './stateful-mcp-server';
export { StatefulMcpServerGrants } from './stateful-mcp-server-grants';
export { StatefulMcpServerMetrics } from './stateful-mcp-server-metrics';
