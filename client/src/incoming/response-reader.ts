import { setTimeout as sleep } from 'node:timers/promises';
import {
  PROTOCOL_VERSION_META_KEY,
  type FetchLike,
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/client';
import { createParser } from 'eventsource-parser';
import { StatefulMcpClientError } from '../common/errors';
import { isResponse } from '../common/message-kind';
import type { ColdStart } from './cold-start';
import { readMessage, type Unreadable } from './readable-message';

/** What a reader tells the connection that it reads for. */
export interface ReaderEvents {
  /** Whether somebody still waits for the response to a request. */
  isAwaited(id: RequestId): boolean;
  /** The server asked something on the stream of one of the client's requests. */
  onQuestion(questionId: RequestId, requestId: RequestId): void;
  /** The server asked something that cannot be read: it has to be told. */
  onUnreadableQuestion(question: NonNullable<Unreadable['question']>, reason: string): void;
  /** What the server sent in answer to a request cannot be read, or answers another one. */
  onUnreadable(requestId: RequestId, reason: string): void;
}

/** What was sent, as far as it decides how the answer is read. */
interface Sent {
  readonly id?: RequestId;
  readonly method?: string;
  /** Whether it speaks 2026-07-28, where a server sends no requests of its own. */
  readonly modern: boolean;
  /** Whether its response has come: what a server still writes behind it is nobody's. */
  isAnswered: boolean;
}

/** What a server says to messages that need no answer. */
const ACCEPTED = 202;

const NOT_FOUND = 404;

/** The platform's refusals come whole. */
const REFUSAL_MS = 1000;

/**
 * Reads every message before the SDK does, which would drop those that it cannot read without a word. Then the server
 * would wait for an answer, and the caller for a result, until their timeouts. While a session starts, requests go one
 * after the other, and what the platform refused is sent again.
 */
export function readingFetch(fetch: FetchLike, events: ReaderEvents, coldStart: ColdStart): FetchLike {
  return async (url, init) => {
    const sent = sentBy(init);
    const isRequest = sent?.id !== undefined;
    const end = isRequest ? await coldStart.begin() : undefined;
    try {
      if (isRequest && !events.isAwaited(sent.id)) {
        throw new DOMException('the request was cancelled before it was sent', 'AbortError');
      }
      const response = await exchanged(fetch, [url, init], sent, events, coldStart);
      if (isRequest && response.ok) {
        coldStart.over();
      }
      return response;
    } finally {
      end?.();
    }
  };
}

async function exchanged(
  fetch: FetchLike,
  [url, init]: Parameters<FetchLike>,
  sent: Sent | undefined,
  events: ReaderEvents,
  coldStart: ColdStart,
): Promise<Response> {
  const delays = coldStart.delays();
  for (;;) {
    const response = await fetch(url, init);
    const type = response.headers.get('content-type') ?? '';
    const isJson = /^application\/json\b/i.test(type);
    if (!response.ok) {
      return isJson && sent?.modern && response.status === NOT_FOUND ? await answerBehind(response, sent) : response;
    }
    const needsNoAnswer = sent !== undefined && sent.id === undefined;
    if (needsNoAnswer && !isJson) {
      return withoutBody(response);
    }
    if (sent?.id !== undefined && response.status === ACCEPTED) {
      await response.body?.cancel();
      throw new StatefulMcpClientError('ERR_INVALID_RESPONSE', acceptedAlone(sent.method));
    }
    if (response.body === null) {
      return response;
    }
    if (/^text\/event-stream\b/i.test(type)) {
      return replaced(response, readEvents(response.body, sent, events));
    }
    if (sent === undefined || !isJson) {
      return response;
    }
    const text = needsNoAnswer ? await textInTime(response.body) : await response.text();
    const delay = coldStart.neverReached(text) ? delays.next().value : undefined;
    if (delay === undefined) {
      return needsNoAnswer ? withoutBody(response) : replaced(response, readBody(text, sent, events));
    }
    await sleep(delay, undefined, { signal: init?.signal ?? undefined, ref: false });
    if (sent.id !== undefined && !events.isAwaited(sent.id)) {
      return replaced(response, text);
    }
  }
}

/** A modern server says with 404 that it does not have a method. The SDK reads answers behind 200 and 400 alone. */
async function answerBehind(response: Response, { id }: Sent): Promise<Response> {
  const text = await response.text();
  try {
    const answer = JSON.parse(text) as Partial<JSONRPCErrorResponse> | null;
    if (id !== undefined && answer?.id === id && answer.error !== undefined) {
      return new Response(text, { headers: { 'content-type': 'application/json' } });
    }
  } catch {
    // A web page, of which the status says what it is.
  }
  return replaced(response, text);
}

/** Notifications and answers have none. A server may leave a body open for ever, and the SDK would read it to its end. */
async function withoutBody(response: Response): Promise<Response> {
  if (!response.bodyUsed) {
    await response.body?.cancel();
  }
  return new Response(null, { status: response.status, statusText: response.statusText, headers: response.headers });
}

/** As much of a body as comes within the time in which the platform would refuse. */
async function textInTime(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader();
  const end = setTimeout(() => void reader.cancel().catch(() => undefined), REFUSAL_MS).unref();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
    }
  } finally {
    clearTimeout(end);
  }
  return text;
}

function acceptedAlone(method = ''): string {
  return `the server accepted \`${method}\` (HTTP status ${ACCEPTED}) and did not answer it, which the protocol allows for notifications alone: look at the log of the server`;
}

