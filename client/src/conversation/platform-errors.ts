import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import { StatefulMcpClientError } from '../common/errors';

interface PlatformError {
  /** The exception of Amazon Bedrock AgentCore Runtime behind the code. */
  readonly exception: string;
  readonly explanation: string;
  /**
   * How the platform's own messages begin. Servers and SDKs use some of these codes for other things (-32001 for an
   * unknown session, -32002 for an unknown resource, -32603 for any internal error). With those only the text tells who
   * spoke.
   */
  readonly messages?: RegExp;
}

/**
 * The JSON-RPC errors that AgentCore Runtime answers with in place of the MCP server, most of them with HTTP status
 * 200.
 *
 * Source: "MCP protocol contract" of the Amazon Bedrock AgentCore developer guide, section on error handling; the
 * second texts of -32010 and -32603 were reported by users.
 */
const PLATFORM_ERRORS: Readonly<Record<number, PlatformError>> = {
  [PLATFORM_ERROR_CODES.unauthorized]: {
    exception: 'UnauthorizedException',
    explanation:
      'the credentials were not accepted: check that the bearer token has not expired and is issued for this runtime, ' +
      'or that the request is signed for the service `bedrock-agentcore` in the region of the runtime',
    messages: /^Authentication error/i,
  },
  [PLATFORM_ERROR_CODES.accessDenied]: {
    exception: 'AccessDeniedException',
    explanation:
      'the caller lacks permission: allow `bedrock-agentcore:InvokeAgentRuntime` on the runtime and on the endpoint it calls',
    messages: /^Authorization error/i,
  },
  [PLATFORM_ERROR_CODES.throttled]: {
    exception: 'ThrottlingException or ServiceQuotaExceededException',
    explanation:
      'too many requests or sessions for the quotas of the account: wait and try again, end sessions that are no longer needed, ' +
      'or ask for a higher quota',
  },
  [PLATFORM_ERROR_CODES.notFound]: {
    exception: 'ResourceNotFoundException',
    explanation: 'there is no such runtime or endpoint: check account, region, ARN and `qualifier` in the URL',
  },
  [PLATFORM_ERROR_CODES.conflict]: {
    exception: 'ConflictException or RetryableConflictException',
    explanation: 'the session is just being started or stopped: try again after a short pause',
  },
  [PLATFORM_ERROR_CODES.invalid]: {
    exception: 'ValidationException',
    explanation: 'the platform could not read the request: check the URL and the headers it was sent with',
  },
  [PLATFORM_ERROR_CODES.serverFailed]: {
    exception: 'RuntimeClientError',
    explanation:
      'the server did not start, crashed, or answered with an HTTP error: read the logs of the runtime in CloudWatch, ' +
      'log group `/aws/bedrock-agentcore/runtimes/…`',
  },
  [PLATFORM_ERROR_CODES.unacceptable]: {
    exception: 'McpRequestUnacceptableException',
    explanation:
      'the `Accept` header must allow `application/json` and `text/event-stream`: check what `fetch` or a proxy does to it',
  },
  [PLATFORM_ERROR_CODES.internal]: {
    exception: 'InternalServerException',
    explanation:
      'the platform failed: try again; if it stays, look at the logs of the runtime, since a server that loses its session ' +
      'can look like this too',
    messages: /^(Internal error - Server error|An internal error occurred while processing the request)/i,
  },
};

/** The error for a JSON-RPC error of the platform, or `undefined` when the server itself may have said this. */
export function platformError(
  jsonRpcCode: number,
  message: string,
  details: { data?: unknown; httpStatus?: number; cause?: unknown },
): StatefulMcpClientError | undefined {
  const known = PLATFORM_ERRORS[jsonRpcCode];
  if (known === undefined || (known.messages !== undefined && !known.messages.test(message))) {
    return undefined;
  }
  return new StatefulMcpClientError(
    'ERR_PLATFORM',
    `Amazon Bedrock AgentCore answered "${message}" (${jsonRpcCode}, ${known.exception}): ${known.explanation}`,
    { ...details, jsonRpcCode },
  );
}
