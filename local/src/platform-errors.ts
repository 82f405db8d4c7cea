/**
 * How AgentCore Runtime tells an MCP client about an error of its own: JSON-RPC in an HTTP 200.
 * Codes and texts: devguide, "MCP protocol contract", error table.
 */
export interface PlatformError {
  readonly code: number;
  readonly message: string;
}

/** ResourceNotFoundException */
export const resourceNotFound: PlatformError = { code: -32004, message: 'Resource not found - Requested resource does not exist' };

/** ValidationException */
export const invalidRequest: PlatformError = { code: -32006, message: 'Validation error - Invalid request data' };

/** Any other exception */
export function internalError(cause: string): PlatformError {
  return { code: -32603, message: `Internal error - Server error: ${cause}` };
}

/** RuntimeClientError: the table has one text, the service was seen to send the specific cause, which helps more. */
export function runtimeClientError(cause: string): PlatformError {
  return { code: -32010, message: cause };
}

/** The text of a start that took too long, and of one that failed: the platform does not tell them apart. */
export function initializationTimeExceeded(limitSeconds: number): string {
  return `Runtime initialization time exceeded. Please make sure that initialization completes in ${limitSeconds}s.`;
}

export type JsonRpcId = string | number | null;

export function jsonRpcError(error: PlatformError, id: JsonRpcId): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: error.code, message: error.message } });
}
