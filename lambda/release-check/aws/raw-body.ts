import type { GetAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { json } from 'node:stream/consumers';

type MiddlewareStack = GetAgentRuntimeCommand['middlewareStack'];

/**
 * Keeps the response of a command as the service sent it. The SDK drops members that its service model does not have,
 * and the service is ahead of it.
 *
 * @returns what gives the body, once the command was sent
 */
export function rawBody(stack: MiddlewareStack): () => Readonly<Record<string, unknown>> {
  let document: Readonly<Record<string, unknown>> = {};
  stack.add(
    next => async request => {
      const result = await next(request);
      const response = result.response as { statusCode: number; body: NodeJS.ReadableStream | Uint8Array };
      if (response.statusCode === 200 && !(response.body instanceof Uint8Array)) {
        document = (await json(response.body)) as Readonly<Record<string, unknown>>;
        response.body = Buffer.from(JSON.stringify(document));
      }
      return result;
    },
    // Next to the wire: before the SDK reads the body.
    { step: 'deserialize', priority: 'low', name: 'rawBody' },
  );
  return () => document;
}
