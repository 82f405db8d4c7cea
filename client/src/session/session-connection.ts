import { PLATFORM_ERROR_CODES } from 'stateful-mcp-contract';
import {
  SdkErrorCode,
  SdkHttpError,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type FetchLike,
  type RequestId,
  type StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import type { Endpoint } from '../common/endpoint';
import { StatefulMcpClientError, UnsentAnswerError } from '../common/errors';
import { isErrorResponse, isNotification, isRequest, isResponse } from '../common/message-kind';
import { ColdStart } from '../incoming/cold-start';
import { readingFetch, type ReaderEvents } from '../incoming/response-reader';
import type { StoredSession } from '../storage/session-store';
import { knownSession, trusted, type SessionFacts } from './session-facts';
import { isOver, stopSession } from './stop-session';

type SendOptions = Parameters<Transport['send']>[1];

/** Makes an SDK transport, of a session that there is already if one is given. */
export type OpenTransport = (
  fetch: FetchLike,
  session?: { readonly sessionId: string; readonly protocolVersion: string },
) => StreamableHTTPClientTransport;

/** What a connection needs. */
export interface ConnectionOptions {
  readonly open: OpenTransport;
  /** Sends requests, with credentials. */
  readonly fetch: FetchLike;
  readonly endpoint: Endpoint;
  /** How long starting a session may take. */
  readonly startTimeoutMs: number;
}

/** A request that was sent and has no response yet. */
interface OpenRequest {
  /** Takes the response instead of `onmessage`. */
  readonly intercept?: (response: JSONRPCResponse) => void;
  readonly finish: (error?: Error) => void;
}

/**
 * One session on one SDK transport. Adds to it what healing needs: `send()` of a request lasts until its response has
 * arrived and rejects when it can no longer arrive, and the connection knows which requests of the server are still
 * unanswered.
 */
export class SessionConnection {
  public onmessage?: (message: JSONRPCMessage) => void;
  public onerror?: (error: Error) => void;
  private readonly transport: StreamableHTTPClientTransport;
  private readonly open = new Map<RequestId, OpenRequest>();
  private readonly asked = new Set<RequestId>();
  /** The requests on whose streams the server asked. */
  private readonly askedDuring = new Map<RequestId, RequestId>();
  private retired = false;
  private readonly coldStart: ColdStart;

  /** What AgentCore says of the session. */
  public readonly facts: SessionFacts;

  /** @param stored - a session to go on with */
  public constructor(
    private readonly options: ConnectionOptions,
    stored?: StoredSession,
  ) {
    this.facts = factsOf(stored, options.endpoint);
    const coldStart = new ColdStart(options.startTimeoutMs);
    this.coldStart = coldStart;
    this.transport = options.open(
      readingFetch(knownSession(options, this.facts), this.readerEvents, coldStart),
      stored && {
        sessionId: stored.sessionId,
        protocolVersion: String(stored.initializeResult.protocolVersion),
      },
    );
    this.transport.onmessage = message => this.receive(message);
    this.transport.onerror = error => this.onerror?.(error);
  }

  public get sessionId(): string | undefined {
    return this.transport.sessionId;
  }

  /** What the platform said when it refused a request last, in place of a server that was not there. */
  public get refusal(): string | undefined {
    return this.coldStart.lastRefusal;
  }

  public start(): Promise<void> {
    return this.transport.start();
  }

  public setProtocolVersion(version: string): void {
    this.transport.setProtocolVersion(version);
  }

  public async send(message: JSONRPCMessage, options?: SendOptions): Promise<void> {
    if (isRequest(message)) {
      return this.exchange(message, options);
    }
    if (isResponse(message)) {
      return this.answer(message);
    }
    if (message.method === 'notifications/initialized') {
      return this.tellInitialized(message, options);
    }
    if (message.method === 'notifications/cancelled') {
      this.open.get(message.params?.requestId as RequestId)?.finish();
    }
    await this.transport.send(message, options);
  }

  /** Ends the handshake. It is a part of the start of a session, and the SDK waits for it without an end. */
  private async tellInitialized(message: JSONRPCMessage, options?: SendOptions): Promise<void> {
    const { startTimeoutMs } = this.options;
    const requestSignal = AbortSignal.timeout(startTimeoutMs);
    try {
      await this.transport.send(message, { ...options, requestSignal });
    } catch (cause) {
      throw requestSignal.aborted
        ? new StatefulMcpClientError(
            'ERR_CONNECT_TIMEOUT',
            `the server did not take \`notifications/initialized\` within ${startTimeoutMs} ms, which it must with HTTP status 202: look at its log`,
            { cause },
          )
        : cause;
    }
  }

  /** Sends a request that the SDK client knows nothing of, and gives back its response. */
  public async request(request: JSONRPCRequest): Promise<JSONRPCResponse> {
    let response: JSONRPCResponse | undefined;
    await this.exchange(request, undefined, received => {
      response = received;
    });
    if (response === undefined) {
      throw new StatefulMcpClientError('ERR_CLOSED', 'the client was closed');
    }
    return response;
  }

  /**
   * The session is gone: takes nothing more from it, and closes once the calls still waiting on it have ended. Gives
   * back the server's unanswered requests.
   */
  public retire(): RequestId[] {
    this.retired = true;
    const unanswered = [...this.asked];
    this.asked.clear();
    void this.closeWhenDrained();
    return unanswered;
  }

  /** Opens the stream of a session that was stored: a new one gets it with its handshake. */
  public listen(): void {
    // A server without one says so (405), and a session that is gone shows with the next request.
    this.transport.resumeStream('').catch(() => undefined);
  }

  /** Has the session ended: by AgentCore, which runs it, or else by its server. */
  public async terminateSession(signal: AbortSignal): Promise<void> {
    const { sessionId, facts } = this;
    const { runtime } = this.options.endpoint;
    if (sessionId === undefined) {
      return;
    }
    const stopped =
      runtime !== undefined &&
      isOver(
        await stopSession(this.options.fetch, runtime, facts.runtimeSessionId ?? sessionId, signal).catch(
          () => undefined,
        ),
      );
    if (!stopped) {
      await this.transport.terminateSession();
    }
  }

  /** Requests of this side, and questions of the other, that have no answer yet. */
  public get unanswered(): { readonly calls: number; readonly questions: number } {
    return { calls: this.open.size, questions: this.asked.size };
  }

  public async close(): Promise<void> {
    for (const request of this.open.values()) {
      request.finish();
    }
    await this.transport.close();
  }

  private readonly readerEvents: ReaderEvents = {
    isAwaited: id => this.open.has(id),
    onQuestion: (questionId, requestId) => this.askedDuring.set(questionId, requestId),
    onUnreadableQuestion: ({ id, code }, message) => {
      const refusal = { jsonrpc: '2.0' as const, id, error: { code, message } };
      this.transport.send(refusal).catch((error: Error) => this.onerror?.(error));
    },
    onUnreadable: (requestId, reason) =>
      this.fail(requestId, new StatefulMcpClientError('ERR_INVALID_RESPONSE', reason), reason),
  };

  /** Sends the answer to a question. One that cannot be sent fails the request during which the server asked. */
  private async answer(response: JSONRPCResponse): Promise<void> {
    const id = response.id as RequestId;
    const requestId = this.askedDuring.get(id);
    this.asked.delete(id);
    this.askedDuring.delete(id);
    try {
      await this.transport.send(response);
    } catch (cause) {
      if (requestId !== undefined) {
        this.fail(requestId, new UnsentAnswerError(cause), 'the answer to a question could not be sent');
      }
      throw cause;
    }
  }

  /** Ends a request that the server still works on, which it is told. */
  private fail(requestId: RequestId, error: Error, reason: string): void {
    const request = this.open.get(requestId);
    if (request === undefined) {
      return;
    }
    request.finish(error);
    if (!request.intercept) {
      this.transport
        .send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason } })
        .catch((failure: Error) => this.onerror?.(failure));
    }
  }

  private exchange(request: JSONRPCRequest, options: SendOptions, intercept?: OpenRequest['intercept']): Promise<void> {
    const { id } = request;
    return new Promise<void>((resolve, reject) => {
      const finish = (error?: Error): void => {
        if (!this.open.delete(id)) {
          return;
        }
        if (error === undefined) {
          resolve();
        } else {
          reject(error);
        }
        if (this.retired) {
          void this.closeWhenDrained();
        }
      };
      this.open.set(id, { intercept, finish });
      options?.requestSignal?.addEventListener('abort', () => finish(), { once: true });
      this.transport
        .send(request, {
          ...options,
          onRequestStreamEnd: () => {
            options?.onRequestStreamEnd?.();
            if (this.open.has(id)) {
              finish(interrupted(request));
            }
          },
        })
        .catch((error: Error) => finish(unsendable(request) ?? error));
    });
  }

  private receive(message: JSONRPCMessage): void {
    if (isResponse(message)) {
      const open = message.id === undefined ? undefined : this.open.get(message.id);
      if (open !== undefined && isSessionGoneResponse(message)) {
        return open.finish(sessionGone());
      }
      if (open?.intercept) {
        open.intercept(message);
      } else {
        this.onmessage?.(message);
      }
      open?.finish();
    } else if (!this.retired || (isNotification(message) && message.method === 'notifications/progress')) {
      if (isRequest(message)) {
        this.asked.add(message.id);
      }
      this.onmessage?.(message);
    }
  }

  private async closeWhenDrained(): Promise<void> {
    if (this.open.size === 0) {
      await this.transport.close();
    }
  }
}

