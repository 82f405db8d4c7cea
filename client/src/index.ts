export { connect, type ConnectOptions } from './connect';
export { StatefulMcpClient, type CallToolOptions } from './stateful-mcp-client';
export {
  CLIENT_ERRORS,
  StatefulMcpClientError,
  type StatefulMcpClientErrorCode,
  type StatefulMcpClientErrorDetails,
} from './errors';
export type {
  ElicitationAnswer,
  ElicitationRequest,
  HandlerContext,
  Handlers,
  LogEntry,
  SamplingAnswer,
  SamplingRequest,
  ToolProgress,
  UrlElicitationAnswer,
  UrlElicitationRequest,
} from './handlers';

export type { SessionRestart } from './session-restart';
export type {
  CallToolResult,
  GetPromptResult,
  Progress,
  Prompt,
  ReadResourceResult,
  Resource,
  Tool,
} from '@modelcontextprotocol/client';
