import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  WebStandardStreamableHTTPServerTransport,
  type JSONRPCMessage,
  type RequestId,
  type TransportSendOptions,
  type WebStandardStreamableHTTPServerTransportOptions,
} from '@modelcontextprotocol/server';
import type { OpenCalls } from '../http/open-calls';

/**
 * The SDK's transport of one session, which also knows which calls are open: a call outlives the connection that it
 * came by.
 */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  private readonly calls = new Map<RequestId, () => void>();

  public constructor(
    options: WebStandardStreamableHTTPServerTransportOptions,
    private readonly openCalls: OpenCalls,
  ) {
    super(options);
    // The SDK's server chains the handler that it finds here.
    this.onmessage = message => this.received(message);
  }

  public get busy(): boolean {
    return this.calls.size > 0;
  }

  public override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    try {
      await super.send(message, options);
    } finally {
      if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
        this.end(message.id);
      }
    }
  }

  public override async close(): Promise<void> {
    for (const id of [...this.calls.keys()]) {
      this.end(id);
    }
    await super.close();
  }

  private received(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) {
      this.end(message.id);
      this.calls.set(message.id, this.openCalls.begin());
    } else if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      // A cancelled call is never answered.
      this.end(message.params?.['requestId'] as RequestId | undefined);
    }
  }

  private end(id: RequestId | undefined): void {
    if (id === undefined) {
      return;
    }
    this.calls.get(id)?.();
    this.calls.delete(id);
  }
}
