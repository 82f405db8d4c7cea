import { createHash, randomUUID } from 'node:crypto';
import type { Client, FetchLike, Progress } from '@modelcontextprotocol/client';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID, type CheckEra, type ToolOutcome } from 'stateful-mcp-contract';
import type { Endpoint } from '../common/endpoint';
import type { Handlers } from '../conversation/handlers';
import { isOver, stopSession } from '../session/stop-session';
import type { Judged } from './judge';
import { sentMessage, type Transcript } from './transcript';

/** Sessions that a check opens, besides those of its parallel first calls. */
const NAMES = ['first', 'second', 'unknown'] as const;
const MOST_PARALLEL = 10;

const STOP_TIMEOUT_MS = 5_000;

/** A connection of a check: what `connect()` gives, as far as a check uses it. */
export interface CheckedClient {
  readonly mcp: Client;
  readonly sessionId: string | undefined;
  readonly protocolVersion: string;
  callTool(
    name: string,
    args: Record<string, unknown>,
    options: { readonly onProgress: (progress: Progress) => void; readonly signal: AbortSignal },
  ): Promise<ToolOutcome>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** How one connection is opened. */
export interface ConnectionWish {
  readonly era: CheckEra;
  readonly handlers: Handlers;
  /** Puts itself around everything that is sent. */
  readonly around: (fetch: FetchLike) => FetchLike;
  readonly onSessionRestarted: () => void;
}

/** How a check reaches the server. */
export interface CheckedWay extends Judged {
  /** With the credentials of the caller. */
  readonly fetch: FetchLike;
  /** Without any. */
  readonly bareFetch: FetchLike;
  readonly connectTimeoutMs: number;
  connect(wish: ConnectionWish): Promise<CheckedClient>;
}

/**
 * The ids of the sessions of a check. From one seed come the same ids, so that a check which takes the place of one that
 * was killed ends what that one has left.
 */
export class CheckSessionIds {
  private readonly prefix: string;

  public constructor(private readonly seed: string | undefined) {
    const hash = createHash('sha256').update(seed ?? randomUUID());
    this.prefix = `check-${hash.digest('hex').slice(0, 40)}`;
  }

  public of(name: (typeof NAMES)[number] | number): string {
    return `${this.prefix}-${name}`;
  }

  /** Ends what a check of the same seed has left. */
  public async endLeftovers(way: CheckedWay, transcript: Transcript): Promise<void> {
    if (this.seed !== undefined && way.endpoint.runtime !== undefined) {
      const parallel = Array.from({ length: MOST_PARALLEL }, (_, index) => index + 1);
      const stopped = await endSessions(
        way,
        [...NAMES, ...parallel].map(name => this.of(name)),
      );
      transcript.add(
        `sessions that an earlier check may have left: ${stopped} of ${NAMES.length + MOST_PARALLEL} asked`,
      );
    }
  }
}

/** Ends sessions on AgentCore. @returns how many are over by its answers */
export async function endSessions(
  { endpoint: { runtime }, fetch }: Pick<CheckedWay, 'endpoint' | 'fetch'>,
  ids: readonly string[],
): Promise<number> {
  if (runtime === undefined) {
    return 0;
  }
  const signal = AbortSignal.timeout(STOP_TIMEOUT_MS);
  const statuses = await Promise.all(ids.map(id => stopSession(fetch, runtime, id, signal).catch(() => undefined)));
  return statuses.filter(isOver).length;
}

/**
 * Proposes an id for a session, as AgentCore does with its own: in the headers of the handshake, and on AgentCore in the
 * header of all requests that `StopRuntimeSession` goes by.
 */
export function proposing(sessionId: string | undefined, { runtime }: Endpoint): (fetch: FetchLike) => FetchLike {
  if (sessionId === undefined) {
    return fetch => fetch;
  }
  return fetch => (url, init) => {
    const headers = new Headers(init?.headers);
    if (runtime !== undefined) {
      headers.set(RUNTIME_SESSION_ID, sessionId);
    }
    if (!headers.has(MCP_SESSION_ID) && sentMessage(init)?.method === 'initialize') {
      headers.set(MCP_SESSION_ID, sessionId);
    }
    return fetch(url, { ...init, headers });
  };
}

/** Writes down everything that is sent, and how long its answer took to begin. */
export function recording(transcript: Transcript, onSent: (method: string) => void): (fetch: FetchLike) => FetchLike {
  return fetch => async (url, init) => {
    const sent = sentMessage(init);
    if (sent === undefined) {
      return fetch(url, init);
    }
    const text = `${sent.method}${sent.name === undefined ? '' : ` ${sent.name}`}`;
    transcript.add(`→ ${text}`);
    onSent(sent.method);
    const startedAt = Date.now();
    try {
      const response = await fetch(url, init);
      transcript.add(`← HTTP ${response.status} to ${text} in ${Date.now() - startedAt} ms`);
      return response;
    } catch (error) {
      transcript.add(`← nothing to ${text} in ${Date.now() - startedAt} ms`);
      throw error;
    }
  };
}
