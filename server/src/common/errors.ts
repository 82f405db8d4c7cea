import type { InputRequest } from '@modelcontextprotocol/server';

/**
 * Every code that an error of this package can have. The set is closed: a new code is a new minor version.
 *
 * | code | when |
 * |---|---|
 * | `ERR_ANSWER_TIMEOUT` | the client did not answer a question within `answerTimeoutMs` |
 * | `ERR_BEDROCK_FAILED` | `bedrockSampling()`: Amazon Bedrock did not answer |
 * | `ERR_BEDROCK_REQUEST` | `bedrockSampling()`: the sampling request has content that Amazon Bedrock does not take |
 * | `ERR_CAPABILITY_NOT_DECLARED` | a tool asked for something that the client did not declare (see {@link CapabilityNotDeclaredError}) |
 * | `ERR_CLIENT_REFUSED` | the client answered a question with an error instead of an answer |
 * | `ERR_CONVERSATION_GONE` | a parked conversation is not held by this process (any more) |
 * | `ERR_ELICITATION_CONTENT` | the content of an accepted elicitation does not match the schema it was asked with |
 * | `ERR_ELICITATION_REFUSED` | `io.elicitContent` got a decline or a cancel (see {@link ElicitationRefusedError}) |
 * | `ERR_ELICITATION_SCHEMA` | the schema of an elicitation cannot be shown as a form |
 * | `ERR_FACTORY_RESULT` | the factory did not return a new `McpServer` of the same copy of `@modelcontextprotocol/server` |
 * | `ERR_INVALID_OPTION` | an option or an environment variable has a value that is not allowed |
 * | `ERR_NOT_SERVED_BY_KIT` | an interactive handler runs outside of `serve()` and `createMcpFetchHandler()` |
 * | `ERR_ONCE_RESULT` | the result of `io.once` is not JSON |
 * | `ERR_PORT_IN_USE` | something else listens on the port |
 * | `ERR_REPLAY_DIVERGED` | a replayed handler asked something else than in the round before |
 * | `ERR_REQUEST_STATE_INVALID` | a request state was changed, has expired or belongs to another request |
 * | `ERR_REQUEST_STATE_KEY` | `STATEFUL_MCP_REQUEST_STATE_KEY` is not base64 of at least 32 bytes |
 * | `ERR_REQUEST_STATE_TOO_LARGE` | the answers and results that a conversation carries are larger than the limit |
 * | `ERR_STATELESS` | an interactive tool asked a client of the legacy era on a server that keeps no sessions |
 * | `ERR_STDIO_SERVER_ENDED` | the process behind a session of `serveStdio()` ended; the client finds the code in `error.data.code` |
 * | `ERR_TOO_MANY_CONVERSATIONS` | this process holds as many parked conversations as it may |
 * | `ERR_UNEXPECTED_QUESTION` | in a unit test: the server asked something that the script has no answer to |
 * | `ERR_UNUSED_ANSWERS` | in a unit test: the server asked less than the script answers |
 */
export type ServerKitErrorCode =
  | 'ERR_ANSWER_TIMEOUT'
  | 'ERR_BEDROCK_FAILED'
  | 'ERR_BEDROCK_REQUEST'
  | 'ERR_CAPABILITY_NOT_DECLARED'
  | 'ERR_CLIENT_REFUSED'
  | 'ERR_CONVERSATION_GONE'
  | 'ERR_ELICITATION_CONTENT'
  | 'ERR_ELICITATION_REFUSED'
  | 'ERR_ELICITATION_SCHEMA'
  | 'ERR_FACTORY_RESULT'
  | 'ERR_INVALID_OPTION'
  | 'ERR_NOT_SERVED_BY_KIT'
  | 'ERR_ONCE_RESULT'
  | 'ERR_PORT_IN_USE'
  | 'ERR_REPLAY_DIVERGED'
  | 'ERR_REQUEST_STATE_INVALID'
  | 'ERR_REQUEST_STATE_KEY'
  | 'ERR_REQUEST_STATE_TOO_LARGE'
  | 'ERR_STATELESS'
  | 'ERR_STDIO_SERVER_ENDED'
  | 'ERR_TOO_MANY_CONVERSATIONS'
  | 'ERR_UNEXPECTED_QUESTION'
  | 'ERR_UNUSED_ANSWERS';

/** An error of this package: `code` says which one, `message` says what to do. */
export class ServerKitError extends Error {
  public override readonly name: string = 'ServerKitError';

  public constructor(
    public readonly code: ServerKitErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * A tool asked for something that the client did not declare in its capabilities.
 *
 * Left uncaught in an interactive tool, the client gets the message as a tool error (legacy era) or the protocol's
 * error -32021 (modern era).
 */
export class CapabilityNotDeclaredError extends ServerKitError {
  public override readonly name = 'CapabilityNotDeclaredError';

  /**
   * @param capability - what is missing: `elicitation`, `elicitation.url`, `sampling` or `sampling.tools`
   * @param question - the question that could not be asked
   */
  public constructor(
    public readonly capability: string,
    public readonly question: InputRequest,
    advice: string,
  ) {
    super('ERR_CAPABILITY_NOT_DECLARED', `the client did not declare the \`${capability}\` capability: ${advice}`);
  }
}

/**
 * The user declined or cancelled a question asked with `io.elicitContent`.
 *
 * Left uncaught in an interactive tool, the client gets an ordinary result that says so, not an error: a refusal is an
 * answer.
 */
export class ElicitationRefusedError extends ServerKitError {
  public override readonly name = 'ElicitationRefusedError';

  public constructor(
    public readonly action: 'decline' | 'cancel',
    question: string,
  ) {
    super(
      'ERR_ELICITATION_REFUSED',
      `the user ${action === 'decline' ? 'declined to answer' : 'cancelled'}: ${question}`,
    );
  }
}
