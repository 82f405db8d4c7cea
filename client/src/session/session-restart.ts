import {
  isInitializeRequest,
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  ProtocolError,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type Transport,
} from '@modelcontextprotocol/client';
import { StatefulMcpClientError } from '../common/errors';
import { markAsReceived } from '../incoming/progress';
import { isSessionGone, SessionConnection, type OpenTransport } from './session-connection';

/** How long the end of a session may take that was started for a client which was closed meanwhile. */
const END_UNWANTED_MS = 2000;

/** A session that was gone, and the one that took its place. */
export interface SessionRestart {
  /** The session that the server no longer knows: it idled out, reached its max lifetime, or its process ended. */
  readonly oldSessionId: string;
  /** The session that this client uses from now on. State that the server kept in the old one is lost. */
  readonly newSessionId: string;
}

export interface SessionRestartOptions {
  /** Makes the SDK transport of a new session. */
  readonly open: OpenTransport;
  /** How long starting a new session may take. */
  readonly startTimeoutMs: number;
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

  public constructor(private readonly options: SessionRestartOptions) {
    this.current = this.connection();
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

  public async send(message: JSONRPCMessage, options?: Parameters<Transport['send']>[1]): Promise<void> {
    if (isInitializeRequest(message)) {
      this.handshake = message as JSONRPCRequest;
    }
    // A session that is just being replaced would only answer 404. If replacing it fails, this request finds out for
    // itself.
    if (isJSONRPCRequest(message)) {
      await this.restart?.catch(() => undefined);
    }
    const connection = this.current;
    try {
      await connection.send(message, options);
    } catch (error) {
      if (!isSessionGone(error) || connection.sessionId === undefined || !isJSONRPCRequest(message)) {
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
  public endSession(timeoutMs: number): Promise<void> {
    return endSessionOf(this.current, timeoutMs);
  }

  public async close(): Promise<void> {
    if (this.closed) {
      return;
    }
    this.closed = true;
    await this.current.close();
    this.onclose?.();
  }

  private connection(): SessionConnection {
    const connection = new SessionConnection(this.options.open);
    connection.onmessage = message => this.onmessage?.(markAsReceived(message));
    connection.onerror = error => this.onerror?.(error);
    return connection;
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
      if (this.closed) {
        throw new StatefulMcpClientError('ERR_CLOSED', 'the client was closed while it started a new session');
      }
    } catch (error) {
      if (this.closed && next.sessionId !== undefined) {
        // Nobody else would: the client has ended the session that it knew.
        await endSessionOf(next, END_UNWANTED_MS);
      }
      await next.close();
      throw lostForGood(lost.sessionId, error);
    }
    this.current = next;
    for (const requestId of lost.retire()) {
      // Whoever is still answering a question of the old session learns that nobody waits for the answer any more.
      this.onmessage?.({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId, reason: 'the session has ended' },
      });
    }
    this.report({ oldSessionId: lost.sessionId ?? '', newSessionId: next.sessionId ?? '' });
  }

  private async initialize(next: SessionConnection): Promise<void> {
    if (this.handshake === undefined) {
      throw new Error('this connection did not begin with `initialize`');
    }
    await next.start();
    const response = await next.request({ ...this.handshake, id: `session-restart-${++this.restarts}` });
    if (isJSONRPCErrorResponse(response)) {
      throw ProtocolError.fromError(response.error.code, response.error.message, response.error.data);
    }
    if (next.sessionId === undefined) {
      throw new Error('the server started no new session');
    }
    next.setProtocolVersion(String(response.result.protocolVersion));
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
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>(resolve => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([connection.terminateSession().catch(() => undefined), waited]);
  clearTimeout(timer);
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
