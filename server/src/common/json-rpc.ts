// What the kit says in JSON-RPC by itself, before or instead of the SDK.

import type { JSONRPCErrorResponse } from '@modelcontextprotocol/server';

/** The codes used here; -32000 to -32019 are left to implementations by the protocol. */
export const JsonRpcCode = {
  parseError: -32700,
  invalidRequest: -32600,
  invalidParams: -32602,
  internalError: -32603,
  serverError: -32000,
  /** What the MCP SDKs answer for a session id that they do not know. */
  sessionNotFound: -32001,
} as const;

type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The id to answer with: that of a single request, else null. */
export function requestIdOf(body: unknown): string | number | null {
  if (!isJsonObject(body) || typeof body['method'] !== 'string') {
    return null;
  }
  const id = body['id'];
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** The tool that the request of an id calls, of a single message or a batch; undefined when it calls none. */
export function toolOf(body: unknown, id: string | number): string | undefined {
  const message: unknown = [body].flat().find(candidate => requestIdOf(candidate) === id);
  if (!isJsonObject(message) || message['method'] !== 'tools/call' || !isJsonObject(message['params'])) {
    return undefined;
  }
  const { name } = message['params'];
  return typeof name === 'string' ? name : undefined;
}

/** Whether a modern request continues a conversation. */
export function carriesRequestState(body: unknown): boolean {
  return isJsonObject(body) && isJsonObject(body['params']) && body['params']['requestState'] !== undefined;
}

export function jsonRpcError(
  status: number,
  code: number,
  message: string,
  body?: unknown,
  data?: JsonObject,
): Response {
  const error = data ? { code, message, data } : { code, message };
  return Response.json({ jsonrpc: '2.0', error, id: requestIdOf(body) }, { status });
}

/** The answer to a call that nobody works on any more. */
export function endedBeforeAnswer(id: string | number): JSONRPCErrorResponse {
  const message =
    'the session, or its server, ended before this call was answered: part of its work may be done, ' +
    'look at the log of the server, then call again';
  return { jsonrpc: '2.0', id, error: { code: JsonRpcCode.serverError, message } };
}

export function jsonRpcResult(id: string | number, result: JsonObject): Response {
  return Response.json({ jsonrpc: '2.0', result, id });
}
