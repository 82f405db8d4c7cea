import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { JsonRpcCode } from './json-rpc';

/**
 * The same message; in place of a response that JSON cannot hold (a `bigint`, an object within itself), the error that
 * says so. The SDK sends nothing then, and whoever called would wait for ever.
 */
export function sendable(message: JSONRPCMessage): JSONRPCMessage {
  // What else cannot be sent rejects for the handler that sends it.
  if ('method' in message) {
    return message;
  }
  try {
    JSON.stringify(message);
    return message;
  } catch (error) {
    const [reason] = String(error).split('\n', 1);
    return {
      jsonrpc: '2.0',
      ...(message.id !== undefined && { id: message.id }),
      error: { code: JsonRpcCode.internalError, message: `the response cannot be sent as JSON: ${reason}` },
    };
  }
}
