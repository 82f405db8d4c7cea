import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { AnswerLimits } from './answer-limits';
import type { Clock } from './clock';
import { endToEndHeaders, NOT_FOR_THE_CLIENT, rawHeader } from './end-to-end-headers';
import { EventLength } from './event-length';
import type { HeaderPolicy } from './header-policy';
import type { Invocation } from './invocation';
import type { RequestLimits } from './limits';
import { errorFromRuntime, runtimeClientError, type PlatformException } from './platform-errors';
import { MCP_SESSION_ID, payloadTooLong, RUNTIME_SESSION_ID } from './request-members';
import type { SessionProcess } from './session-process';

/** The session ids of an answer. */
export interface AnswerIds {
  readonly mcpSessionId: string | undefined;
  readonly runtimeSessionId: string;
}

/** What the session of a request has to say about it. */
export interface ForwardedFor {
  readonly clock: Clock;
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
 * Settles when the exchange is over: answered, given up by the client, or ended with an error because the process is gone.
 */
export function forward(invocation: Invocation, process: SessionProcess, session: ForwardedFor): Promise<void> {
  return new Promise((resolve) => {
    const { exchange } = invocation;
    const { answer } = exchange;
    const request = httpRequest({
      host: '127.0.0.1',
      port: process.port,
      agent: process.connections,
      method: exchange.method,
      path: session.path,
      headers: requestHeaders(invocation, process, session),
      setHost: false,
    });
    const limits = new AnswerLimits(session.clock, session.limits, (exception) => {
      void giveUp(invocation, exception, answering);
      request.destroy();
    });
    answer.once('close', () => {
      limits.cancel();
      if (!answer.writableFinished) request.destroy();
      resolve();
    });
    const breakOff = (): void => {
      if (exchange.body.tooLong) return void giveUp(invocation, payloadTooLong(exchange.body.limitBytes), answering);
      void session.whyEnded().then(reason => giveUp(invocation, reason === undefined ? undefined : runtimeClientError(reason), answering));
    };
    let answering: IncomingMessage | undefined;
    request.on('response', (response) => {
      answering = response;
      const status = response.statusCode ?? 502;
      const ids = session.answered(invocation, status, rawHeader(response.rawHeaders, MCP_SESSION_ID));
      if (session.hidesAnswer(status)) {
        response.resume();
        void invocation.fail(errorFromRuntime(status));
        return;
      }
      if (isEventStream(response)) limits.streaming();
      sendBack(response, invocation, ids, request, session.limits.chunkBytes);
      response.once('close', () => { if (!response.complete) breakOff(); });
    });
    // A server may answer and close before it has read all of the request.
    request.on('error', () => { if (!answering) breakOff(); });
    request.on('close', () => { if (!answering && exchange.body.tooLong) breakOff(); });
    exchange.body.sendTo(request);
  });
}

function requestHeaders(invocation: Invocation, process: SessionProcess, session: ForwardedFor): string[] {
  const { exchange } = invocation;
  const headers = session.headers.forServer(exchange.rawHeaders);
  headers.push('Host', `127.0.0.1:${process.port}`, 'X-Amzn-Bedrock-AgentCore-Runtime-Request-Id', invocation.requestId, ...session.addedHeaders(invocation));
  // Node frames a body of unknown length by itself only for methods that usually have one.
  if (exchange.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
  return headers;
}

function sendBack(response: IncomingMessage, invocation: Invocation, ids: AnswerIds, request: ClientRequest, longestEvent: number): void {
  const { answer } = invocation.exchange;
  const headers = endToEndHeaders(response.rawHeaders, NOT_FOR_THE_CLIENT, ids.mcpSessionId === undefined ? undefined : MCP_SESSION_ID);
  if (ids.mcpSessionId !== undefined) headers.push('Mcp-Session-Id', ids.mcpSessionId);
  if (rawHeader(response.rawHeaders, RUNTIME_SESSION_ID) === undefined) headers.push('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', ids.runtimeSessionId);
  invocation.status = response.statusCode ?? 502;
  answer.writeHead(invocation.status, headers);
  // What arrives together leaves together, in one packet, and at once: the head of a stream does not wait for its first event.
  let gathering = false;
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    // Not the cork of the answer itself: in Node.js 22 and 24 its `end` writes the last chunk in front of what was held back.
    const { socket } = answer;
    socket?.cork();
    setImmediate(() => {
      gathering = false;
      if (!answer.writableEnded) answer.flushHeaders();
      socket?.uncork();
    });
  };
  gather();
  const event = isEventStream(response) ? new EventLength(longestEvent) : undefined;
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    if (event?.exceededBy(chunk)) {
      void giveUp(invocation, runtimeClientError(`an event of the server is longer than ${longestEvent} bytes`), response);
      request.destroy();
      return;
    }
    gather();
    const goesOn = answer.write(chunk);
    if (invocation.fault.dropStream) setImmediate(() => { answer.destroy(); });
    if (goesOn) return;
    response.pause();
    answer.once('drain', () => { response.resume(); });
  });
  response.on('end', () => { if (!answer.writableEnded) answer.end(); });
}

function isEventStream(response: IncomingMessage): boolean {
  return response.headers['content-type']?.startsWith('text/event-stream') === true && response.headers['content-encoding'] === undefined;
}

/** @param exception - undefined when the server lives and just closed the connection */
async function giveUp(invocation: Invocation, exception: PlatformException | undefined, response: IncomingMessage | undefined): Promise<void> {
  const { answer } = invocation.exchange;
  if (answer.destroyed || answer.writableEnded) return;
  if (!answer.headersSent) return invocation.fail(exception ?? runtimeClientError('the server closed the connection without an answer'));
  if (exception === undefined || !response || !isEventStream(response)) {
    // A server may drop a stream that can be resumed, and a cut-off document must not look whole.
    answer.destroy();
    return;
  }
  const event = invocation.failureEvent(exception);
  // The empty line first ends an event that was cut off.
  answer.end(event === undefined ? '' : `\n\n${event}`);
}
