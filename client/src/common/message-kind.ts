import type { JSONRPCMessage } from '@modelcontextprotocol/client';

export type Request = Extract<JSONRPCMessage, { method: string; id: unknown }>;
export type Notification = Exclude<Extract<JSONRPCMessage, { method: string }>, Request>;
export type ErrorResponse = Extract<JSONRPCMessage, { error: unknown }>;
export type ResultResponse = Extract<JSONRPCMessage, { result: unknown }>;

// The guards of the SDK validate the whole message by a schema, each time. What comes here was validated on its way in,
// or is the SDK's own: its kind shows in its members.

export function isRequest(message: JSONRPCMessage): message is Request {
  return 'method' in message && 'id' in message;
}

export function isNotification(message: JSONRPCMessage): message is Notification {
  return 'method' in message && !('id' in message);
}

export function isResponse(message: JSONRPCMessage): message is ErrorResponse | ResultResponse {
  return !('method' in message);
}

export function isErrorResponse(message: JSONRPCMessage): message is ErrorResponse {
  return 'error' in message;
}

export function isResultResponse(message: JSONRPCMessage): message is ResultResponse {
  return 'result' in message;
}
