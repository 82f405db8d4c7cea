import { isJsonContentType, readRequestBody } from '@modelcontextprotocol/server';
import { JsonRpcCode, jsonRpcError, withoutNullParams } from '../common/json-rpc';

/** The message of a request: parsed once, for the routing and for both eras. GET and DELETE have none. */
export async function readMessage(request: Request, maxBytes: number): Promise<{ readonly body: unknown } | Response> {
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
  try {
    return { body: withoutNullParams(JSON.parse(read.text)) };
  } catch {
    return jsonRpcError(400, JsonRpcCode.parseError, 'Parse error: the request body is not valid JSON');
  }
}
