import type { JSONRPCRequest } from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import { sessionKey, type SessionStore, type StoredSession } from '../storage/session-store';
import type { SessionFacts } from './session-facts';

/** Keeps the session of a transport in a store. */
export class SessionKeeper {
  private key?: string;
  private startedAt = '';

  public constructor(
    private readonly store: SessionStore,
    private readonly url: URL,
    private readonly name: string,
  ) {}

  /** The session that another process left for one with the same capabilities. */
  public async find({ params }: JSONRPCRequest): Promise<StoredSession | undefined> {
    const key = sessionKey(this.url.href, this.name, params?.capabilities);
    this.key = key;
    const found = await this.guarded(() => this.store.read(key));
    this.startedAt = found?.startedAt ?? '';
    return found;
  }

  /** Leaves a new session for other processes. */
  public async keep(sessionId: string, facts: SessionFacts, initializeResult: Record<string, unknown>): Promise<void> {
    const now = new Date().toISOString();
    this.startedAt = now;
    await this.write({ sessionId, initializeResult, ...fields(facts) }, now);
  }

  /** Notes that a session was used until now. Never rejects. */
  public async touch(sessionId: string): Promise<void> {
    const kept = this.key === undefined ? undefined : await this.store.read(this.key).catch(() => undefined);
    if (kept?.sessionId === sessionId) {
      await this.write(kept, new Date().toISOString()).catch(() => undefined);
    }
  }

  /** Nobody shall go on with a session any more. Never rejects. */
  public async forget(): Promise<void> {
    if (this.key !== undefined) {
      await this.store.remove(this.key).catch(() => undefined);
    }
  }

  private async write(
    session: Omit<StoredSession, 'url' | 'name' | 'startedAt' | 'lastUsedAt'>,
    now: string,
  ): Promise<void> {
    const { key, startedAt, url, name } = this;
    if (key !== undefined) {
      await this.guarded(() => this.store.write(key, { ...session, url: url.href, name, startedAt, lastUsedAt: now }));
    }
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new StatefulMcpClientError(
        'ERR_SESSION_STORE',
        `the store of sessions cannot be used (${cause instanceof Error ? cause.message : String(cause)}): make it writable, or leave out \`sessions\``,
        { cause },
      );
    }
  }
}

function fields({
  runtimeSessionId,
  endpointUrl,
}: SessionFacts): Pick<StoredSession, 'runtimeSessionId' | 'endpointUrl'> {
  return {
    ...(runtimeSessionId !== undefined && { runtimeSessionId }),
    ...(endpointUrl && { endpointUrl: endpointUrl.href }),
  };
}
