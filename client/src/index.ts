export { connect, type ConnectOptions } from './connect';
export { StatefulMcpClient, type CallToolOptions } from './stateful-mcp-client';
export {
  CLIENT_ERRORS,
  StatefulMcpClientError,
  type StatefulMcpClientErrorCode,
  type StatefulMcpClientErrorDetails,
} from './common/errors';
export type { HandlerContext, Handlers, ToolProgress } from './conversation/handlers';

export type { SessionRestart } from './session/session-restart';
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
