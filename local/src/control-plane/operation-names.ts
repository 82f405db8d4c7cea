import type { Exchange } from '../http/exchange';

/** An operation of the control plane that somebody asks for. */
export interface AskedOperation {
  /** As in the service model. */
  readonly operation: string;
  /** Of the runtime, where there is one. */
  readonly id: string;
  /** Of the endpoint, where there is one. */
  readonly name: string;
}

/**
 * Service model of bedrock-agentcore-control: by HTTP method and path. The operations after the first eleven are not
 * simulated.
 */
const OPERATIONS: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ['PUT', /^\/runtimes\/?$/, 'CreateAgentRuntime'],
  ['POST', /^\/runtimes\/?$/, 'ListAgentRuntimes'],
  ['PUT', /^\/runtimes\/([\w-]+)\/?$/, 'UpdateAgentRuntime'],
  ['GET', /^\/runtimes\/([\w-]+)\/?$/, 'GetAgentRuntime'],
  ['DELETE', /^\/runtimes\/([\w-]+)\/?$/, 'DeleteAgentRuntime'],
  ['POST', /^\/runtimes\/([\w-]+)\/versions\/?$/, 'ListAgentRuntimeVersions'],
  ['PUT', /^\/runtimes\/([\w-]+)\/runtime-endpoints\/?$/, 'CreateAgentRuntimeEndpoint'],
  ['POST', /^\/runtimes\/([\w-]+)\/runtime-endpoints\/?$/, 'ListAgentRuntimeEndpoints'],
  ['PUT', /^\/runtimes\/([\w-]+)\/runtime-endpoints\/([\w-]+)\/?$/, 'UpdateAgentRuntimeEndpoint'],
  ['GET', /^\/runtimes\/([\w-]+)\/runtime-endpoints\/([\w-]+)\/?$/, 'GetAgentRuntimeEndpoint'],
  ['DELETE', /^\/runtimes\/([\w-]+)\/runtime-endpoints\/([\w-]+)\/?$/, 'DeleteAgentRuntimeEndpoint'],
  ['PUT', /^\/resourcepolicy\/[^/]+\/?$/, 'PutResourcePolicy'],
  ['GET', /^\/resourcepolicy\/[^/]+\/?$/, 'GetResourcePolicy'],
  ['DELETE', /^\/resourcepolicy\/[^/]+\/?$/, 'DeleteResourcePolicy'],
  ['GET', /^\/tags\/[^/]+\/?$/, 'ListTagsForResource'],
  ['POST', /^\/tags\/[^/]+\/?$/, 'TagResource'],
  ['DELETE', /^\/tags\/[^/]+\/?$/, 'UntagResource'],
];
const CAPACITY_PROVIDERS = /^\/capacity-providers(\/|$)/;

/** The operation that a request asks for; undefined when the control plane has none at its path. */
export function operationAt({ method, url }: Exchange): AskedOperation | undefined {
  const [path = ''] = url.split('?', 1);
  for (const [verb, pattern, operation] of OPERATIONS) {
    const found = verb === method ? pattern.exec(path) : null;
    if (found) {
      return { operation, id: found[1] ?? '', name: found[2] ?? '' };
    }
  }
  return CAPACITY_PROVIDERS.test(path)
    ? { operation: 'the operations of capacity providers', id: '', name: '' }
    : undefined;
}
