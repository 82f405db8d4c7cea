import { OAuthError } from '@modelcontextprotocol/client';
import { PLATFORM_ERROR_CODES, reportText, type Judgement } from 'stateful-mcp-contract';
import type { Endpoint } from '../common/endpoint';
import { StatefulMcpClientError, type StatefulMcpClientErrorCode } from '../common/errors';

/** JSON-RPC codes by which the platform says that it could not do its part. */
const NOT_THE_SERVER: readonly number[] = [
  PLATFORM_ERROR_CODES.throttled,
  PLATFORM_ERROR_CODES.conflict,
  PLATFORM_ERROR_CODES.internal,
];

/** What authorization servers answer when they are at fault themselves (RFC 6749, and HTTP status in texts of the SDK). */
const OAUTH_DOWN = /^(server_error|temporarily_unavailable|too_many_requests)$/;
const STATUS_DOWN = /\bHTTP (5\d\d|429)\b/;

/** Proxies and load balancers answer so, and servers that are overloaded. */
const BEFORE_THE_SERVER: readonly number[] = [429, 502, 503, 504];

/**
 * Whether a failure says something of the server. It does not when the platform throttled or failed, when nobody gave
 * credentials, or when an authorization server was down.
 */
export function judge(error: unknown, endpoint: Endpoint): Judgement {
  const got = reportText(error instanceof Error ? error.message : String(error));
  return {
    verdict:
      error instanceof StatefulMcpClientError && ELSEWHERE[error.code]?.(error, endpoint.runtime !== undefined)
        ? 'inconclusive'
        : 'fail',
    got,
  };
}

/** Failures that may be somebody else's, and when they are. */
const ELSEWHERE: Partial<
  Record<StatefulMcpClientErrorCode, (error: StatefulMcpClientError, onPlatform: boolean) => boolean>
> = {
  ERR_PLATFORM: ({ jsonRpcCode }) => jsonRpcCode !== undefined && NOT_THE_SERVER.includes(jsonRpcCode),
  ERR_CREDENTIALS: () => true,
  ERR_SIGN_IN: ({ cause }) => isDown(cause),
  // AgentCore hides its servers: what cannot be reached is AgentCore.
  ERR_CONNECTION_FAILED: (_error, onPlatform) => onPlatform,
  ERR_CONNECTION_REFUSED: (_error, onPlatform) => onPlatform,
  ERR_HTTP_STATUS: ({ httpStatus }, onPlatform) => isBeforeTheServer(httpStatus, onPlatform),
};

/** AgentCore reports errors of its servers inside of a success: an HTTP status from 500 on is its own. */
export function isBeforeTheServer(status: number | undefined, onPlatform: boolean): boolean {
  return status !== undefined && (BEFORE_THE_SERVER.includes(status) || (onPlatform && status >= 500));
}

function isDown(cause: unknown): boolean {
  if (cause instanceof OAuthError) {
    return OAUTH_DOWN.test(cause.code) || STATUS_DOWN.test(cause.message);
  }
  return cause instanceof TypeError || (cause instanceof Error && STATUS_DOWN.test(cause.message));
}
