import { ProtocolError, type JSONRPCMessage, type JSONRPCRequest, type Transport } from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import { isErrorResponse, isNotification, isRequest, isResultResponse } from '../common/message-kind';
import type { StoredSession } from '../storage/session-store';
import { RequestIds } from './request-ids';
import { isSessionGone, SessionConnection, type ConnectionOptions } from './session-connection';
import type { SessionKeeper } from './session-keeper';
import { traced, type TraceContext } from './trace-context';

/** How long the end of a session may take that was started for a client which was closed meanwhile. */
const END_UNWANTED_MS = 2000;

/** A session that was gone, and the one that took its place. */
export interface SessionRestart {
  /** The session that the server no longer knows: it idled out, reached its max lifetime, or its process ended. */
  readonly oldSessionId: string;
  /** The session that this client uses from now on. State that the server kept in the old one is lost. */
  readonly newSessionId: string;
  /** What went with the old one besides what the server kept in it. */
  readonly lost: LostWithSession;
}

/** What goes with a session. */
export interface LostWithSession {
  /** Calls that were under way besides the one that is repeated; whether the server did their work is unknown. */
  readonly calls: number;
  /** Questions of the server that nobody had answered yet. */
  readonly questions: number;
  /** Resources that were subscribed to: subscribe again. */
  readonly subscriptions: readonly string[];
}

export interface SessionRestartOptions extends ConnectionOptions {
  /** Keeps the session for other processes. */
  readonly keeper?: SessionKeeper;
  /** What whoever is on top gets to see of a message of the server. */
  readonly present: (message: JSONRPCMessage) => JSONRPCMessage;
  /** Which trace a request belongs to. */
  readonly trace?: () => Partial<TraceContext> | undefined;
  readonly onSessionRestarted?: (restart: SessionRestart) => void;
}

/**
 * The transport that the SDK client sees: it stays the same while sessions come and go underneath.
 *
 * A request that a session answers with 404 was never executed. It starts a new session, together with all others that
 * met the same 404, and is sent once more. A second 404 for it is an error. What else was under way on the old session
 * is not repeated.
 */
export class SessionRestartingTransport implements Transport {
  public readonly hasPerRequestStream = true;
  public onclose?: () => void;
  public onerror?: (error: Error) => void;
  public onmessage?: Transport['onmessage'];
  private current: SessionConnection;
  private handshake?: JSONRPCRequest;
  private restart?: Promise<void>;
  private restarts = 0;
  private closed = false;
  private resumed = false;
  private keeping?: Promise<void>;
  private ended = false;
  private readonly ids?: RequestIds;
  private readonly subscriptions = new Set<string>();

  public constructor(private readonly options: SessionRestartOptions) {
    this.ids = options.keeper && new RequestIds();
    this.current = this.connection();
  }

  /** What the platform said when it refused a request last. */
  public get refusal(): string | undefined {
    return this.current.refusal;
  }

  public get sessionId(): string | undefined {
    return this.current.sessionId;
  }

  public start(): Promise<void> {
    return this.current.start();
  }

  public setProtocolVersion(version: string): void {
    this.current.setProtocolVersion(version);
  }

  public async send(original: JSONRPCMessage, sendOptions?: Parameters<Transport['send']>[1]): Promise<void> {
    if (isRequest(original) && original.method === 'initialize' && (await this.begin(original))) {
      return;
    }
    const isInitialized = isNotification(original) && original.method === 'notifications/initialized';
    if (this.resumed && isInitialized) {
      return this.current.listen();
    }
    if (isInitialized) {
      // Whoever connects next finds it.
      await this.keeping;
    }
    this.note(original);
    const { message, headers } = traced(this.ids?.outgoing(original) ?? original, this.options.trace?.());
    const options = headers ? { ...sendOptions, headers: { ...sendOptions?.headers, ...headers } } : sendOptions;
    // A session that is just being replaced would only answer 404. If replacing it fails, this request finds out for
    // itself.
    if (isRequest(message)) {
      await this.restart?.catch(() => undefined);
    }
    const connection = this.current;
    try {
      await connection.send(message, options);
    } catch (error) {
      if (!isSessionGone(error) || connection.sessionId === undefined || !isRequest(message)) {
        throw error;
      }
      await this.replace(connection);
      await this.current.send(message, options).catch((again: unknown) => {
        throw isSessionGone(again) ? lostAgain(again) : again;
      });
    }
  }

  /**
   * Asks the server to end the session, for at most `timeoutMs`. A server that cannot (405) or does not
   * answer is left alone.
   */
  public async endSession(timeoutMs: number): Promise<void> {
    if (this.ended) {
      return;
    }
    this.ended = true;
    await this.end(this.current, timeoutMs);
  }

  /** Ends the session, or where it is kept, leaves it to others. */
  public async leaveSession(timeoutMs: number): Promise<void> {
    const { keeper } = this.options;
    if (keeper === undefined) {
      return this.endSession(timeoutMs);
    }
    await this.keeping?.catch(() => undefined);
    await keeper.touch(this.sessionId ?? '');
  }

  public async close(): Promise<void> {
    if (this.closed) {
      return;
    }
    this.closed = true;
    await this.current.close();
    this.onclose?.();
  }

