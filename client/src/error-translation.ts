import { ProtocolError, ProtocolErrorCode, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from './errors';
import { platformError } from './platform-errors';

/** What was being done, for the message. */
export interface ErrorContext {
  readonly url: URL;
  readonly signal?: AbortSignal;
}

/** Makes what the SDK, `fetch` and the server throw into the one error of this package. */
export function toClientError(error: unknown, context: ErrorContext): StatefulMcpClientError {
  if (error instanceof StatefulMcpClientError) {
    return error;
  }
  if (context.signal?.aborted) {
    return new StatefulMcpClientError('ERR_CANCELLED', 'the call was cancelled: its `signal` was aborted', {
      cause: context.signal.reason,
    });
  }
  if (error instanceof ProtocolError) {
    return fromProtocolError(error);
  }
  if (error instanceof SdkHttpError) {
    return fromHttpError(error, context);
  }
  if (error instanceof SdkError) {
    return fromSdkError(error, context);
  }
  return fromNetworkError(error, context) ?? fromUnknown(error, context);
}

function fromProtocolError(error: ProtocolError): StatefulMcpClientError {
  const details = { cause: error, data: error.data, jsonRpcCode: error.code };
  if (error.code === Number(ProtocolErrorCode.MissingRequiredClientCapability)) {
    return new StatefulMcpClientError(
      'ERR_CAPABILITY_REQUIRED',
      `the server needs a capability that this client did not declare: give \`connect()\` the handler for it. It said: ${error.message}`,
      details,
    );
  }
  if (error.code === Number(ProtocolErrorCode.UnsupportedProtocolVersion)) {
    return protocolVersion(error.message, error);
  }
  return (
    platformError(error.code, error.message, details) ??
    new StatefulMcpClientError(
      'ERR_SERVER',
      `the server answered with an error: ${error.message} (${error.code})`,
      details,
    )
  );
}

function fromHttpError(error: SdkHttpError, { url }: ErrorContext): StatefulMcpClientError {
  const { status: httpStatus, text } = error.data;
  const body = jsonRpcErrorOf(text);
  const details = { cause: error, httpStatus, jsonRpcCode: body?.code, data: body?.data };
  const platform = body && platformError(body.code, body.message, details);
  if (platform) {
    return platform;
  }
  const said =
    body?.message ?? (typeof text === 'string' && text.length > 0 && text.length < 200 ? text.trim() : undefined);
  return new StatefulMcpClientError(
    'ERR_HTTP_STATUS',
    `${url.href} answered with HTTP status ${httpStatus}${said === undefined ? '' : ` and said "${said}"`}: ${adviceFor(httpStatus)}`,
    details,
  );
}

function adviceFor(httpStatus: number): string {
  if (httpStatus === 401) {
    return 'send credentials that the server accepts, as a header by `fetch`';
  }
  if (httpStatus === 403) {
    return 'the caller is not allowed, or the server refuses the `Host` or `Origin` header';
  }
  if (httpStatus === 404 || httpStatus === 405) {
    return 'check the path of the URL, an MCP server is usually at /mcp';
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
    return new StatefulMcpClientError('ERR_CAPABILITY_REQUIRED', message, { cause: error });
  }
  if (code === SdkErrorCode.EraNegotiationFailed) {
    return fromNetworkError(error.cause, context) ?? protocolVersion(message, error);
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
    return new StatefulMcpClientError(
      'ERR_REQUEST_TIMEOUT',
      `the server neither answered nor reported progress${timeout === undefined ? ' in time' : ` for ${timeout} ms`}: ` +
        'look at the log of the server, raise `requestTimeout`, or let the tool report progress',
      { cause: error },
    );
  }
  return fromUnknown(error, context);
}

/** Codes of the operating system, of undici and of TLS; not those of Node.js itself, which mean a wrong argument. */
const SOCKET_CODE = /^(E(?!RR_)[A-Z]|UND_ERR_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_|ERR_SSL_)/;

function fromNetworkError(error: unknown, { url }: ErrorContext): StatefulMcpClientError | undefined {
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
  return new StatefulMcpClientError(
    'ERR_CONNECTION_FAILED',
    `the connection to ${url.host} failed (${code}): check the URL and the network`,
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
  const message = error instanceof Error ? error.message : String(error);
  if (message === 'Not connected') {
    return closed(error);
  }
  if (message.includes('protocol version is not supported')) {
    return protocolVersion(message, error);
  }
  return new StatefulMcpClientError(
    'ERR_INVALID_RESPONSE',
    `${url.href} did not answer like an MCP server: ${message}`,
    { cause: error },
  );
}

function protocolVersion(message: string, cause: unknown): StatefulMcpClientError {
  return new StatefulMcpClientError(
    'ERR_PROTOCOL_VERSION',
    `client and server have no protocol version in common: pass \`era: 'auto'\` to take what the server speaks, or update it. ${message}`,
    { cause },
  );
}

function closed(cause?: unknown): StatefulMcpClientError {
  return new StatefulMcpClientError('ERR_CLOSED', 'the client is closed: call `connect()` for a new one', { cause });
}
