import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageRequestParamsWithTools,
  CreateMessageResult,
  CreateMessageResultWithTools,
  LoggingLevel,
} from '@modelcontextprotocol/server';
import type { ElicitationSchema, ElicitedContent } from '../elicitation/elicitation-schema';

/** The `ElicitResult` of the SDK, with the content that the schema of the question describes. */
export type ElicitResult<Content> =
  { action: 'accept'; content: Content } | { action: 'decline' } | { action: 'cancel' };

export interface SampleOptions<Request, Result> {
  /**
   * Answers when the client cannot sample, for example with a model on the server's side (`bedrockSampling()` of
   * `stateful-mcp-server/bedrock`). Runs once in a conversation; the signal is `io.signal`.
   *
   * @default none: `io.sample` throws `ERR_CAPABILITY_NOT_DECLARED`
   */
  readonly fallback?: (request: Request, signal: AbortSignal) => Result | Promise<Result>;
}

/**
 * What an interactive handler can do while it runs. The same in both eras; what differs is how it reaches the client.
 *
 * In the modern era a handler is by default run again for every round of questions, with the answers so far (see
 * `InteractiveOptions.modernMode`). Between two questions it must therefore do the same each time; whatever has an effect,
 * costs money or differs (ids, the time) goes into `once`.
 */
export interface Interaction {
  /** `legacy` = protocol 2025-11-25 and before, over a session; `modern` = 2026-07-28. */
  readonly era: 'legacy' | 'modern';
  /** What the client declared: sampling, elicitation and so on. */
  readonly capabilities: ClientCapabilities;
  /** Aborted when the client cancels the call or its session ends. Never aborted by the end of a round. */
  readonly signal: AbortSignal;

  /**
   * Asks the user with a form. Several questions asked at once (`Promise.all`) reach a modern client in one round.
   * @throws ServerKitError `ERR_ELICITATION_SCHEMA`, `ERR_ELICITATION_ANSWER`, `ERR_ANSWER_TIMEOUT`,
   * `ERR_CLIENT_REFUSED`, `ERR_STATELESS`, or a {@link CapabilityNotDeclaredError}
   */
  elicit<Schema extends ElicitationSchema>(
    message: string,
    schema: Schema,
  ): Promise<ElicitResult<ElicitedContent<Schema>>>;

  /**
   * As `elicit`, for when only an accepted answer is of use.
   * @throws ElicitationRefusedError when the user declines or cancels; left uncaught, it ends the tool with an ordinary
   * result that says so
   */
  elicitContent<Schema extends ElicitationSchema>(message: string, schema: Schema): Promise<ElicitedContent<Schema>>;

  /**
   * Asks the user to visit a page: the way for anything secret, which must not pass through a form. `accept` means that
   * they agreed to visit it, not that they are done there.
   */
  elicitUrl(message: string, url: string): Promise<Pick<ElicitResult<unknown>, 'action'>>;

  /**
   * Asks the client's model.
   * @throws ServerKitError `ERR_ANSWER_TIMEOUT`, `ERR_CLIENT_REFUSED`, `ERR_STATELESS`, or a {@link
   * CapabilityNotDeclaredError} without a fallback
   */
  sample(
    request: CreateMessageRequestParamsWithTools,
    options?: SampleOptions<CreateMessageRequestParamsWithTools, CreateMessageResultWithTools>,
  ): Promise<CreateMessageResultWithTools>;
  sample(
    request: CreateMessageRequestParams,
    options?: SampleOptions<CreateMessageRequestParams, CreateMessageResult>,
  ): Promise<CreateMessageResult>;

  /**
   * Tells the client how far the work is. Silent when the client asked for no progress, when the value does not rise,
   * and when a replayed handler passes a point that was reported before. Never fails.
   */
  progress(progress: number, total?: number, message?: string): Promise<void>;

  /**
   * Runs an effect once in a conversation and remembers its result, or its failure.
   *
   * The result travels with the conversation, readable by the client: it must be JSON, and no secret (unless
   * `InteractiveOptions.protection` is `encrypted`). A client can send an old round again; effects that must never happen
   * twice need a check where they happen as well.
   * @throws ServerKitError `ERR_ONCE_RESULT` when the result is not JSON
   */
  once<Result>(effect: () => Result | Promise<Result>): Promise<Result>;

  /**
   * Sends a log message to the client, at the level that it asked for. Silent when the server does not have the
   * `logging` capability, and when the client went away.
   */
  log(level: LoggingLevel, data: unknown): Promise<void>;
}
