import type { AuthInfo, McpServer } from '@modelcontextprotocol/server';
import { setCallContext } from './call-context';
import { BoundedEventStore } from './event-store';
import type { OpenCalls } from './open-calls';
import { whenBodyEnds } from './response-body';
import { SessionTransport } from './session-transport';

/** How long a client should wait before it connects again after a broken stream. */
const RETRY_MS = 1000;

/** What a session keeps so that a client can read on after a broken connection. */
const EVENT_STORE_LIMITS = { maxEvents: 256, maxBytes: 1024 * 1024 };

/** Why a session stopped. */
export type SessionStopReason = 'deleted' | 'idle-timeout' | 'max-lifetime' | 'closed';

export interface SessionOptions {
  readonly id: string;
  readonly principal: string;
  readonly server: McpServer;
  readonly openCalls: OpenCalls;
  readonly keepAliveMs: number;
  readonly idleTimeoutMs: number;
  readonly maxLifetimeMs: number;
  readonly onInitialized: (session: Session) => void;
  readonly onClosed: (session: Session, reason: SessionStopReason) => void;
}

/** One session of the legacy era: a server instance of the author, its transport, and the time since it was last used. */
export class Session {
  readonly id: string;
  readonly principal: string;

  readonly #server: McpServer;
  readonly #transport: SessionTransport;
  readonly #openCalls: OpenCalls;
  readonly #idle: NodeJS.Timeout;
  readonly #lifetime: NodeJS.Timeout;
  #openStreams = 0;
  #stopReason: SessionStopReason = 'closed';

  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    await session.#server.connect(session.#transport);
    return session;
  }

  private constructor({ id, principal, server, openCalls, keepAliveMs, idleTimeoutMs, maxLifetimeMs, onInitialized, onClosed }: SessionOptions) {
    this.id = id;
    this.principal = principal;
    this.#server = server;
    this.#openCalls = openCalls;
    this.#transport = new SessionTransport({
      sessionIdGenerator: () => id,
      onsessioninitialized: () => onInitialized(this),
      onsessionclosed: () => { this.#stopReason = 'deleted'; },
      eventStore: new BoundedEventStore(EVENT_STORE_LIMITS),
      retryInterval: RETRY_MS,
      keepAliveMs,
    }, openCalls);
    this.#transport.onclose = () => {
      clearTimeout(this.#idle);
      clearTimeout(this.#lifetime);
      onClosed(this, this.#stopReason);
    };
    this.#idle = setTimeout(() => this.#freeWhenIdle(), idleTimeoutMs).unref();
    this.#lifetime = setTimeout(() => void this.#stop('max-lifetime'), maxLifetimeMs).unref();
  }

  get initialized(): boolean {
    return this.#transport.sessionId !== undefined;
  }

  async handle(request: Request, parsedBody: unknown, authInfo: AuthInfo | undefined): Promise<Response> {
    this.#idle.refresh();
    setCallContext(request, { clientCapabilities: () => this.#server.server.getClientCapabilities(), beginCall: () => this.#openCalls.begin() });
    const response = await this.#transport.handleRequest(request, { parsedBody, ...(authInfo && { authInfo }) });
    return request.method === 'GET' ? this.#watch(response) : response;
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  /** A client that listens is not gone. */
  #watch(response: Response): Response {
    if (!response.body) return response;
    this.#openStreams += 1;
    return whenBodyEnds(response, () => {
      this.#openStreams -= 1;
      this.#idle.refresh();
    });
  }

  #freeWhenIdle(): void {
    if (this.#transport.busy || this.#openStreams > 0) this.#idle.refresh();
    else void this.#stop('idle-timeout');
  }

  async #stop(reason: SessionStopReason): Promise<void> {
    this.#stopReason = reason;
    await this.close();
  }
}
