import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/server';
import { isJsonObject } from '../common/json-rpc';

/** What a value of a line is: a message, or what cannot be read of one. */
export type ChildMessage =
  | { readonly message: JSONRPCMessage }
  /** The process waits for an answer to it. */
  | { readonly unreadableQuestion: RequestId }
  /** The client waits for it. */
  | { readonly unreadableAnswer: RequestId }
  | 'invalid';

const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'] as const;

/**
 * The messages of a line; a batch (2025-03-26) has several. Null is absent: serializers of Java, Go and .NET write
 * `"error": null` beside a result. What is inside of the members stays as it is.
 */
export function readChildLine(line: string): ChildMessage[] {
  let value: unknown;
  try {
    // The standard output of .NET begins with a byte order mark.
    value = JSON.parse(line.startsWith('\uFEFF') ? line.slice(1) : line);
  } catch {
    return ['invalid'];
  }
  return [value].flat().map(readValue);
}

function readValue(value: unknown): ChildMessage {
  if (!isJsonObject(value)) {
    return 'invalid';
  }
  const message = Object.fromEntries(
    MEMBERS.filter(name => value[name] !== undefined && value[name] !== null).map(name => [name, value[name]]),
  );
  const { id, method } = message;
  if (value['id'] === null && typeof method === 'string' && !method.startsWith('notifications/')) {
    return 'invalid';
  }
  if (
    isJSONRPCRequest(message) ||
    isJSONRPCNotification(message) ||
    isJSONRPCResultResponse(message) ||
    isJSONRPCErrorResponse(message)
  ) {
    return { message };
  }
  if (typeof id !== 'string' && typeof id !== 'number') {
    return 'invalid';
  }
  return method === undefined ? { unreadableAnswer: id } : { unreadableQuestion: id };
}
