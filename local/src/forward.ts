import { request as httpRequest, type IncomingMessage } from 'node:http';
import { endToEndHeaders, NOT_FOR_THE_CLIENT, NOT_FOR_THE_SERVER, rawHeader } from './end-to-end-headers';
import { answerPlatformError, type Answer, type Exchange } from './exchange';
import { jsonRpcError, runtimeClientError } from './platform-errors';
import type { SessionProcess } from './session-process';

export const SESSION_ID = 'mcp-session-id';

/** What the session of a request has to say about it. */
export interface ForwardedFor {
  /** Headers the server gets on top of the client's, names and values in turn. */
  addedHeaders(exchange: Exchange): string[];
  /**
   * The server has begun to answer.
   *
   * @param serverSessionId - the `Mcp-Session-Id` of its answer
   * @returns the `Mcp-Session-Id` for the client, or undefined to leave the answer as it is
   */
  answered(exchange: Exchange, status: number, serverSessionId: string | undefined): string | undefined;
  /** Why the server broke its connection: the reason its process ended, or undefined when the process lives. */
  whyEnded(): Promise<string | undefined>;
}

/**
 * Sends a request to the process of its session and the answer back, both as they come.
 *
 * Settles when the exchange is over: answered, given up by the client, or ended with an error because the process is gone.
 */
export function forward(exchange: Exchange, process: SessionProcess, session: ForwardedFor): Promise<void> {
  return new Promise((resolve) => {
    const { answer } = exchange;
    const request = httpRequest({
      host: '127.0.0.1',
      port: process.port,
      agent: process.connections,
      method: exchange.method,
      path: '/mcp',
      headers: requestHeaders(exchange, process, session),
      setHost: false,
    });
    answer.once('close', () => {
      if (!answer.writableFinished) request.destroy();
      resolve();
    });
    const breakOff = (response?: IncomingMessage): void => {
      void session.whyEnded().then((reason) => { answerBroken(exchange, reason, response); });
    };
    let answering = false;
    request.on('response', (response) => {
      answering = true;
      const sessionId = session.answered(exchange, response.statusCode ?? 0, rawHeader(response.rawHeaders, SESSION_ID));
      sendBack(response, answer, sessionId);
      response.once('close', () => { if (!response.complete) breakOff(response); });
    });
    // A server may answer and close before it has read all of the request.
    request.on('error', () => { if (!answering) breakOff(); });
    exchange.body.sendTo(request);
  });
}

function requestHeaders(exchange: Exchange, process: SessionProcess, session: ForwardedFor): string[] {
  const headers = endToEndHeaders(exchange.rawHeaders, NOT_FOR_THE_SERVER);
  headers.push('Host', `127.0.0.1:${process.port}`, ...session.addedHeaders(exchange));
  // Node frames a body of unknown length by itself only for methods that usually have one.
  if (exchange.headers['transfer-encoding'] !== undefined) headers.push('Transfer-Encoding', 'chunked');
  return headers;
}

function sendBack(response: IncomingMessage, answer: Answer, sessionId: string | undefined): void {
  const headers = endToEndHeaders(response.rawHeaders, NOT_FOR_THE_CLIENT, sessionId === undefined ? undefined : SESSION_ID);
  if (sessionId !== undefined) headers.push('Mcp-Session-Id', sessionId);
  answer.writeHead(response.statusCode ?? 502, headers);
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
  response.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    gather();
    if (answer.write(chunk)) return;
    response.pause();
    answer.once('drain', () => { response.resume(); });
  });
  response.on('end', () => { answer.end(); });
}

function answerBroken(exchange: Exchange, reason: string | undefined, response: IncomingMessage | undefined): void {
  const { answer } = exchange;
  if (answer.destroyed || answer.writableEnded) return;
  if (!answer.headersSent) {
    answerPlatformError(exchange, runtimeClientError(reason ?? 'the server closed the connection without an answer'));
    return;
  }
  const eventStream = response?.headers['content-type']?.startsWith('text/event-stream') && response.headers['content-encoding'] === undefined;
  if (reason === undefined || !eventStream) {
    // A server may drop a stream that can be resumed, and a cut-off document must not look whole.
    answer.destroy();
  } else if (exchange.method === 'POST') {
    // The empty line first ends an event that was cut off.
    answer.end(`\n\nevent: message\ndata: ${jsonRpcError(runtimeClientError(reason), exchange.body.messageId())}\n\n`);
  } else {
    answer.end();
  }
}
