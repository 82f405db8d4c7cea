export * from './stateful-mcp-app';