function sentBy(init: RequestInit | undefined): Sent | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') {
    return undefined;
  }
  const { id, method, params } = JSON.parse(init.body) as {
    id?: RequestId;
    method?: string;
    params?: { _meta?: Record<string, unknown> };
  };
  return {
    ...(method !== undefined && { id, method }),
    modern: params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined,
    isAnswered: false,
  };
}

function replaced(response: Response, body: BodyInit): Response {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.delete('content-encoding');
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

function readBody(text: string, sent: Sent, events: ReaderEvents): string {
  const { id } = sent;
  if (id === undefined) {
    return text;
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return text;
  }
  const hasNulls = text.includes('null');
  const messages = [body].flat().flatMap(value => readable(value, hasNulls, sent, events) ?? []);
  if (!messages.some(isResponse)) {
    events.onUnreadable(id, `the body has no response to \`${sent.method ?? ''}\``);
  }
  return JSON.stringify(messages);
}

/**
 * AgentCore sends errors without an id (seen for -32010 when a server takes too long to start). Without one the error
 * would belong to no request, and the call would wait for its timeout.
 */
function withId(value: unknown, id: RequestId): unknown {
  if (typeof value !== 'object' || value === null || !('error' in value) || ('id' in value && value.id !== null)) {
    return value;
  }
  return value.error === null ? value : { ...value, id };
}

/**
 * The messages of a stream, each made readable; what else a stream has (ids, retry times) stays as it is. Read by hand: a
 * `TransformStream` with its pipe took twice the time, for each call.
 */
function readEvents(
  body: ReadableStream<Uint8Array>,
  sent: Sent | undefined,
  events: ReaderEvents,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const endLines = lineEnder();
  let written = '';
  const parser = createParser({
    onEvent: ({ id, event, data }) => {
      const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`;
      const texts = data === '' || (event !== undefined && event !== 'message') ? [data] : readData(data, sent, events);
      for (const text of texts.length === 0 && id !== undefined ? [''] : texts) {
        const lines = text.split('\n').map(line => `data: ${line}\n`);
        written += `${head}${lines.join('')}\n`;
      }
    },
    onRetry: milliseconds => {
      written += `retry: ${milliseconds}\n\n`;
    },
  });
  return new ReadableStream({
    pull: async controller => {
      while (written === '') {
        const { done, value } = await reader.read();
        if (done) {
          return controller.close();
        }
        parser.feed(endLines(decoder.decode(value, { stream: true })));
      }
      controller.enqueue(encoder.encode(written));
      written = '';
    },
    cancel: reason => reader.cancel(reason),
  });
}

/**
 * Ends each line by a line feed. After the carriage return that a chunk ends with, the parser would wait for what
 * follows, which may be nothing until the next event.
 */
function lineEnder(): (chunk: string) => string {
  let endedInReturn = false;
  return chunk => {
    const text = endedInReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk;
    endedInReturn = chunk === '' ? endedInReturn : chunk.endsWith('\r');
    return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  };
}

/** The messages that one event has; none, when it had to be reported instead. */
function readData(data: string, sent: Sent | undefined, events: ReaderEvents): string[] {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    const reason = `a message of the server is not JSON (${(error as Error).message})`;
    return report({ reason }, sent, events) ? [] : [data];
  }
  const hasNulls = data.includes('null');
  // Revision 2025-03-26 has batches.
  const messages = Array.isArray(value)
    ? value.flatMap(item => readable(item, hasNulls, sent, events) ?? [])
    : readable(value, hasNulls, sent, events);
  return messages === undefined ? [data] : messages.map(message => JSON.stringify(message));
}

/** What of a message the SDK gets to see; `undefined` when it cannot be read and there is nobody to tell. */
function readable(
  value: unknown,
  hasNulls: boolean,
  sent: Sent | undefined,
  events: ReaderEvents,
): JSONRPCMessage[] | undefined {
  const id = sent?.id;
  const read = readMessage(id === undefined ? value : withId(value, id), { hasNulls, answeredMethod: sent?.method });
  if ('unreadable' in read) {
    return report(read.unreadable, sent, events) ? [] : undefined;
  }
  const { message } = read;
  if (id === undefined || (!isResponse(message) && !('id' in message))) {
    return [message];
  }
  if (!isResponse(message)) {
    if (sent?.modern === true) {
      const reason = `the server sent the request \`${message.method}\`, which this protocol version lacks`;
      return report({ reason }, sent, events) ? [] : undefined;
    }
    events.onQuestion(message.id, id);
    return [message];
  }
  // Some servers answer with the text of a number.
  if (sent !== undefined && String(message.id) === String(id)) {
    sent.isAnswered = true;
    return [{ ...message, id }];
  }
  report({ reason: `the server answered request ${JSON.stringify(message.id)} instead` }, sent, events);
  return [];
}

/** Tells the server that waits for an answer, or the caller of the request. `false`: there is nobody to tell. */
function report({ reason, question }: Unreadable, sent: Sent | undefined, events: ReaderEvents): boolean {
  if (question !== undefined && sent?.modern !== true) {
    events.onUnreadableQuestion(question, reason);
    return true;
  }
  if (sent?.id === undefined) {
    return false;
  }
  if (!sent.isAnswered) {
    events.onUnreadable(sent.id, reason);
  }
  return true;
}
