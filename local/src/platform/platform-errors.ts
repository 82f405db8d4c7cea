/** Exceptions of the service, by the names of its model and of its MCP protocol contract. */
export type ExceptionName =
  | 'ValidationException'
  | 'UnauthorizedException'
  | 'AccessDeniedException'
  | 'ResourceNotFoundException'
  | 'ConflictException'
  | 'RetryableConflictException'
  | 'ThrottlingException'
  | 'ServiceQuotaExceededException'
  | 'RuntimeClientError'
  | 'McpRequestUnacceptableException'
  | 'InternalServerException';

export interface ExceptionDetails {
  /** `reason` of a ValidationException. */
  readonly reason?: 'CannotParse' | 'FieldValidationFailed' | 'IdempotentParameterMismatchException';
  /** The members of the request that are wrong. */
  readonly fieldList?: readonly { readonly name: string; readonly message: string }[];
  /** Headers of the response, names and values in turn. */
  readonly headers?: readonly string[];
  /** What MCP clients get, where that is not what they get for all exceptions of the name. */
  readonly mcp?: { readonly status: number; readonly code: number };
}

/** An error that the platform answers with, as opposed to one of this program. */
export class PlatformException extends Error {
  public constructor(
    public override readonly name: ExceptionName,
    message: string,
    public readonly details: ExceptionDetails = {},
  ) {
    super(message);
  }
}

/** The runtime or the endpoint does not exist. */
export function resourceNotFound(message = 'Resource not found'): PlatformException {
  return new PlatformException('ResourceNotFoundException', message);
}

/** The session of another caller, which is answered like one that no server knows. */
export function sessionNotFound(): PlatformException {
  return new PlatformException('ResourceNotFoundException', 'Session not found', {
    mcp: { status: 404, code: -32001 },
  });
}

/** A member of a request that is outside what the service model allows. */
export function invalidMember(name: string, message: string): PlatformException {
  return new PlatformException('ValidationException', `${name}: ${message}`, {
    reason: 'FieldValidationFailed',
    fieldList: [{ name, message }],
  });
}

/** A second operation while a session is being provisioned or torn down. Devguide, "MCP protocol contract". */
export function sessionInTransition(): PlatformException {
  return new PlatformException('RetryableConflictException', 'Session operation in progress, please retry');
}

/** The server failed: it did not start, it ended, or it answered with an error. */
export function runtimeClientError(cause: string): PlatformException {
  return new PlatformException('RuntimeClientError', cause);
}

/** The text that was seen for a server that answers 4xx or 5xx; what becomes of a redirect is not documented. */
export function errorFromRuntime(status: number): PlatformException {
  if (status >= 300 && status < 400) {
    return runtimeClientError(
      `Received a redirect (${status}) from runtime, which the platform does not follow. Let the server serve the path that it is called at itself: an app mounted at /mcp redirects it to /mcp/.`,
    );
  }
  return runtimeClientError(
    `Received error (${status}) from runtime. Please check your CloudWatch logs for more information.`,
  );
}

/** Anything else. */
export function internalError(cause: string): PlatformException {
  return new PlatformException('InternalServerException', cause);
}

/** The text of a start that took too long, and of one that failed: the platform does not tell them apart. */
export function initializationTimeExceeded(limitMs: number): string {
  return `Runtime initialization time exceeded. Please make sure that initialization completes in ${limitMs / 1000}s.`;
}

export function payloadTooLong(limitBytes: number): PlatformException {
  return invalidMember('payload', `must be at most ${limitBytes} bytes`);
}
