import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server';
import { JsonRpcCode, jsonRpcError, requestIdOf } from '../common/json-rpc';
import { scanJson } from '../common/json-scan';
import { withoutNullMembers } from '../common/null-members';
import { readAnswers, type ReadAnswers } from './readable-answer';

/** Far deeper than any tool's arguments, and far below what validators and `JSON.stringify` can walk through. */
const MAX_DEPTH = 256;

/** The message of a request: parsed once, for the routing and for both eras. GET and DELETE have none. */
export async function readMessage(request: Request, maxBytes: number): Promise<ReadAnswers | Response> {
  if (request.method !== 'POST') {
    return { body: undefined };
  }
  if (!isJsonContentType(request.headers.get('content-type'))) {
    return jsonRpcError(415, JsonRpcCode.serverError, 'Unsupported Media Type: Content-Type must be application/json');
  }
  const read = await readRequestBody(request, maxBytes);
  if (read.tooLarge) {
    return jsonRpcError(
      413,
      JsonRpcCode.serverError,
      `Payload Too Large: the request body must not exceed ${maxBytes} bytes`,
    );
  }
  let body: unknown;
  try {
    body = JSON.parse(read.text);
  } catch {
    return jsonRpcError(400, JsonRpcCode.parseError, 'Parse error: the request body is not valid JSON');
  }
  const { holdsNull, isTooDeep } = scanJson(body, MAX_DEPTH);
  if (isTooDeep) {
    // Not a 400 where there is a request to answer: AgentCore replaces the body of those.
    return jsonRpcError(
      requestIdOf(body) === null ? 400 : 200,
      JsonRpcCode.invalidParams,
      `Invalid params: the message is nested deeper than ${MAX_DEPTH} levels`,
      body,
    );
  }
  return readAnswers(holdsNull ? withoutNullMembers(body) : body);
}
