import {
  fromJsonSchema,
  type Client,
  type ClientCapabilities,
  type CreateMessageRequestParams,
  type CreateMessageResult,
  type ElicitRequestFormParams,
  type ElicitRequestURLParams,
  type JsonSchemaType,
  type LoggingMessageNotificationParams,
  type Progress,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from './errors';

/** A question of the server to the user: a message and a flat JSON Schema of the answer. */
export type ElicitationRequest = ElicitRequestFormParams;

/**
 * What the user did with the question: answered it, declined it, or walked away from it.
 * Properties of `content` that are left out get the default of the schema, where it has one.
 */
export type ElicitationAnswer =
  | { action: 'accept'; content: Record<string, string | number | boolean | string[]> }
  | { action: 'decline' }
  | { action: 'cancel' };

/** A page that the user is asked to visit: the way for anything secret, which must not pass through a form. */
export type UrlElicitationRequest = ElicitRequestURLParams;

/** Whether the user agrees to visit the page. What they do there the server learns from the page. */
export type UrlElicitationAnswer = { action: 'accept' | 'decline' | 'cancel' };

/** Messages for the client's model, and how it should answer. */
export type SamplingRequest = CreateMessageRequestParams;

/** What the model said. */
export type SamplingAnswer = CreateMessageResult;

/** A line of the server's log. */
export type LogEntry = LoggingMessageNotificationParams;

/** Progress of a tool call, as the server reported it. */
export interface ToolProgress extends Progress {
  /** The tool that was called. */
  readonly tool: string;
}

/** What a handler gets besides the request. */
export interface HandlerContext {
  /** Aborted when nobody waits for the answer any more: the call was cancelled, or its session ended. */
  readonly signal: AbortSignal;
}

/** The handlers that make a client able to serve a stateful server. */
export interface Handlers {
  /**
   * Answers the questions of the server.
   *
   * @default - elicitation is not declared, servers that need it say so
   */
  readonly elicitation?: (
    request: ElicitationRequest,
    context: HandlerContext,
  ) => ElicitationAnswer | Promise<ElicitationAnswer>;

  /**
   * Shows the user a page that the server wants them to visit. Must not open it without their consent.
   *
   * @default - elicitation by URL is not declared
   */
  readonly urlElicitation?: (
    request: UrlElicitationRequest,
    context: HandlerContext,
  ) => UrlElicitationAnswer | Promise<UrlElicitationAnswer>;

  /**
   * Asks a model on behalf of the server.
   *
   * @default - sampling is not declared, servers use their own model or do without
   */
  readonly sampling?: (request: SamplingRequest, context: HandlerContext) => SamplingAnswer | Promise<SamplingAnswer>;

  /**
   * Gets every progress notification of every tool call.
   *
   * @default - only `onProgress` of a call gets the progress of that call
   */
  readonly progress?: (progress: ToolProgress) => void;

  /**
   * Gets the log messages of the server.
   *
   * @default - they are dropped
   */
  readonly log?: (entry: LogEntry) => void;
}

/** The capabilities to declare: exactly those that have a handler. */
export function capabilitiesOf({ elicitation, urlElicitation, sampling }: Handlers): ClientCapabilities {
  return {
    ...((elicitation || urlElicitation) && {
      elicitation: { ...(elicitation && { form: {} }), ...(urlElicitation && { url: {} }) },
    }),
    ...(sampling && { sampling: {} }),
  };
}

/** Lets the SDK client call the handlers. */
export function register(client: Client, { elicitation, urlElicitation, sampling, log }: Handlers): void {
  if (elicitation || urlElicitation) {
    client.setRequestHandler('elicitation/create', ({ params }, { mcpReq: { signal } }) =>
      params.mode === 'url' ? visit(params, { signal }, urlElicitation) : fillIn(params, { signal }, elicitation),
    );
  }
  if (sampling) {
    client.setRequestHandler('sampling/createMessage', ({ params }, { mcpReq: { signal } }) =>
      handled('ERR_SAMPLING_HANDLER', 'sampling', signal, () => sampling(params, { signal })),
    );
  }
  if (log) {
    client.setNotificationHandler('notifications/message', ({ params }) => log(params));
  }
}

/** The SDK client lets only declared modes through: a handler that is missing here is never needed. */
const cancel = (): { action: 'cancel' } => ({ action: 'cancel' });

function visit(
  request: UrlElicitationRequest,
  context: HandlerContext,
  handler: Handlers['urlElicitation'] = cancel,
): Promise<UrlElicitationAnswer> {
  return handled('ERR_ELICITATION_HANDLER', 'urlElicitation', context.signal, () => handler(request, context));
}

async function fillIn(
  request: ElicitationRequest,
  context: HandlerContext,
  handler: Handlers['elicitation'] = cancel,
): Promise<ElicitationAnswer> {
  const answer = await handled('ERR_ELICITATION_HANDLER', 'elicitation', context.signal, () =>
    handler(request, context),
  );
  return answer.action === 'accept' ? { ...answer, content: await checked(answer.content, request) } : answer;
}

async function handled<T>(
  code: 'ERR_ELICITATION_HANDLER' | 'ERR_SAMPLING_HANDLER',
  name: string,
  signal: AbortSignal,
  call: () => T | Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof StatefulMcpClientError || signal.aborted) {
      throw cause;
    }
    throw new StatefulMcpClientError(
      code,
      `the ${name} handler failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

type Content = Extract<ElicitationAnswer, { action: 'accept' }>['content'];

async function checked(content: Content, { requestedSchema }: ElicitationRequest): Promise<Content> {
  const complete: Content = { ...content };
  for (const [name, property] of Object.entries(requestedSchema.properties)) {
    if (complete[name] === undefined && property.default !== undefined) {
      complete[name] = property.default;
    }
  }
  const { issues } = await fromJsonSchema(requestedSchema as JsonSchemaType)['~standard'].validate(complete);
  if (issues === undefined) {
    return complete;
  }
  throw new StatefulMcpClientError(
    'ERR_ELICITATION_ANSWER',
    `the answer of the elicitation handler does not fit the schema of the question (${issues.map(({ message }) => message).join('; ')}), got ${JSON.stringify(complete)}`,
  );
}
