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
 * @returns whether it is over
 */
export async function stopSession(
  fetch: FetchLike,
  { stopUrl }: RuntimeEndpoint,
  sessionId: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (sessionId.length < SHORTEST_ID) {
    return false;
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
      return response.ok || response.status === 404;
    }
    await sleep(BETWEEN_TRIES_MS, undefined, { signal });
  }
}
