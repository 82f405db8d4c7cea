import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchLike } from '@modelcontextprotocol/client';
import { RUNTIME_SESSION_ID } from 'stateful-mcp-contract';
import type { RuntimeEndpoint } from '../common/endpoint';

/** `StopRuntimeSession` takes ids of this length on. */
const SHORTEST_ID = 33;
const BETWEEN_TRIES_MS = 300;

/**
 * Ends a session on AgentCore by `StopRuntimeSession`: the microVM stops at once, and nobody pays for its idle time.
 *
 * @returns the HTTP status of the answer; `undefined` for an id that AgentCore would not take
 */
export async function stopSession(
  fetch: FetchLike,
  { stopUrl }: RuntimeEndpoint,
  sessionId: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (sessionId.length < SHORTEST_ID) {
    return undefined;
  }
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', [RUNTIME_SESSION_ID]: sessionId },
    body: JSON.stringify({ clientToken: randomUUID() }),
    signal,
  };
  for (;;) {
    const response = await fetch(stopUrl, request);
    await response.body?.cancel();
    // It is just being started or stopped.
    if (response.status !== 409) {
      return response.status;
    }
    await sleep(BETWEEN_TRIES_MS, undefined, { signal });
  }
}

/** Whether a session is over by the answer to its end: it ended, or it was gone before. */
export function isOver(status: number | undefined): boolean {
  return status !== undefined && ((status >= 200 && status < 300) || status === 404);
}
