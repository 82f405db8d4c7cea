// Serving: on a port, or as a function from Request to Response.
export { serve, type McpListener, type ServeOptions } from './serve';
export { createMcpFetchHandler, type FetchHandlerOptions, type McpFetchHandler, type McpServerFactory } from './fetch-handler';
export type { Log, LogEntry, LogLevel } from './log';

// Tools that talk to the user, to the client's model, and about their progress.
export { interactive, type InteractiveOptions, type InteractiveToolCallback } from './interactive';
export type { ElicitationAnswer, Interaction, SampleOptions, UrlElicitationAnswer } from './interaction';
export type { ElicitationSchema, ElicitedContent, FormSchema } from './elicitation-schema';

// Rounds written by hand in the modern era.
export { requestStateOf, type RequestState } from './call-context';

// Ids that stay unique when many instances are restored from one snapshot.
export { kernelUuid } from './kernel-random';

// Errors.
export { CapabilityNotDeclaredError, ElicitationRefusedError, ServerKitError, type ServerKitErrorCode } from './errors';
