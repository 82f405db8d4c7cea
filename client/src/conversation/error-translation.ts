import {
  InsufficientScopeError,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  type ElicitRequestURLParams,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError, UnsentAnswerError, type StatefulMcpClientErrorDetails } from '../common/errors';
import { validated, withoutDump } from '../incoming/validation';
import { platformError } from './platform-errors';

/** What was being done, for the message. */
export interface ErrorContext {
  readonly url: URL;
  readonly signal?: AbortSignal;
  /** Whether the session was just being started. */
  readonly connecting?: boolean;
  /** What the platform said meanwhile in place of the server. */
  readonly refusal?: string;
}

/** Makes what the SDK, `fetch` and the server throw into the one error of this package. */
export function toClientError(error: unknown, context: ErrorContext): StatefulMcpClientError {
  if (error instanceof StatefulMcpClientError) {
    return error;
  }
  if (error instanceof UnsentAnswerError) {
    return fromUnsentAnswer(error, context);
  }
  if (context.signal?.aborted) {
    if (context.signal.reason instanceof StatefulMcpClientError) {
      return context.signal.reason;
    }
    return new StatefulMcpClientError('ERR_CANCELLED', 'the call was cancelled: its `signal` was aborted', {
      cause: context.signal.reason,
    });
  }
  if (error instanceof ProtocolError) {
    return fromProtocolError(error);
  }
  if (error instanceof InsufficientScopeError) {
    return new StatefulMcpClientError(
      'ERR_INSUFFICIENT_SCOPE',
      `the token lacks the scope \`${error.requiredScope ?? '(not named)'}\` that ${context.url.href} needs: allow it to the client or the user`,
      { cause: error, httpStatus: 403 },
    );
  }
  if (error instanceof SdkHttpError) {
    return fromHttpError(error, context);
  }
  if (error instanceof SdkError) {
    return fromSdkError(error, context);
  }
  return fromNetworkError(error, context) ?? fromUnknown(error, context);
}

function fromUnsentAnswer({ message, cause }: UnsentAnswerError, context: ErrorContext): StatefulMcpClientError {
  const { code, message: reason, httpStatus, jsonRpcCode, data } = toClientError(cause, context);
  return new StatefulMcpClientError(code, `${message}: ${reason}`, { cause, httpStatus, jsonRpcCode, data });
}

function fromProtocolError(error: ProtocolError): StatefulMcpClientError {
  const message = withoutDump(error.message);
  const details = { cause: error, data: error.data };
  return fromErrorCode(error.code, message, details) ?? serverError(error.code, message, details);
}

function serverError(
  jsonRpcCode: number,
  message: string,
  details: StatefulMcpClientErrorDetails,
): StatefulMcpClientError {
  return new StatefulMcpClientError('ERR_SERVER', `the server answered with an error: ${message} (${jsonRpcCode})`, {
    ...details,
    jsonRpcCode,
  });
}

/** What a JSON-RPC code says by itself, whatever the HTTP status. */
function fromErrorCode(
  jsonRpcCode: number,
  message: string,
  details: StatefulMcpClientErrorDetails,
): StatefulMcpClientError | undefined {
  if (jsonRpcCode === Number(ProtocolErrorCode.UnsupportedProtocolVersion)) {
    return protocolVersion(`${message}${supportedVersions(details.data)}`, { ...details, jsonRpcCode });
  }
  if (jsonRpcCode === Number(ProtocolErrorCode.MissingRequiredClientCapability)) {
    return new StatefulMcpClientError(
      'ERR_CAPABILITY_NOT_DECLARED',
      `the server needs a capability that this client did not declare: give \`connect()\` the handler for it. It said: ${message}`,
      { ...details, jsonRpcCode },
    );
  }
  if (jsonRpcCode === Number(ProtocolErrorCode.UrlElicitationRequired)) {
    const pages = requiredPages(details.data).map(page => `${page.message} (${page.url})`);
    return new StatefulMcpClientError(
      'ERR_URL_ELICITATION_REQUIRED',
      `the server wants the user to visit a page first${pages.length > 0 ? `: ${pages.join('; ')}` : ''}. ` +
        `Call again after that. It said: ${message}`,
      { ...details, jsonRpcCode },
    );
  }
  return platformError(jsonRpcCode, message, details);
}

/** The versions that error -32022 names, as far as they can be read. */
function supportedVersions(data: unknown): string {
  const { supported } = (data ?? {}) as { supported?: unknown };
  const versions = Array.isArray(supported) ? supported.filter(version => typeof version === 'string') : [];
  return versions.length === 0 ? '' : ` (the server speaks ${versions.join(', ')})`;
}

