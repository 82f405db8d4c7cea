import type { InputRequest } from '@modelcontextprotocol/server';

/**
 * Every code that an error of this package can have: what happened, and what to do. The set is closed: a new code is a
 * new minor version.
 */
export const SERVER_KIT_ERRORS = {
  ERR_ANSWER_TIMEOUT:
    'the client did not answer a question within `answerTimeoutMs`: raise it, or ask again in another call',
  ERR_BEDROCK_FAILED:
    '`bedrockSampling()`: Amazon Bedrock did not answer; `cause` is the error of the AWS SDK: check model, Region and permission',
  ERR_BEDROCK_REQUEST:
    '`bedrockSampling()`: the sampling request has content that Amazon Bedrock does not take: send text, images or tools',
  ERR_CAPABILITY_NOT_DECLARED:
    'a handler asked for something that the client did not declare (`CapabilityNotDeclaredError`): give a fallback, or use another client',
  ERR_CHECK_FAILED: 'in a unit test: the server does not do what its check expects: the message says all of it',
  ERR_CLIENT_REFUSED: 'the client answered a question with a protocol error: look at the log of the client',
  ERR_CONVERSATION_GONE:
    'a parked conversation is not held by this process any more: call the tool again, or use replay',
  ERR_CONVERSATION_RESUMED:
    'a round of a parked conversation was sent again while it was served: the answer is that of the newest request',
  ERR_ELICITATION_ANSWER:
    'the content of an accepted elicitation does not match the schema it was asked with: the client has to check it before',
  ERR_ELICITATION_REFUSED:
    '`io.elicitContent` got a decline or a cancel (`ElicitationRefusedError`): catch it, or use `io.elicit`',
  ERR_ELICITATION_SCHEMA:
    'the schema of an elicitation cannot be shown as a form: make it a flat object of texts, numbers, booleans and choices',
  ERR_FACTORY_RESULT:
    'the factory did not return a new `McpServer` of the same copy of `@modelcontextprotocol/server`: make one in every call, and see `npm ls`',
  ERR_INVALID_OPTION:
    'an option or an environment variable has a value that is not allowed: the message names it and the allowed values',
  ERR_NOT_SERVED_BY_KIT:
    'an interactive handler runs outside of `serve()` and `createMcpFetchHandler()`: serve the server with one of them',
  ERR_ONCE_RESULT: 'the result of `io.once` is not JSON: return only what JSON can hold',
  ERR_PORT_IN_USE: 'another program listens on the port: end it, or set `PORT`',
  ERR_REPLAY_DIVERGED:
    'a replayed handler asked something else than in the round before: put what differs from run to run into `io.once`',
  ERR_REQUEST_STATE_INVALID:
    'a request state was changed, has expired or belongs to another request: the client has to start the call again',
  ERR_REQUEST_STATE_KEY: '`STATEFUL_MCP_REQUEST_STATE_KEY` is not base64 of at least 32 bytes: set it to one that is',
  ERR_REQUEST_STATE_TOO_LARGE:
    'the answers and results that a conversation carries are larger than the limit: store them, and keep an id',
  ERR_STATELESS:
    'an interactive handler asked a client of the legacy era on a server that keeps no sessions: leave `stateless` out',
  ERR_STDIO_SERVER_ENDED:
    'the process behind a session of `serveStdio()` ended; the client finds the code in `error.data.code`: begin a new session',
  ERR_TOO_MANY_CONVERSATIONS:
    'this process holds as many parked conversations as it may, 1000 in all or 100 of one caller: answer one, try again later, or use replay',
  ERR_UNEXPECTED_QUESTION: 'in a unit test: the server asked something that the script has no answer to: add one',
  ERR_UNUSED_ANSWERS: 'in a unit test: the server asked less than the script answers: remove the rest',
} as const;

/** One of the codes of `SERVER_KIT_ERRORS`. */
export type ServerKitErrorCode = keyof typeof SERVER_KIT_ERRORS;

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
 * Left uncaught in an interactive tool, the client gets the message as a tool error (legacy era) or as the
 * protocol's error -32021 (modern era).
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
