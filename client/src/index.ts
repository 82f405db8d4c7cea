export { connect, type ConnectOptions, type ConnectRequest, type ConnectSettings } from './connect';
export {
  createTransport,
  type CreateTransportOptions,
  type StatefulTransport,
  type TransportOptions,
} from './transport';
export { checkServer, listContract, type CheckServerOptions } from './check-server';
export { stackOutput, type StackLookup, type StackOutput } from './target/stack-output';
export { resolveTarget, type Target, type TargetOptions } from './target/target';
export type { Endpoint, RuntimeEndpoint } from './common/endpoint';
export type { Auth } from './auth/auth';
export { bearer } from './auth/bearer';
export {
  clientCredentials,
  oauth,
  type ClientCredentialsOptions,
  type OAuth,
  type OAuthClientOptions,
  type OAuthOptions,
} from './auth/oauth';
export type { SignInOptions } from './auth/sign-in';
export type { SignInStatus } from './auth/sign-in-status';
export { sigV4, type SigV4Auth, type SigV4Options } from './auth/sigv4';
export { keychainTokenStore } from './storage/keychain';
export { fileTokenStore, memoryTokenStore, type TokenStore } from './storage/token-store';
export type { AwsCredentials } from './common/aws-credentials';
export { StatefulMcpClient, type CallToolOptions, type RequestOptions } from './stateful-mcp-client';
export {
  CLIENT_ERRORS,
  StatefulMcpClientError,
  type StatefulMcpClientErrorCode,
  type StatefulMcpClientErrorDetails,
} from './common/errors';
export type { HandlerContext, Handlers, ToolProgress } from './conversation/handlers';

export type { LostWithSession, SessionRestart } from './session/session-restart';
export type { TraceContext, TraceOption } from './session/trace-context';
export { endKeptSession, type EndKeptSessionOptions } from './end-kept-session';
export { fileSessionStore, type SessionStore, type StoredSession } from './storage/session-store';
export { changeText, contractChanges, findingText, problemWithCheck } from 'stateful-mcp-contract';
export type {
  CheckAnswer,
  CheckConversation,
  CheckDefinition,
  CheckEra,
  CheckFinding,
  CheckLatency,
  CheckProgress,
  CheckReport,
  CheckResult,
  CheckVerdict,
  ContractChange,
  ContractChanges,
  ContractPrompt,
  ContractTool,
  ServerContract,
} from 'stateful-mcp-contract';
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