/** The pages that error -32042 names, as far as they can be read. */
export function requiredPages(data: unknown): ElicitRequestURLParams[] {
  const { elicitations } = (data ?? {}) as { elicitations?: unknown };
  return (Array.isArray(elicitations) ? elicitations : []).flatMap(page => {
    const { value, problem } = validated('ElicitRequestURLParams', { mode: 'url', ...(page as object) });
    return problem === undefined && URL.canParse((value as ElicitRequestURLParams).url)
      ? [value as ElicitRequestURLParams]
      : [];
  });
}

/** What the modern era answers with 404 and 400: the URL is right, and the server has read the request. */
const ABOUT_THE_REQUEST: readonly number[] = [ProtocolErrorCode.MethodNotFound, ProtocolErrorCode.InvalidParams];

/** It leads nowhere else. */
const NOT_MODIFIED = 304;

function fromHttpError(error: SdkHttpError, { url }: ErrorContext): StatefulMcpClientError {
  const { status: httpStatus, text } = error.data;
  const body = jsonRpcErrorOf(text);
  const details = { cause: error, httpStatus, data: body?.data };
  const known = body && fromErrorCode(body.code, withoutDump(body.message), details);
  if (known) {
    return known;
  }
  if (body && httpStatus >= 400 && httpStatus < 500 && ABOUT_THE_REQUEST.includes(body.code)) {
    return serverError(body.code, withoutDump(body.message), details);
  }
  if (httpStatus >= 300 && httpStatus < 400 && httpStatus !== NOT_MODIFIED) {
    return redirected(error, url);
  }
  const said =
    body?.message ?? (typeof text === 'string' && text.length > 0 && text.length < 200 ? text.trim() : undefined);
  return new StatefulMcpClientError(
    'ERR_HTTP_STATUS',
    `${url.href} answered with HTTP status ${httpStatus}${said === undefined ? '' : ` and said "${withoutDump(said)}"`}: ${adviceFor(httpStatus)}`,
    { ...details, jsonRpcCode: body?.code },
  );
}

/** Where the client did not follow: to another host, or from https to http. */
function redirected(error: SdkHttpError, url: URL): StatefulMcpClientError {
  const { status: httpStatus } = error.data;
  const place = /\bto (\S+:\/\/\S+) not followed/.exec(error.message)?.[1];
  return new StatefulMcpClientError(
    'ERR_HTTP_STATUS',
    `${url.href} answered with a redirect (HTTP status ${httpStatus})${place === undefined ? '' : ` to ${place}`}, which was not followed: ` +
      'a server must answer at its own URL, without a redirect; have it serve the path that the client calls, or pass another URL',
    { cause: error, httpStatus },
  );
}

function adviceFor(httpStatus: number): string {
  if (httpStatus === 401) {
    return 'send credentials that the server accepts, by `auth`';
  }
  if (httpStatus === 403) {
    return 'the caller is not allowed, or the server refuses the `Host` or `Origin` header';
  }
  if (httpStatus === 404 || httpStatus === 405) {
    return 'check the path of the URL, an MCP server is usually at /mcp';
  }
  if (httpStatus === 413) {
    return 'the request is larger than the server, or a proxy in front of it, takes';
  }
  if (httpStatus === 429) {
    return 'there were too many requests, wait and try again';
  }
  if (httpStatus >= 500) {
    return 'the server failed, read its log';
  }
  return 'this is not how an MCP server answers, check the URL and the log of the server';
}

function jsonRpcErrorOf(text: unknown): { code: number; message: string; data?: unknown } | undefined {
  if (typeof text !== 'string') {
    return undefined;
  }
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown; data?: unknown } };
    if (typeof error?.code === 'number' && typeof error.message === 'string') {
      return { code: error.code, message: error.message, data: error.data };
    }
  } catch {
    // Not JSON: a proxy or a web server answered.
  }
  return undefined;
}

