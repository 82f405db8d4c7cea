import { EventLength } from './event-length';
import type { Answer } from '../http/exchange';
import { headerLines } from '../http/header-lines';
import type { HeaderPolicy } from '../platform/header-policy';
import type { AnswerIds, Invocation } from './invocation';
import type { RequestLimits } from '../platform/limits';
import {
  errorFromRuntime,
  runtimeClientError,
  type PlatformException,
  payloadTooLong,
} from '../platform/platform-errors';
import type { ServerRequest, ServerResponseReceiver } from '../http/server-connections';
import { withoutPrivateAddress } from './private-address';
import { ServerHeaders } from './server-headers';
import type { SessionProcess } from '../process/session-process';

/** What the session of a request has to say about it. */
export interface ForwardedFor {
  readonly limits: RequestLimits;
  readonly headers: HeaderPolicy;
  /** Path of the server that takes its requests. */
  readonly path: string;
  /** Headers the server gets on top of the client's, names and values in turn. */
  addedHeaders(invocation: Invocation): string[];
  /** Whether the caller gets an error of the platform instead of an answer with this status. */
  hidesAnswer(status: number): boolean;
  /**
   * The server has begun to answer.
   *
   * @param serverSessionId - the `Mcp-Session-Id` of its answer
   * @returns what the client is told of the session
   */
  answered(invocation: Invocation, status: number, serverSessionId: string | undefined): AnswerIds;
  /** Why the server broke its connection: the reason its process ended, or undefined when the process lives. */
  whyEnded(): Promise<string | undefined>;
}

/**
 * Sends a request to the process of its session and the answer back, both as they come.
 *
 * Settles when the exchange is over: answered, given up by the client, or ended with an error because the process is
 * gone.
 */
export function forward(invocation: Invocation, process: SessionProcess, session: ForwardedFor): Promise<void> {
  return new Promise(resolve => {
    new Forwarding(invocation, process, session, resolve).start();
  });
}

/** One request under way to its server, and the answer under way back. */
class Forwarding implements ServerResponseReceiver {
  private readonly answer: Answer;
  private request: ServerRequest | undefined;
  private hidden = false;
  /** Set when the answer is an event stream that can be looked into. */
  private event: EventLength | undefined;
  private corked: Answer['socket'];
  private flushesHead = false;

  public constructor(
    private readonly invocation: Invocation,
    private readonly process: SessionProcess,
    private readonly session: ForwardedFor,
    private readonly over: () => void,
  ) {
    this.answer = invocation.exchange.answer;
    invocation.timeLimits.tell(exception => {
      this.timeOver(exception);
    });
  }

  public start(): void {
    const { invocation, process, session, answer } = this;
    const { exchange } = invocation;
    answer.once('close', () => {
      if (!answer.writableFinished) {
        this.request?.destroy();
      }
      this.over();
    });
    // Without a length, a body is one that comes in chunks.
    const chunked = exchange.headers['transfer-encoding'] !== undefined;
    this.request = process.connections.send(
      { method: exchange.method, path: session.path, lines: requestLines(invocation, process, session), chunked },
      this,
    );
    exchange.body.sendTo(this.request, () => {
      this.breakOff(payloadTooLong(exchange.body.limitBytes));
    });
  }

  public onHead(status: number, rawHeaders: readonly string[]): void {
    const { invocation, session, answer } = this;
    const headers = ServerHeaders.of(rawHeaders);
    const ids = session.answered(invocation, status, headers.mcpSessionId);
    if (session.hidesAnswer(status)) {
      this.hidden = true;
      void invocation.fail(errorFromRuntime(status));
      return;
    }
    if (headers.isEventStream) {
      invocation.timeLimits.streaming();
      this.event = new EventLength(session.limits.chunkBytes);
    }
    invocation.status = status;
    this.gather();
    answer.writeHead(status, withoutPrivateAddress(headers.forClient(ids), this.process.port));
    this.flushesHead = true;
  }

  public onData(chunk: Buffer): void {
    if (this.hidden) {
      return;
    }
    const { answer, request } = this;
    if (this.event?.exceededBy(chunk)) {
      this.breakOff(
        runtimeClientError(`an event of the server is longer than ${this.session.limits.chunkBytes} bytes`),
      );
      return;
    }
    this.gather();
    this.flushesHead = false;
    const goesOn = answer.write(chunk);
    if (this.invocation.fault.dropStream) {
      setImmediate(() => {
        answer.destroy();
      });
    }
    if (goesOn) {
      return;
    }
    request?.pause();
    answer.once('drain', () => {
      request?.resume();
    });
  }

  public onEnd(): void {
    if (this.hidden) {
      return;
    }
    this.gather();
    this.flushesHead = false;
    if (!this.answer.writableEnded) {
      this.answer.end();
    }
  }

  public onPause(): void {
    // The head of a stream does not wait for its first event.
    if (this.flushesHead && !this.answer.writableEnded) {
      this.answer.flushHeaders();
    }
    this.flushesHead = false;
    this.corked?.uncork();
    this.corked = undefined;
  }

  public onFailure(): void {
    this.onPause();
    if (this.hidden) {
      return;
    }
    void this.session
      .whyEnded()
      .then(reason => this.giveUp(reason === undefined ? undefined : runtimeClientError(reason)));
  }

  // What arrives together leaves together, in one packet. Not the cork of the answer itself: in Node.js 22 and 24 its
  // `end` writes the last chunk in front of what was held back.
  private gather(): void {
    if (this.corked) {
      return;
    }
    this.corked = this.answer.socket;
    this.corked?.cork();
  }

  private timeOver(exception: PlatformException): void {
    if (this.answer.headersSent) {
      return this.breakOff(exception);
    }
    this.request?.destroy();
    this.invocation.timeOver(exception);
  }

  private breakOff(exception: PlatformException): void {
    this.request?.destroy();
    void this.giveUp(exception);
  }

  /** @param exception - undefined when the server lives and just closed the connection */
  private async giveUp(exception: PlatformException | undefined): Promise<void> {
    const { invocation, answer } = this;
    this.onPause();
    if (answer.destroyed || answer.writableEnded) {
      return;
    }
    if (!answer.headersSent) {
      return invocation.fail(exception ?? runtimeClientError('the server closed the connection without an answer'));
    }
    if (exception === undefined || !this.event) {
      // A server may drop a stream that can be resumed, and a cut-off document must not look whole.
      answer.destroy();
      return;
    }
    const event = invocation.failureEvent(exception);
    // The empty line first ends an event that was cut off.
    answer.end(event === undefined ? '' : `\n\n${event}`);
  }
}

function requestLines(invocation: Invocation, process: SessionProcess, session: ForwardedFor): string {
  const lines = session.headers.linesForServer(invocation.exchange.rawHeaders);
  const added = headerLines(session.addedHeaders(invocation));
  return `${lines}Host: 127.0.0.1:${process.port}\r\nX-Amzn-Bedrock-AgentCore-Runtime-Request-Id: ${invocation.requestId}\r\n${added}`;
}
