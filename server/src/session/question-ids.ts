import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/server';

/**
 * The ids of questions to the client, in a session that went on in another process. The SDK counts them from the
 * beginning there. Without another form, the answer to a question of the process before could be taken for that to a
 * new one.
 */
export class QuestionIds {
  private readonly prefix: string;

  /** @param generation - how many times the session went on in another process */
  public constructor(private readonly generation: number) {
    this.prefix = `${generation}-`;
  }

  /** A message of the server, as the client gets it. */
  public outgoing(message: JSONRPCMessage): JSONRPCMessage {
    if (this.generation === 0) {
      return message;
    }
    if (isJSONRPCRequest(message)) {
      return { ...message, id: this.prefix + String(message.id) };
    }
    const asked = isJSONRPCNotification(message) ? (message.params?.['requestId'] as RequestId | undefined) : undefined;
    return isJSONRPCNotification(message) && message.method === 'notifications/cancelled' && asked !== undefined
      ? { ...message, params: { ...message.params, requestId: this.prefix + String(asked) } }
      : message;
  }

  /** The body of a request, as the SDK gets it: undefined when nothing is left of it. */
  public incoming(body: unknown): unknown {
    if (!Array.isArray(body)) {
      return this.answer(body);
    }
    const left = body.map(message => this.answer(message)).filter(message => message !== undefined);
    return left.length === 0 && body.length > 0 ? undefined : left;
  }

  /** Answers to questions of a process before this one are for nobody. */
  private answer(message: unknown): unknown {
    if (!isJSONRPCResultResponse(message) && !isJSONRPCErrorResponse(message)) {
      return message;
    }
    const id = String(message.id);
    if (this.generation === 0) {
      return message;
    }
    return id.startsWith(this.prefix) ? { ...message, id: Number(id.slice(this.prefix.length)) } : undefined;
  }
}
