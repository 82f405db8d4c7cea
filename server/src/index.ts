// Serving: on a port, or as a function from Request to Response.
export { serve, type McpListener, type ServeOptions } from './serve';
export { serveStdio, type ServeStdioOptions } from './stdio/serve-stdio';
export type { PrincipalOptions } from './common/principal';
export type { HttpListener, ListenOptions } from './http/http-listener';
export type { HttpFaceOptions, HttpHandler } from './http/http-face';
export type { SessionSettingsOptions } from './session/session-settings';
export type { SessionDirectoryOptions } from './session/session-directory';
export { mountedPath } from './session/mounted-path';
export {
  createMcpFetchHandler,
  type FetchHandlerOptions,
  type McpFetchHandler,
  type McpServerFactory,
} from './fetch-handler';
export type { Log, LogEntry, LogLevel } from './common/log';
export type { SelfTest, SelfTestOptions, SelfTestSession } from './warm-up/self-test';

// Tools, prompts and resources that talk to the user, to the client's model, and about their progress.
export {
  interactive,
  interactivePrompt,
  interactiveResource,
  type InteractivePromptCallback,
  type InteractiveResourceCallback,
  type InteractiveToolCallback,
  type ResourceRequest,
} from './interaction/interactive';

export type { InteractiveOptions } from './interaction/converse';
export type { ElicitResult, Interaction, SampleOptions } from './interaction/interaction';
export { form, type ElicitationSchema, type ElicitedContent } from './elicitation/elicitation-schema';

// Rounds written by hand in the modern era.
export { requestStateOf, type RequestState } from './interaction/call-context';
export type { StateProtection } from './request-state/request-state';

// Ids that stay unique when many instances are restored from one snapshot.
export { kernelUuid } from './common/kernel-random';

// Errors.
export {
  CapabilityNotDeclaredError,
  ElicitationRefusedError,
  SERVER_KIT_ERRORS,
  ServerKitError,
  type ServerKitErrorCode,
} from './common/errors';
export { type FormSchema } from './elicitation/form-schema';
