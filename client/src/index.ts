export { connect, type ConnectOptions, type ConnectRequest, type ConnectSettings } from './connect';
export {
  createTransport,
  type CreateTransportOptions,
  type StatefulTransport,
  type TransportOptions,
} from './transport';
export { resolveTarget, type Target, type TargetOptions } from './target/target';
export type { Endpoint, RuntimeEndpoint } from './common/endpoint';
export type { Auth } from './auth/auth';
export { bearer } from './auth/bearer';
export { sigV4, type SigV4Auth, type SigV4Options } from './auth/sigv4';
export type { AwsCredentials } from './common/aws-credentials';
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
