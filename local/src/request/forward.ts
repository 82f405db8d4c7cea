import { exhaustedIn } from '../common/exhausted';
import type { ClientResponse } from '../http/exchange';
import { lengthOf, UnknownFraming } from '../http/framing';
import { headersOf, type ServerRequestController, type ServerResponseHandler } from '../http/server-connections';
import type { HeaderPolicy } from '../platform/header-policy';
import type { RequestLimits } from '../platform/limits';
import {
  errorFromRuntime,
  internalError,
  payloadTooLong,
  runtimeClientError,
  type PlatformException,
} from '../platform/platform-errors';
import { withoutPrivateAddress } from './private-address';
import type { SessionProcess } from '../process/session-process';
import { EventLength } from './event-length';
import { exceptionOf, type ResponseIds, type Invocation } from './invocation';
import { ServerHeaders } from './server-headers';

/** What the session of a request has to say about it. */
export interface ForwardedFor {
  readonly limits: RequestLimits;
  readonly headers: HeaderPolicy;
  /** Path of the server that takes its requests. */
  readonly path: string;
  /** Headers the server gets on top of the client's, names and values in turn. */
  addedHeaders(invocation: Invocation): string[];
  /** Whether the caller gets an error of the platform instead of a response with this status. */
  hidesAnswer(status: number): boolean;
  /**
   * The server has begun to answer.
   *
   * @param serverSessionId - the `Mcp-Session-Id` of its response
   * @returns what the client is told of the session
   */
  responded(invocation: Invocation, status: number, serverSessionId: string | undefined): ResponseIds;
  /** Why the server broke its connection: the reason its process ended, or undefined when the process lives. */
  whyEnded(): Promise<string | undefined>;
}

/**
 * Sends a request to the process of its session and the response back, both as they come.
 *
 * Settles when the exchange is over: answered, given up by the client, or ended with an error because the process is
 * gone.
 */
export function forward(invocation: Invocation, process: SessionProcess, session: ForwardedFor): Promise<void> {
  return new Promise(resolve => {
    const forwarding = new Forwarding(invocation, process, session, resolve);
    forwarding.start().catch((error: unknown) => {
      forwarding.breakOff(exceptionOf(error));
    });
  });
}

/** One request under way to its server, and the response under way back. */
class Forwarding implements ServerResponseHandler {
  private readonly response: ClientResponse;
  /** Once the request is being sent. */
  private controller: ServerRequestController | undefined;
  /** Nothing that the server still says is wanted. */
  private isOver = false;
  /** The server says nothing more. */
  private hasEnded = false;
  private hasBegun = false;
  /** Set when the response is an event stream that can be looked into. */
  private event: EventLength | undefined;
  /** Whether an event of the platform may come after those of the server. */
  private takesEvents = false;

  public constructor(
    private readonly invocation: Invocation,
    private readonly process: SessionProcess,
    private readonly session: ForwardedFor,
    private readonly over: () => void,
  ) {
    this.response = invocation.exchange.response;
    invocation.timeLimits.tell(exception => {
      this.timeOver(exception);
    });
  }

  public async start(): Promise<void> {
    const { invocation, process, session, response } = this;
    const { method, rawHeaders, body } = invocation.exchange;
    response.once('close', () => {
      this.abort();
      this.over();
    });
    const content = await body.toServer(() => {
      this.breakOff(payloadTooLong(body.limitBytes));
    });
    if (this.isOver) {
      return;
    }
    const headers = [
      ...session.headers.forServer(rawHeaders),
      'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id',
      invocation.requestId,
      ...session.addedHeaders(invocation),
    ];
    const length = Buffer.isBuffer(content) ? undefined : lengthOf(rawHeaders);
    process.connections.dispatch({ method, path: session.path, headers, body: content, length }, this);
  }

  public onRequestStart(controller: ServerRequestController): void {
    this.controller = controller;
    if (this.isOver) {
      this.abort();
    }
  }

