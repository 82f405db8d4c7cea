// Serving: on a port, or as a function from Request to Response.
export { serve, type McpListener, type ServeOptions } from './serve';
export { serveStdio, type ServeStdioOptions } from './serve-stdio';
export type { HttpListener, ListenOptions } from './http-listener';
export type { HttpFaceOptions, HttpHandler } from './http-face';
export type { SessionSettingsOptions } from './session-settings';
export { createMcpFetchHandler, type FetchHandlerOptions, type McpFetchHandler, type McpServerFactory } from './fetch-handler';
export type { Log, LogEntry, LogLevel } from './log';

// Tools, prompts and resources that talk to the user, to the client's model, and about their progress.
export {
  interactive, interactivePrompt, interactiveResource,
  type InteractivePromptCallback, type InteractiveResourceCallback, type InteractiveToolCallback, type ResourceRequest,
} from './interactive';
export type { InteractiveOptions } from './converse';
export type { ElicitationAnswer, Interaction, SampleOptions, UrlElicitationAnswer } from './interaction';
export { form, type ElicitationSchema, type ElicitedContent, type FormSchema } from './elicitation-schema';

// Rounds written by hand in the modern era.
export { requestStateOf, type RequestState } from './call-context';
export type { StateProtection } from './request-state';

// Ids that stay unique when many instances are restored from one snapshot.
export { kernelUuid } from './kernel-random';

// Errors.
export { CapabilityNotDeclaredError, ElicitationRefusedError, ServerKitError, type ServerKitErrorCode } from './errors';
