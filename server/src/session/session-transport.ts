import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  WebStandardStreamableHTTPServerTransport,
  type HandleRequestOptions,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type RequestId,
  type TransportSendOptions,
  type WebStandardStreamableHTTPServerTransportOptions,
} from '@modelcontextprotocol/server';
import { endedBeforeAnswer, JsonRpcCode } from '../common/json-rpc';
import { sendable } from '../common/sendable';
import { keptForReader, Readers } from '../http/kept-for-reader';
import type { OpenCalls } from '../http/open-calls';
import { isEventStream } from '../http/response-body';
import { QuestionIds } from './question-ids';

/** The calls that came by one request, and share its stream. */
interface Exchange {
  readonly open: Set<RequestId>;
  readonly cancelled: RequestId[];
  /** Those of the stream; those that listen in the session, once the stream has ended. */
  readers: Readers;
}

interface OpenCall {
  readonly exchange: Exchange;
  readonly end: () => void;
}

/**
 * The SDK's transport of one session, which also knows which calls are open: a call outlives the connection that it
 * came by. It ends the stream of every call that will get no answer.
 */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  private readonly calls = new Map<RequestId, OpenCall>();
  private readonly exchanges = new WeakMap<object, Exchange>();
  /** They get what belongs to no call, and the rest of streams that have broken. */
  private readonly listeners = new Readers();

  public constructor(
    options: WebStandardStreamableHTTPServerTransportOptions,
    private readonly openCalls: OpenCalls,
    private readonly questionIds = new QuestionIds(0),
  ) {
    super(options);
    // The SDK's server chains the handler that it finds here.
    this.onmessage = (message, extra) => this.received(message, extra);
  }

  public get busy(): boolean {
    return this.calls.size > 0;
  }

  /** Whether a call of this id is being worked on. */
  public isOpen(id: RequestId): boolean {
    return this.calls.has(id);
  }

  public override async handleRequest(request: Request, options: HandleRequestOptions = {}): Promise<Response> {
    const parsedBody = this.questionIds.incoming(options.parsedBody);
    if (parsedBody === undefined && options.parsedBody !== undefined) {
      return new Response(null, { status: 202 });
    }
    const exchange = this.exchangeOf(request);
    const response = await super.handleRequest(request, { ...options, parsedBody });
    if (!isEventStream(response)) {
      return response;
    }
    if (request.method === 'GET') {
      return keptForReader(response, this.listeners);
    }
    const { readers } = exchange;
    return keptForReader(response, {
      readerIsBehind: isBehind => readers.readerIsBehind(isBehind),
      ended: () => {
        exchange.readers = this.listeners;
      },
    });
  }

  /** Resolves when whoever reads the message is not behind: a handler that waits for it fills no memory. */
  public override async send(sent: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const message = sendable(this.questionIds.outgoing(sent));
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      await this.sendResponse(message, options);
      return;
    }
    const related = options?.relatedRequestId;
    if (related !== undefined && !this.calls.has(related) && isJSONRPCNotification(message)) {
      // Progress of a call that was cancelled or answered meanwhile: no client waits for it, and nothing went wrong.
      return;
    }
    const readers = this.readersOf(related);
    await super.send(message, options);
    await readers.keptUp();
  }

  private readersOf(related: RequestId | undefined): Readers {
    return (related === undefined ? undefined : this.calls.get(related)?.exchange.readers) ?? this.listeners;
  }

  /** Calls that are still open are answered first: many clients wait on when a stream only ends. */
  public override async close(): Promise<void> {
    for (const [id, { end }] of this.calls) {
      this.calls.delete(id);
      end();
      await super.send(endedBeforeAnswer(id)).catch(() => undefined);
    }
    await super.close();
  }

  private async sendResponse(
    message: JSONRPCMessage & { readonly id?: RequestId },
    options?: TransportSendOptions,
  ): Promise<void> {
    const { id } = message;
    const call = id === undefined ? undefined : this.calls.get(id);
    try {
      await super.send(message, options);
    } finally {
      if (id !== undefined && call) {
        this.calls.delete(id);
        call.end();
        call.exchange.open.delete(id);
        await this.endCancelled(call.exchange);
      }
    }
  }

  private received(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    if (isJSONRPCRequest(message)) {
      const exchange = this.exchangeOf(extra?.request);
      exchange.open.add(message.id);
      this.calls.set(message.id, { exchange, end: this.openCalls.begin() });
    } else if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      this.cancelled(message.params?.['requestId'] as RequestId);
    }
  }

  private exchangeOf(request: Request | undefined): Exchange {
    const known = request && this.exchanges.get(request);
    const exchange = known ?? { open: new Set<RequestId>(), cancelled: [], readers: new Readers() };
    if (request) {
      this.exchanges.set(request, exchange);
    }
    return exchange;
  }

  /** A cancelled call is never answered. */
  private cancelled(id: RequestId): void {
    const call = this.calls.get(id);
    if (!call) {
      return;
    }
    this.calls.delete(id);
    call.end();
    call.exchange.open.delete(id);
    call.exchange.cancelled.push(id);
    void this.endCancelled(call.exchange).catch(() => undefined);
  }

  /**
   * Ends the stream of calls that were cancelled, once no other call needs it. The SDK forgets a call when it sees a
   * response; that one finds the stream closed, and is read by a client only that asks for the rest of it.
   */
  private async endCancelled({ open, cancelled }: Exchange): Promise<void> {
    if (open.size > 0) {
      return;
    }
    for (const id of cancelled.splice(0)) {
      this.closeSSEStream(id);
      await super.send({
        jsonrpc: '2.0',
        id,
        error: { code: JsonRpcCode.serverError, message: 'the client cancelled this call' },
      });
    }
  }
}
