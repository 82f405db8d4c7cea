import type { AuthInfo } from '@modelcontextprotocol/server';
import { RUNTIME_USER_ID } from 'stateful-mcp-contract';
import { ServerKitError } from './errors';

export interface PrincipalOptions {
  /**
   * Who a request is from. Sessions and request state belong to that principal: to anybody else they do not exist.
   *
   * - `platform-user`: the user that the header `X-Amzn-Bedrock-AgentCore-Runtime-User-Id` names. Only for servers that
   *   nobody reaches but through AgentCore Runtime, where naming a user takes the permission
   *   `bedrock-agentcore:InvokeAgentRuntimeForUser`. Anywhere else, any client can write the header.
   * - a function: the principal of a request, for example from a header that a proxy has verified. Undefined means that
   *   the request names none. What it throws is logged, and the request gets 500.
   *
   * Requests that name none are all of one principal. The client and the subject of a verified token (`authInfo`) are
   * part of the principal in any case.
   * @default - none but that of a verified token: whoever has a session id can use that session
   */
  readonly principal?: 'platform-user' | ((request: Request) => string | undefined);
}

/** Who made a request, as one comparable string; empty when nothing says so. */
export type PrincipalOf = (request: Request, authInfo: AuthInfo | undefined) => string;

/** @throws ServerKitError `ERR_INVALID_OPTION` */
export function principalBy({ principal }: PrincipalOptions): PrincipalOf {
  if (principal !== undefined && principal !== 'platform-user' && typeof principal !== 'function') {
    throw invalid("must be 'platform-user' or a function of the request", principal);
  }
  return (request, authInfo) => {
    const user =
      principal === 'platform-user' ? (request.headers.get(RUNTIME_USER_ID) ?? undefined) : principal?.(request);
    if (user !== undefined && typeof user !== 'string') {
      throw invalid('must give a text or undefined', user);
    }
    const client = authInfo && [authInfo.clientId, subjectOf(authInfo)];
    return client || user ? JSON.stringify([...(client ?? ['', '']), user ?? '']) : '';
  };
}

function subjectOf(authInfo: AuthInfo): string {
  const subject = authInfo.extra?.['sub'];
  return typeof subject === 'string' ? subject : '';
}

function invalid(problem: string, value: unknown): ServerKitError {
  return new ServerKitError(
    'ERR_INVALID_OPTION',
    `\`principal\` ${problem}, got ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
  );
}
