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
import type { OpenCalls } from '../http/open-calls';
import { QuestionIds } from './question-ids';

/** The calls that came by one request, and share its stream. */
interface Exchange {
  readonly open: Set<RequestId>;
  readonly cancelled: RequestId[];
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
    return parsedBody === undefined && options.parsedBody !== undefined
      ? new Response(null, { status: 202 })
      : await super.handleRequest(request, { ...options, parsedBody });
  }

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
    await super.send(message, options);
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
      const exchange = this.exchangeOf(extra);
      exchange.open.add(message.id);
      this.calls.set(message.id, { exchange, end: this.openCalls.begin() });
    } else if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      this.cancelled(message.params?.['requestId'] as RequestId);
    }
  }

  private exchangeOf(extra: MessageExtraInfo | undefined): Exchange {
    const key = extra?.request;
    const exchange = (key && this.exchanges.get(key)) ?? { open: new Set<RequestId>(), cancelled: [] };
    if (key) {
      this.exchanges.set(key, exchange);
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
