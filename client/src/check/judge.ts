import type { FetchLike } from '@modelcontextprotocol/client';
import { PLATFORM_ERROR_CODES, reportText, type Judgement } from 'stateful-mcp-contract';
import type { Endpoint } from '../common/endpoint';
import { StatefulMcpClientError, type StatefulMcpClientErrorCode } from '../common/errors';

/** JSON-RPC codes by which the platform says that it could not do its part. */
const NOT_THE_SERVER: readonly number[] = [
  PLATFORM_ERROR_CODES.throttled,
  PLATFORM_ERROR_CODES.conflict,
  PLATFORM_ERROR_CODES.internal,
];

/** Proxies and load balancers answer so, and servers that are overloaded. */
const BEFORE_THE_SERVER: readonly number[] = [429, 502, 503, 504];

/** Where a failure happened. */
export interface Judged {
  readonly endpoint: Endpoint;
  readonly others: OthersWatch;
}

/**
 * Whether a failure says something of the server. It does not when the platform throttled or failed, when nobody gave
 * credentials, or when an authorization server was down.
 */
export function judge(error: unknown, way: Judged): Judgement {
  const got = reportText(error instanceof Error ? error.message : String(error));
  return {
    verdict: error instanceof StatefulMcpClientError && ELSEWHERE[error.code]?.(error, way) ? 'inconclusive' : 'fail',
    got,
  };
}

/** Failures that may be somebody else's, and when they are. */
const ELSEWHERE: Partial<Record<StatefulMcpClientErrorCode, (error: StatefulMcpClientError, way: Judged) => boolean>> =
  {
    ERR_PLATFORM: ({ jsonRpcCode }) => jsonRpcCode !== undefined && NOT_THE_SERVER.includes(jsonRpcCode),
    ERR_CREDENTIALS: () => true,
    ERR_SIGN_IN: (_error, { others }) => others.anyIsDown,
    // AgentCore hides its servers: what cannot be reached is AgentCore.
    ERR_CONNECTION_FAILED: (_error, { endpoint }) => endpoint.runtime !== undefined,
    ERR_CONNECTION_REFUSED: (_error, { endpoint }) => endpoint.runtime !== undefined,
    ERR_HTTP_STATUS: ({ httpStatus }, { endpoint }) => isBeforeTheServer(httpStatus, endpoint.runtime !== undefined),
  };

/** AgentCore reports errors of its servers inside of a success: an HTTP status from 500 on is its own. */
export function isBeforeTheServer(status: number | undefined, onPlatform: boolean): boolean {
  return status !== undefined && (BEFORE_THE_SERVER.includes(status) || (onPlatform && status >= 500));
}

/** Notes whether others than the server were down, such as an authorization server. */
export class OthersWatch {
  private down = false;

  public constructor(private readonly endpoint: Endpoint) {}

  public get anyIsDown(): boolean {
    return this.down;
  }

  public around(fetch: FetchLike): FetchLike {
    return async (url, init) => {
      const isOther = ![this.endpoint.url.href, this.endpoint.runtime?.stopUrl.href].includes(String(url));
      try {
        const response = await fetch(url, init);
        this.down ||= isOther && isBeforeTheServer(response.status, true);
        return response;
      } catch (error) {
        this.down ||= isOther;
        throw error;
      }
    };
  }
}
