import type { JSONRPCMessage } from '@modelcontextprotocol/client';

/** Ids of one process are this far from those of another, which counts from 0 as well. */
const APART = 2 ** 20;
const RANGE = 2 ** 30;

/**
 * Gives the requests of this process ids of their own within a session that other processes use, too: the SDK counts
 * from 0 in each.
 */
export class RequestIds {
  private readonly offset = (1 + Math.floor(Math.random() * RANGE)) * APART;

  public outgoing(message: JSONRPCMessage): JSONRPCMessage {
    return this.moved(message, this.offset);
  }

  public incoming(message: JSONRPCMessage): JSONRPCMessage {
    return this.moved(message, -this.offset);
  }

  private moved(message: JSONRPCMessage, by: number): JSONRPCMessage {
    const outgoing = by > 0;
    if (!('method' in message)) {
      return !outgoing && typeof message.id === 'number' ? { ...message, id: message.id + by } : message;
    }
    const { params, method } = message;
    if (outgoing && 'id' in message) {
      const token = params?._meta?.progressToken;
      return {
        ...message,
        id: movedId(message.id, by),
        ...(typeof token === 'number' && {
          params: { ...params, _meta: { ...params?._meta, progressToken: token + by } },
        }),
      };
    }
    if (outgoing && method === 'notifications/cancelled') {
      return { ...message, params: { ...params, requestId: movedId(params?.requestId, by) } };
    }
    if (!outgoing && method === 'notifications/progress') {
      return { ...message, params: { ...params, progressToken: movedId(params?.progressToken, by) } };
    }
    return message;
  }
}

/** Ids that are texts are nobody else's. */
function movedId<T>(id: T, by: number): T {
  return typeof id === 'number' ? ((id + by) as T) : id;
}