  private async end(connection: SessionConnection, timeoutMs: number): Promise<void> {
    await this.keeping?.catch(() => undefined);
    await this.options.keeper?.forget();
    await endSessionOf(connection, timeoutMs);
  }

  /** @returns whether the handshake is done, with a session that another process has left */
  private async begin(handshake: JSONRPCRequest): Promise<boolean> {
    this.handshake = handshake;
    const stored = await this.options.keeper?.find(handshake);
    if (stored === undefined) {
      return false;
    }
    const unused = this.current;
    this.current = this.connection(stored);
    this.resumed = true;
    await unused.close();
    await this.current.start();
    this.onmessage?.({ jsonrpc: '2.0', id: handshake.id, result: { ...stored.initializeResult } });
    return true;
  }

  /** What of a session would have to be done again in another. */
  private note(message: JSONRPCMessage): void {
    if (isRequest(message) && typeof message.params?.uri === 'string') {
      if (message.method === 'resources/subscribe') {
        this.subscriptions.add(message.params.uri);
      } else if (message.method === 'resources/unsubscribe') {
        this.subscriptions.delete(message.params.uri);
      }
    }
  }

  private connection(stored?: StoredSession): SessionConnection {
    const connection = new SessionConnection(this.options, stored);
    connection.onmessage = received => {
      const message = this.ids?.incoming(received) ?? received;
      if (isResultResponse(message) && message.id === this.handshake?.id) {
        this.keep(connection, message.result);
      }
      this.onmessage?.(this.options.present(message));
    };
    connection.onerror = error => this.onerror?.(error);
    return connection;
  }

  private keep(connection: SessionConnection, result: Record<string, unknown>): void {
    const { sessionId, facts } = connection;
    if (sessionId !== undefined) {
      this.keeping = this.options.keeper?.keep(sessionId, facts, result);
      this.keeping?.catch((error: Error) => this.onerror?.(error));
    }
  }

  /** Whether nobody will use a session any more that starts now. */
  private get isOver(): boolean {
    return this.closed || this.ended;
  }

  /** Puts a new session in the place of a lost one, once for all who lost it. */
  private async replace(lost: SessionConnection): Promise<void> {
    if (this.current !== lost) {
      return;
    }
    this.restart ??= this.startSession(lost).finally(() => {
      this.restart = undefined;
    });
    await this.restart;
  }

  private async startSession(lost: SessionConnection): Promise<void> {
    const next = this.connection();
    try {
      await withTimeout(this.initialize(next), this.options.startTimeoutMs);
      if (this.isOver) {
        throw new StatefulMcpClientError('ERR_CLOSED', 'the client was closed while it started a new session');
      }
    } catch (error) {
      if (this.isOver && next.sessionId !== undefined) {
        // Nobody else would: the client has ended the session that it knew.
        await this.end(next, END_UNWANTED_MS);
      }
      await next.close();
      throw lostForGood(lost.sessionId, error);
    }
    this.current = next;
    const { calls, questions } = lost.unanswered;
    const subscriptions = [...this.subscriptions];
    this.subscriptions.clear();
    for (const requestId of lost.retire()) {
      // Whoever is still answering a question of the old session learns that nobody waits for the answer any more.
      this.onmessage?.({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId, reason: 'the session has ended' },
      });
    }
    this.report({
      oldSessionId: lost.sessionId ?? '',
      newSessionId: next.sessionId ?? '',
      lost: { calls, questions, subscriptions },
    });
  }

  private async initialize(next: SessionConnection): Promise<void> {
    if (this.handshake === undefined) {
      throw new Error('this connection did not begin with `initialize`');
    }
    await next.start();
    const response = await next.request({ ...this.handshake, id: `session-restart-${++this.restarts}` });
    if (isErrorResponse(response)) {
      throw ProtocolError.fromError(response.error.code, response.error.message, response.error.data);
    }
    if (next.sessionId === undefined) {
      throw new Error('the server started no new session');
    }
    next.setProtocolVersion(String(response.result.protocolVersion));
    this.keep(next, response.result);
    await next.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  }

  private report(restart: SessionRestart): void {
    try {
      this.options.onSessionRestarted?.(restart);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

async function endSessionOf(connection: SessionConnection, timeoutMs: number): Promise<void> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>(resolve => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([connection.terminateSession(over.signal).catch(() => undefined), waited]);
  clearTimeout(timer);
  over.abort();
}

async function withTimeout(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to \`initialize\` within ${timeoutMs} ms`)), timeoutMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function lostForGood(sessionId: string | undefined, cause: unknown): StatefulMcpClientError {
  if (cause instanceof StatefulMcpClientError && cause.code === 'ERR_CLOSED') {
    return cause;
  }
  return new StatefulMcpClientError(
    'ERR_SESSION_LOST',
    `session ${sessionId ?? ''} is gone and a new one could not be started (${cause instanceof Error ? cause.message : String(cause)}): ` +
      'look at the log of the server, then call again',
    { cause },
  );
}

function lostAgain(cause: unknown): StatefulMcpClientError {
  return new StatefulMcpClientError(
    'ERR_SESSION_LOST',
    'the session was gone, and the server does not know the new one either: it ends sessions at once, or it does not keep ' +
      'a session on the process that started it',
    { cause, httpStatus: 404 },
  );
}
