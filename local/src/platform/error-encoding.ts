import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import { respondJson, type Exchange } from '../http/exchange';
import type { ExceptionName, PlatformException } from './platform-errors';
import { type JsonRpcId, jsonRpcError, NO_ID } from '../http/json-rpc';

/**
 * How the callers of a protocol hear of an error: as JSON-RPC (MCP), or as the service's own operations do (HTTP, and
 * all operations but invoke).
 */
export type ErrorDialect = 'mcp' | 'native';

/**
 * The text of an error for MCP clients: the specific cause, as the service was seen to send it, or the one sentence of
 * its documentation.
 */
export type ErrorTexts = 'specific' | 'documented';

interface Encoding {
  /** HTTP status of the service model. */
  readonly status: number;
  readonly mcpStatus: number;
  readonly mcpCode: number;
  readonly mcpText: string;
}

/** Status: service model. The MCP columns: devguide, "MCP protocol contract", error table. */
const ENCODINGS: Readonly<Record<ExceptionName, Encoding>> = {
  UnauthorizedException: {
    status: 401,
    mcpStatus: 401,
    mcpCode: PLATFORM_ERROR_CODES.unauthorized,
    mcpText: 'Authentication error - Invalid credentials',
  },
  AccessDeniedException: {
    status: 403,
    mcpStatus: 403,
    mcpCode: PLATFORM_ERROR_CODES.accessDenied,
    mcpText: 'Authorization error - Insufficient permissions',
  },
  ThrottlingException: {
    status: 429,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.throttled,
    mcpText: 'Rate limit exceeded - Too many requests',
  },
  ServiceQuotaExceededException: {
    status: 402,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.throttled,
    mcpText: 'Rate limit exceeded - Too many requests',
  },
  ResourceNotFoundException: {
    status: 404,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.notFound,
    mcpText: 'Resource not found - Requested resource does not exist',
  },
  ConflictException: {
    status: 409,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.conflict,
    mcpText: 'Resource conflict - Resource already exists',
  },
  RetryableConflictException: {
    status: 409,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.conflict,
    mcpText: 'Session operation in progress, please retry',
  },
  ValidationException: {
    status: 400,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.invalid,
    mcpText: 'Validation error - Invalid request data',
  },
  RuntimeClientError: {
    status: 424,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.serverFailed,
    mcpText: 'Tool execution error - Please check your CloudWatch logs for more information',
  },
  McpRequestUnacceptableException: {
    status: 406,
    mcpStatus: 406,
    mcpCode: PLATFORM_ERROR_CODES.unacceptable,
    mcpText: 'Accept Header Error - MCP protocol requires Accept header: application/json, text/event-stream',
  },
  InternalServerException: {
    status: 500,
    mcpStatus: 200,
    mcpCode: PLATFORM_ERROR_CODES.internal,
    mcpText: 'Internal error - Server error',
  },
};
/**
 * What the service was seen to say more about; the other texts are as documented, with or without a cause known here.
 */
const SPECIFIC_IN_MCP: ReadonlySet<ExceptionName> = new Set(['RuntimeClientError']);

/** An error of the platform as it goes over the wire. */
export interface EncodedError {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

export function encodeError(
  exception: PlatformException,
  dialect: ErrorDialect,
  texts: ErrorTexts,
  id: JsonRpcId,
): EncodedError {
  const encoding = ENCODINGS[exception.name];
  const { headers = [], reason, fieldList, mcp } = exception.details;
  if (dialect === 'mcp') {
    return { status: mcp?.status ?? encoding.mcpStatus, headers, body: jsonRpcException(exception, texts, id) };
  }
  const validation =
    exception.name === 'ValidationException'
      ? { reason: reason ?? 'FieldValidationFailed', ...(fieldList && { fieldList }) }
      : {};
  return {
    status: encoding.status,
    headers: ['x-amzn-ErrorType', exception.name, ...headers],
    body: JSON.stringify({ message: exception.message, ...validation }),
  };
}

/** An exception as a JSON-RPC error. */
export function jsonRpcException(exception: PlatformException, texts: ErrorTexts, id: JsonRpcId): string {
  const { mcpCode, mcpText } = ENCODINGS[exception.name];
  if (exception.details.mcp) {
    return jsonRpcError(exception.details.mcp.code, exception.message, id);
  }
  if (texts === 'documented') {
    return jsonRpcError(mcpCode, mcpText, id);
  }
  if (SPECIFIC_IN_MCP.has(exception.name)) {
    return jsonRpcError(mcpCode, exception.message, id);
  }
  return jsonRpcError(
    mcpCode,
    exception.name === 'InternalServerException' ? `${mcpText}: ${exception.message}` : mcpText,
    id,
  );
}

/** Answers with an error, unless the response has begun. Returns its status. */
export function respondException(
  { response, body }: Exchange,
  exception: PlatformException,
  dialect: ErrorDialect,
  texts: ErrorTexts,
): number {
  const encoded = encodeError(exception, dialect, texts, dialect === 'mcp' ? body.messageId() : NO_ID);
  respondJson(response, encoded.status, encoded.body, encoded.headers);
  return encoded.status;
}
