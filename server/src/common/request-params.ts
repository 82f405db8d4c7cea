import { isSpecType, specTypeSchemas } from '@modelcontextprotocol/server';
import { isJsonObject } from './json-rpc';

/** The protocol's own requests of clients that have parameters, by method. */
const REQUESTS = new Map<unknown, keyof typeof isSpecType>([
  ['initialize', 'InitializeRequest'],
  ['completion/complete', 'CompleteRequest'],
  ['logging/setLevel', 'SetLevelRequest'],
  ['prompts/get', 'GetPromptRequest'],
  ['prompts/list', 'ListPromptsRequest'],
  ['resources/list', 'ListResourcesRequest'],
  ['resources/read', 'ReadResourceRequest'],
  ['resources/subscribe', 'SubscribeRequest'],
  ['resources/templates/list', 'ListResourceTemplatesRequest'],
  ['resources/unsubscribe', 'UnsubscribeRequest'],
  ['tools/call', 'CallToolRequest'],
  ['tools/list', 'ListToolsRequest'],
]);

/** Those that the modern era (2026-07-28) has no more, so that nothing is right or wrong with their parameters. */
const LEGACY_ALONE: ReadonlySet<unknown> = new Set([
  'initialize',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

interface Issue {
  readonly path?: readonly unknown[];
  readonly message: string;
}

/**
 * What is wrong with the parameters of one of the protocol's own requests; undefined when nothing is, and for requests
 * of other methods. The SDK takes such parameters for a failure of the server (-32603).
 */
export function invalidParams(body: unknown, era: 'legacy' | 'modern' = 'legacy'): string | undefined {
  if (!isJsonObject(body) || body['id'] === undefined || (era === 'modern' && LEGACY_ALONE.has(body['method']))) {
    return undefined;
  }
  const type = REQUESTS.get(body['method']);
  if (type === undefined || isSpecType[type](body)) {
    return undefined;
  }
  const result = specTypeSchemas[type]['~standard'].validate(body) as { readonly issues?: readonly Issue[] };
  const problems = (result.issues ?? []).map(({ path = [], message }) => {
    const problem = message.replace(/^Invalid (input|option)(: )?/, '') || 'has none of the forms that are allowed';
    return `\`${path.map(String).join('.')}\`: ${problem}`;
  });
  return `Invalid params of ${String(body['method'])}: ${problems.join('; ')}`;
}
