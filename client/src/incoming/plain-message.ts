import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { isSchema } from './form-schema';
import { FORM } from './readable-message';

/**
 * A message for clients that are not of this package: the form of a question is where the protocol has it, not where it
 * travels past the SDK.
 */
export function plainMessage(message: JSONRPCMessage): JSONRPCMessage {
  if ('method' in message) {
    return plainQuestion(message) as JSONRPCMessage;
  }
  if (!('result' in message) || !isSchema(message.result.inputRequests)) {
    return message;
  }
  const questions = Object.entries(message.result.inputRequests);
  const inputRequests = Object.fromEntries(questions.map(([name, request]) => [name, plainQuestion(request)]));
  return { ...message, result: { ...message.result, inputRequests } };
}

function plainQuestion(request: unknown): unknown {
  if (!isSchema(request) || !isSchema(request.params) || !isSchema(request.params._meta)) {
    return request;
  }
  const { _meta: meta, ...params } = request.params;
  const { [FORM]: requestedSchema, ...rest } = meta as Record<string, unknown>;
  if (requestedSchema === undefined) {
    return request;
  }
  return {
    ...request,
    params: { ...params, requestedSchema, ...(Object.keys(rest).length > 0 && { _meta: rest }) },
  };
}
