import type {
  Client,
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  LoggingMessageNotificationParams,
  Progress,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import { FORM } from '../incoming/readable-message';
import { validated } from '../incoming/validation';
import { formContent } from './form-content';

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
   * Answers a question of the server to the user: a message and a form, which is a flat JSON Schema. Properties of
   * `content` that are left out get the default of the schema, where it has one. Servers in Python also ask for lists of
   * free texts, which the type of the form does not have.
   *
   * @default - elicitation is not declared, servers that need it say so
   */
  readonly elicitation?: (
    request: ElicitRequestFormParams,
    context: HandlerContext,
  ) => ElicitResult | Promise<ElicitResult>;

  /**
   * Shows the user a page that the server wants them to visit: the way for anything secret, which must not pass through
   * a form. Must not open it without their consent. The answer has no `content`: what they do there the server learns
   * from the page.
   *
   * @default - elicitation by URL is not declared
   */
  readonly urlElicitation?: (
    request: ElicitRequestURLParams,
    context: HandlerContext,
  ) => ElicitResult | Promise<ElicitResult>;

  /**
   * Asks a model on behalf of the server.
   *
   * @default - sampling is not declared, servers use their own model or do without
   */
  readonly sampling?: (
    request: CreateMessageRequestParams,
    context: HandlerContext,
  ) => CreateMessageResult | Promise<CreateMessageResult>;

  /**
   * Gets every progress notification of every tool call. When it throws, the call fails.
   *
   * @default - only `onProgress` of a call gets the progress of that call
   */
  readonly progress?: (progress: ToolProgress) => void;

  /**
   * Gets the log messages of the server. What it throws goes to `onerror` of the SDK client (`mcp`).
   *
   * @default - they are dropped
   */
  readonly log?: (message: LoggingMessageNotificationParams) => void;
}

/** The members of `Handlers`. */
export const HANDLER_NAMES = ['elicitation', 'urlElicitation', 'sampling', 'progress', 'log'] as const;

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
      sample(params, { signal }, sampling),
    );
  }
  if (log) {
    client.setNotificationHandler('notifications/message', ({ params }) => log(params));
  }
}

/** The SDK client lets only declared modes through: a handler that is missing here is never needed. */
const cancel = (): ElicitResult => ({ action: 'cancel' });

/** Shows the user a page. */
export async function visit(
  request: ElicitRequestURLParams,
  context: HandlerContext,
  handler: Handlers['urlElicitation'] = cancel,
): Promise<ElicitResult> {
  const { action } = wellFormed(
    await handled('ERR_ELICITATION_HANDLER', 'urlElicitation', context.signal, () => handler(request, context)),
    'urlElicitation',
  );
  return { action };
}

async function fillIn(
  { _meta: { [FORM]: form, ...meta } = {}, ...request }: ElicitRequestFormParams,
  context: HandlerContext,
  handler: Handlers['elicitation'] = cancel,
): Promise<ElicitResult> {
  const question: ElicitRequestFormParams = {
    ...request,
    ...(Object.keys(meta).length > 0 && { _meta: meta }),
    requestedSchema: (form as ElicitRequestFormParams['requestedSchema'] | undefined) ?? request.requestedSchema,
  };
  const answer = wellFormed(
    await handled('ERR_ELICITATION_HANDLER', 'elicitation', context.signal, () => handler(question, context)),
    'elicitation',
  );
  return answer.action === 'accept' ? { ...answer, content: await formContent(answer.content, question) } : answer;
}

async function sample(
  request: CreateMessageRequestParams,
  context: HandlerContext,
  handler: NonNullable<Handlers['sampling']>,
): Promise<CreateMessageResult> {
  const result = await handled('ERR_SAMPLING_HANDLER', 'sampling', context.signal, () => handler(request, context));
  const { problem } = validated('CreateMessageResultWithTools', result);
  if (problem === undefined) {
    return result;
  }
  throw new StatefulMcpClientError(
    'ERR_SAMPLING_ANSWER',
    `the answer of the sampling handler is not a result of \`sampling/createMessage\` (${problem})`,
  );
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

/** Handlers in JavaScript give back anything. */
function wellFormed(answer: ElicitResult, handler: string): ElicitResult {
  const { problem } = validated('ElicitResult', answer);
  if (problem === undefined) {
    return answer;
  }
  throw new StatefulMcpClientError(
    'ERR_ELICITATION_ANSWER',
    `the answer of the ${handler} handler is not a result of \`elicitation/create\` (${problem}), got ${JSON.stringify(answer)}`,
  );
}
