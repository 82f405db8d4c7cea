import { isJSONRPCErrorResponse, isJSONRPCResultResponse } from '@modelcontextprotocol/server';
import { isJsonObject, JsonRpcCode } from '../common/json-rpc';

/** A message, or a batch of them, and what is wrong with the answers among them. */
export interface ReadAnswers {
  readonly body: unknown;
  readonly problem?: string | undefined;
}

/**
 * An answer to a question that is none, such as a result that is a text, as the error that it is: whoever asked learns of
 * it at once. The SDK refuses the message, and the question would wait for its time to be over.
 */
export function readAnswers(body: unknown): ReadAnswers {
  if (Array.isArray(body)) {
    const read = body.map(readAnswers);
    return {
      body: read.map(answer => answer.body),
      problem: read.find(answer => answer.problem !== undefined)?.problem,
    };
  }
  const id = isJsonObject(body) && body['method'] === undefined ? body['id'] : undefined;
  const isQuestion = typeof id === 'string' || typeof id === 'number';
  if (!isQuestion || isJSONRPCResultResponse(body) || isJSONRPCErrorResponse(body)) {
    return { body };
  }
  const problem = `the answer to ${JSON.stringify(id)} has neither a \`result\` that is an object nor an \`error\` with \`code\` and \`message\``;
  return { body: { jsonrpc: '2.0', id, error: { code: JsonRpcCode.invalidRequest, message: problem } }, problem };
}