function fromSdkError(error: SdkError, context: ErrorContext): StatefulMcpClientError {
  const { code, message } = error;
  if (code === SdkErrorCode.NotConnected || code === SdkErrorCode.ConnectionClosed) {
    return closed(error);
  }
  if (code === SdkErrorCode.CapabilityNotSupported) {
    return new StatefulMcpClientError('ERR_CAPABILITY_NOT_DECLARED', message, { cause: error });
  }
  if (code === SdkErrorCode.EraNegotiationFailed) {
    // What the server said to the question about its versions is no answer of a server of another version.
    return error.cause === undefined ? protocolVersion(message, { cause: error }) : toClientError(error.cause, context);
  }
  if (code === SdkErrorCode.InputRequiredRoundsExceeded) {
    return new StatefulMcpClientError(
      'ERR_TOO_MANY_ROUNDS',
      `the server keeps asking for input and never finishes: ${message}`,
      { cause: error },
    );
  }
  if (code === SdkErrorCode.RequestTimeout) {
    const { timeout } = (error.data ?? {}) as { timeout?: number };
    if (context.connecting) {
      const said = context.refusal === undefined ? '' : `, and AgentCore said last "${context.refusal}"`;
      return new StatefulMcpClientError(
        'ERR_CONNECT_TIMEOUT',
        `the server did not start a session within ${timeout} ms${said}: look at its log, or raise \`connectTimeoutMs\``,
        { cause: error },
      );
    }
    return new StatefulMcpClientError(
      'ERR_REQUEST_TIMEOUT',
      `the server neither answered nor reported progress${timeout === undefined ? ' in time' : ` for ${timeout} ms`}: ` +
        'look at the log of the server, raise `callTimeoutMs`, or let the tool report progress',
      { cause: error },
    );
  }
  return fromUnknown(error, context);
}

/** Codes of the operating system, of undici and of TLS; not those of Node.js itself, which mean a wrong argument. */
const SOCKET_CODE = /^(E(?!RR_)[A-Z]|UND_ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_|ERR_SSL_)/;

/** The other side closed a connection that there was. */
const BROKEN: readonly string[] = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** Of this program, or of the whole machine. */
const NO_DESCRIPTORS: readonly string[] = ['EMFILE', 'ENFILE'];

function fromNetworkError(error: unknown, { url, connecting }: ErrorContext): StatefulMcpClientError | undefined {
  const code = networkCodeOf(error) ?? refusalOfFetch(error);
  if (code === undefined) {
    return undefined;
  }
  if (code === 'ECONNREFUSED') {
    return new StatefulMcpClientError(
      'ERR_CONNECTION_REFUSED',
      `nothing listens at ${url.host}: start the server, or check host and port of ${url.href}`,
      { cause: error },
    );
  }
  if (NO_DESCRIPTORS.includes(code)) {
    return new StatefulMcpClientError(
      'ERR_CONNECTION_FAILED',
      `there was no connection to ${url.host}, since no file descriptors are left (${code}): make fewer calls at once, or raise the limit of this program (\`ulimit -n\`)`,
      { cause: error },
    );
  }
  return new StatefulMcpClientError(
    'ERR_CONNECTION_FAILED',
    BROKEN.includes(code) && !connecting
      ? `the connection to ${url.host} broke before an answer came (${code}): the server's process may have ended, so look at its log. ` +
          'Whether the call did its work is unknown: find out, then call again'
      : `the connection to ${url.host} failed (${code}): check the URL and the network`,
    { cause: error },
  );
}

/**
 * `fetch` throws a `TypeError` whose cause, or whose cause's first error, has the code of the socket. Looked at by
 * shape: the errors may come from another realm.
 */
function networkCodeOf(error: unknown): string | undefined {
  let current = error as { code?: unknown; cause?: unknown; errors?: unknown[] } | undefined;
  for (let depth = 0; typeof current === 'object' && current !== null && depth < 5; depth += 1) {
    if (typeof current.code === 'string' && SOCKET_CODE.test(current.code)) {
      return current.code;
    }
    current = (current.cause ?? current.errors?.[0]) as typeof current;
  }
  return undefined;
}

/** What `fetch` itself would not do, for example connect to a port that browsers block. */
function refusalOfFetch(error: unknown): string | undefined {
  const { message, cause } = (error ?? {}) as { message?: string; cause?: { message?: string } };
  return message === 'fetch failed' ? (cause?.message ?? message) : undefined;
}

function fromUnknown(error: unknown, { url }: ErrorContext): StatefulMcpClientError {
  const message = withoutDump(error instanceof Error ? error.message : String(error));
  if (message === 'Not connected') {
    return closed(error);
  }
  if (message.includes('protocol version is not supported')) {
    return protocolVersion(message, { cause: error });
  }
  return new StatefulMcpClientError(
    'ERR_INVALID_RESPONSE',
    `${url.href} did not answer like an MCP server: ${message}`,
    { cause: error },
  );
}

function protocolVersion(message: string, details: StatefulMcpClientErrorDetails): StatefulMcpClientError {
  return new StatefulMcpClientError(
    'ERR_PROTOCOL_VERSION',
    `client and server have no protocol version in common: update one of them, or pass \`era: 'auto'\` to \`connect()\`, which takes what the server speaks. ${message}`,
    details,
  );
}

function closed(cause?: unknown): StatefulMcpClientError {
  return new StatefulMcpClientError('ERR_CLOSED', 'the client is closed: call `connect()` for a new one', { cause });
}