/** Why a request never left: the error of `JSON.stringify` would look like one of the server. */
function unsendable(request: JSONRPCRequest): StatefulMcpClientError | undefined {
  try {
    JSON.stringify(request);
    return undefined;
  } catch (cause) {
    const [reason] = String(cause).split('\n', 1);
    return new StatefulMcpClientError(
      'ERR_INVALID_OPTION',
      `the arguments of \`${request.method}\` cannot be sent as JSON: ${reason}`,
      { cause },
    );
  }
}

function factsOf(stored: StoredSession | undefined, { url }: Endpoint): SessionFacts {
  const endpointUrl = trusted(stored?.endpointUrl, url);
  return {
    ...(stored?.runtimeSessionId !== undefined && { runtimeSessionId: stored.runtimeSessionId }),
    ...(endpointUrl && { endpointUrl }),
  };
}

/** Whether sending failed because the server does not know the session (any more). */
export function isSessionGone(error: unknown): boolean {
  return error instanceof SdkHttpError && error.data.status === 404;
}

/**
 * AgentCore may wrap the server's own 404 in a success: it reports HTTP errors of the container as -32010,
 * "Received error (404) from runtime".
 */
function isSessionGoneResponse(message: JSONRPCResponse): boolean {
  return (
    isErrorResponse(message) &&
    message.error.code === PLATFORM_ERROR_CODES.serverFailed &&
    /\berror \(404\)/i.test(message.error.message)
  );
}

function sessionGone(): SdkHttpError {
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, 'session not found', { status: 404 });
}

function interrupted({ method }: JSONRPCRequest): StatefulMcpClientError {
  const advice =
    method === 'tools/call'
      ? 'It was not repeated, since the tool may have done part of its work: look at the log of the server, then call again'
      : 'Look at the log of the server, then try again';
  return new StatefulMcpClientError(
    'ERR_CALL_INTERRUPTED',
    `the response stream of \`${method}\` ended without a response: the session's process ended or the connection broke. ${advice}`,
  );
}
