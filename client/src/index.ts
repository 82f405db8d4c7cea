export { connect, type ConnectOptions } from './connect';
export { StatefulMcpClient, type CallToolOptions } from './stateful-mcp-client';
export {
  CLIENT_ERRORS,
  StatefulMcpClientError,
  type StatefulMcpClientErrorCode,
  type StatefulMcpClientErrorDetails,
} from './errors';
export type { HandlerContext, Handlers, ToolProgress } from './handlers';

export type { SessionRestart } from './session-restart';
export type {
  CallToolResult,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  GetPromptResult,
  LoggingMessageNotificationParams,
  Progress,
  Prompt,
  ReadResourceResult,
  Resource,
  Tool,
} from '@modelcontextprotocol/client';
