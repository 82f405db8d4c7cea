import type { FetchLike } from '@modelcontextprotocol/client';
import { MCP_PROTOCOL_VERSION, MCP_SESSION_ID } from 'stateful-mcp-contract';
import { toClientError } from './conversation/error-translation';
import { StatefulMcpClientError } from './common/errors';
import { isOver, stopSession } from './session/stop-session';
import type { StoredSession } from './storage/session-store';
import { END_SESSION_TIMEOUT_MS, locate, type TransportOptions } from './transport';

/** How the end of a kept session is asked for. */
export interface EndKeptSessionOptions extends Pick<TransportOptions, 'auth' | 'fetch'> {
  /**
   * How long the answer may take, in milliseconds.
   *
   * @default 2000
   */
  readonly timeoutMs?: number;
}

/**
 * Ends a session that was kept in a store: by `StopRuntimeSession` on AgentCore, elsewhere by DELETE. Nothing else is
 * asked of the server, since a request to a session that is gone would start it again. The store is left as it is.
 *
 * @returns whether it is over; `false` when the server does not let its clients end sessions (405)
 * @throws StatefulMcpClientError `ERR_CREDENTIALS`, `ERR_CONNECTION_FAILED`, or what the server refuses
 */
export async function endKeptSession(
  session: Pick<StoredSession, 'url' | 'sessionId' | 'runtimeSessionId' | 'initializeResult'>,
  { auth, fetch, timeoutMs = END_SESSION_TIMEOUT_MS }: EndKeptSessionOptions = {},
): Promise<boolean> {
  const { auth: chosen, endpoint } = await locate({ target: session.url, auth, fetch });
  const send = fetch ?? globalThis.fetch;
  const authorized = chosen?.authorized(send, endpoint) ?? send;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await chosen?.prepare?.(send, endpoint, signal);
    const status =
      (endpoint.runtime &&
        (await stopSession(authorized, endpoint.runtime, session.runtimeSessionId ?? session.sessionId, signal))) ??
      (await deleteSession(authorized, endpoint.url, session, signal));
    if (isOver(status)) {
      return true;
    }
    if (status === 405) {
      return false;
    }
    throw new StatefulMcpClientError(
      'ERR_HTTP_STATUS',
      `${endpoint.url.href} refused to end session ${session.sessionId} (HTTP ${status}): check who is allowed to end it`,
      { httpStatus: status },
    );
  } catch (error) {
    throw toClientError(error, { url: endpoint.url });
  }
}

async function deleteSession(
  fetch: FetchLike,
  url: URL,
  { sessionId, initializeResult }: Pick<StoredSession, 'sessionId' | 'initializeResult'>,
  signal: AbortSignal,
): Promise<number> {
  const version = initializeResult.protocolVersion;
  const response = await fetch(url, {
    method: 'DELETE',
    headers: {
      [MCP_SESSION_ID]: sessionId,
      ...(typeof version === 'string' && { [MCP_PROTOCOL_VERSION]: version }),
    },
    signal,
  });
  await response.body?.cancel();
  return response.status;
}
