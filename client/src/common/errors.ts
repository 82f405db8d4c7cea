/**
 * Every code that an error of this package can have: what happened, and what to do. The set is closed: new codes come
 * with a minor version.
 */
export const CLIENT_ERRORS = {
  // What is wrong with the call of `connect()`.
  ERR_INVALID_URL: 'the URL is not an absolute `http:` or `https:` URL: pass one that is',
  ERR_INVALID_OPTION:
    'an option of `connect()` or an argument of a call has a value that is not allowed: the message names it and the allowed values',
  ERR_INVALID_TARGET:
    'the target is neither a URL nor the ARN of a runtime nor `stack:STACK/OUTPUT`: the message says what is wrong with it',
  ERR_STACK_OUTPUT:
    'the output of the CloudFormation stack was not found, could not be looked up, or is no URL or ARN: check stack, account and region',
  // What is wrong with the credentials.
  ERR_CREDENTIALS: 'there are no credentials to send, or what gives them failed: sign in to AWS, or look at `cause`',
  ERR_SIGN_IN:
    'signing in failed: it was refused, took too long, or the authorization server is not as it should be; the message says what',
  ERR_SIGN_IN_REQUIRED:
    'somebody has to sign in, and `interactive` is false: call `signIn()` of the same `oauth()` first',
  ERR_INSUFFICIENT_SCOPE:
    'the token lacks a scope that the call needs, after more scopes were asked for: allow them to client or user',
  ERR_TOKEN_STORE: 'the place where tokens are kept cannot be read or written: make it writable, or pass another one',
  // What is wrong on the way to the server.
  ERR_CONNECT_TIMEOUT:
    'no session was started within `connectTimeoutMs` milliseconds: look at the log of the server, or raise it',
  ERR_CONNECTION_REFUSED: 'nothing listens at the host and port of the URL: start the server, or correct the URL',
  ERR_CONNECTION_FAILED:
    'the host was not found, TLS failed, or the connection broke before an answer: `cause` says which',
  ERR_HTTP_STATUS: 'an HTTP status that is no answer of an MCP server: check the path of the URL; see `httpStatus`',
  ERR_INVALID_RESPONSE: 'the server sent what is not valid MCP: the message says what; look at the log of the server',
  ERR_PROTOCOL_VERSION: 'client and server have no protocol version of the wanted `era` in common: pass another `era`',
  ERR_PLATFORM: 'Amazon Bedrock AgentCore answered instead of the server: see the message and `jsonRpcCode`',
  // What became of a session or a request.
  ERR_SESSION_LOST:
    'the session is gone and a new one could not be started, or ended before it could be used: look at the log of the server',
  ERR_SESSION_STORE: 'the store of kept sessions cannot be read or written: make it writable, or leave out `sessions`',
  ERR_CALL_INTERRUPTED:
    'the response stream ended without the response; whether the tool did its work is unknown: find out, then call again',
  ERR_REQUEST_TIMEOUT:
    'no response and no progress for `callTimeoutMs` milliseconds: raise it, or have the tool report progress',
  ERR_CANCELLED: 'the `signal` given with the call was aborted',
  ERR_CLOSED: 'the client was closed: connect again',
  ERR_SERVER: 'the server itself answered with a JSON-RPC error: see the message, `jsonRpcCode` and `data`',
  ERR_URL_ELICITATION_REQUIRED:
    'the server wants the user to visit a page first: show them the pages of `data.elicitations`, then call again',
  // What is wrong with the handlers.
  ERR_CAPABILITY_NOT_DECLARED:
    'the server needs an elicitation or sampling handler that `connect()` was not given: pass one',
  ERR_ELICITATION_HANDLER: 'the elicitation handler threw: `cause` is what it threw',
  ERR_ELICITATION_ANSWER:
    'the answer of the elicitation handler is none, or does not fit the schema of the question: correct the handler',
  ERR_SAMPLING_HANDLER: 'the sampling handler threw: `cause` is what it threw',
  ERR_SAMPLING_ANSWER: 'the sampling handler gave back what is not a result of a model: correct the handler',
  ERR_PROGRESS_HANDLER: 'a progress handler threw, and the call was cancelled: `cause` is what it threw',
  ERR_TOO_MANY_ROUNDS: 'a modern server asked for input again and again without ever finishing: look at the tool',
} as const;

/** One of the codes of `CLIENT_ERRORS`. */
export type StatefulMcpClientErrorCode = keyof typeof CLIENT_ERRORS;

/** What a `StatefulMcpClientError` carries besides its message. */
export interface StatefulMcpClientErrorDetails {
  /** The error underneath. */
  readonly cause?: unknown;
  /** The JSON-RPC error code that the server or the platform answered with. */
  readonly jsonRpcCode?: number;
  /** The `data` member of that JSON-RPC error. */
  readonly data?: unknown;
  /** The HTTP status, where it was not a success. */
  readonly httpStatus?: number;
}

/** The only error that this package throws. The message says what to do; `code` is what a program looks at. */
export class StatefulMcpClientError extends Error {
  public override readonly name = 'StatefulMcpClientError';
  public readonly jsonRpcCode?: number;
  public readonly data?: unknown;
  public readonly httpStatus?: number;

  public constructor(
    public readonly code: StatefulMcpClientErrorCode,
    message: string,
    details: StatefulMcpClientErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.jsonRpcCode = details.jsonRpcCode;
    this.data = details.data;
    this.httpStatus = details.httpStatus;
  }
}

/** An answer to a question of the server that could not be sent, on its way to become a `StatefulMcpClientError`. */
export class UnsentAnswerError extends Error {
  public constructor(cause: unknown) {
    super('the answer to a question of the server could not be sent', { cause });
  }
}