  public onResponseStart(controller: ServerRequestController, status: number): void {
    const isInterim = status < 200;
    if (this.isOver || isInterim) {
      return;
    }
    const { invocation, session, response } = this;
    const headers = new ServerHeaders(headersOf(controller));
    const ids = session.responded(invocation, status, headers.mcpSessionId);
    if (session.hidesAnswer(status)) {
      this.isOver = true;
      void invocation.fail(errorFromRuntime(status));
      return;
    }
    if (headers.isEventStream) {
      invocation.timeLimits.streaming();
      this.event = new EventLength(session.limits.chunkBytes);
      this.takesEvents = invocation.dialect === 'mcp' && headers.length === undefined;
    }
    invocation.status = status;
    response.writeHead(status, withoutPrivateAddress(headers.forClient(ids), this.process.port));
    // What comes together leaves together; but the head of a stream does not wait for its first event.
    process.nextTick(() => {
      if (!this.hasBegun && !this.isOver) {
        response.flushHeaders();
      }
    });
  }

  public onResponseData(controller: ServerRequestController, chunk: Buffer): void {
    if (this.isOver) {
      return;
    }
    const { response } = this;
    if (this.event?.exceededBy(chunk)) {
      this.breakOff(
        runtimeClientError(`an event of the server is longer than ${this.session.limits.chunkBytes} bytes`),
      );
      return;
    }
    this.hasBegun = true;
    if (!response.write(chunk)) {
      controller.pause();
      response.once('drain', () => {
        controller.resume();
      });
    }
    if (this.invocation.fault.dropStream) {
      setImmediate(() => {
        response.destroy();
      });
    }
  }

  public onResponseEnd(): void {
    this.hasEnded = true;
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    this.response.end();
  }

  public onResponseError(_: ServerRequestController | undefined, error: Error): void {
    this.hasEnded = true;
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    const exhausted = exhaustedIn(error);
    if (exhausted !== undefined) {
      void this.giveUp(internalError(`the request could not be sent to its server: ${exhausted}`));
      return;
    }
    const malformed = malformation(error);
    if (malformed !== undefined) {
      void this.giveUp(runtimeClientError(malformed));
      return;
    }
    void this.session
      .whyEnded()
      .then(reason => this.giveUp(reason === undefined ? undefined : runtimeClientError(reason)));
  }

  /** Gives the request up, and tells its client why. */
  public breakOff(exception: PlatformException): void {
    this.abort();
    void this.giveUp(exception);
  }

  private timeOver(exception: PlatformException): void {
    if (this.response.headersSent) {
      return this.breakOff(exception);
    }
    this.abort();
    this.invocation.timeOver(exception);
  }

  /** The server sees its connection close. */
  private abort(): void {
    this.isOver = true;
    if (!this.hasEnded) {
      this.controller?.abort(new Error('the request was given up'));
    }
  }

  /** @param exception - undefined when the server lives and just closed the connection */
  private async giveUp(exception: PlatformException | undefined): Promise<void> {
    const { invocation, response } = this;
    if (response.destroyed || response.writableEnded) {
      return;
    }
    if (!response.headersSent) {
      return invocation.fail(exception ?? runtimeClientError('the server closed the connection without a response'));
    }
    if (exception === undefined || !this.takesEvents) {
      // A server may drop a stream that can be resumed, and what was cut off must not look whole, nor be filled up.
      response.destroy();
      return;
    }
    const event = invocation.failureEvent(exception);
    // The empty line first ends an event that was cut off.
    response.end(event === undefined ? '' : `\n\n${event}`);
  }
}

/** What the client of undici calls a response that it did not wait for, or that leaves HTTP/1.1. */
const UNFIT_RESPONSES: ReadonlySet<string> = new Set(['bad response', 'bad upgrade']);

/** What a server did that HTTP/1.1 does not know; undefined when its connection just broke. */
function malformation(error: Error): string | undefined {
  const { name, message } = error;
  const isMalformed =
    error instanceof UnknownFraming ||
    name === 'HeadersOverflowError' ||
    UNFIT_RESPONSES.has(message) ||
    // The end of a connection within a body.
    (name === 'HTTPParserError' && !message.includes('EOF')) ||
    name === 'ResponseContentLengthMismatchError';
  return isMalformed ? `the response of the server is not valid HTTP/1.1: ${message}` : undefined;
}
