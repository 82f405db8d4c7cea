import type { JSONRPCMessage, Progress } from '@modelcontextprotocol/client';

const RECEIVED = 'stateful-mcp-client/received';

/** Marks a progress notification as one that came from the server. Leaves every other message alone. */
export function markAsReceived(message: JSONRPCMessage): JSONRPCMessage {
  if (!('method' in message) || message.method !== 'notifications/progress') {
    return message;
  }
  return { ...message, params: { ...message.params, _meta: { ...message.params?._meta, [RECEIVED]: true } } };
}

/**
 * Hands on the progress that the server reported, and nothing else. With a modern server the SDK client reports each
 * round of questions as progress 1, 2, 3… of its own, between the server's numbers.
 */
export function onlyReceived(handler: (progress: Progress) => void): (progress: Progress) => void {
  return reported => {
    const { _meta, ...progress } = reported as Progress & { _meta?: Record<string, unknown> };
    if (_meta?.[RECEIVED] === true) {
      handler(progress);
    }
  };
}
