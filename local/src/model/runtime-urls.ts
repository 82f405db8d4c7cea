/** Path and query under which AgentCore serves an endpoint of a runtime. */
export function invocationPath(arn: string, qualifier = DEFAULT_ENDPOINT): string {
  return `/runtimes/${encodeURIComponent(arn)}/invocations?qualifier=${encodeURIComponent(qualifier)}`;
}

export const DEFAULT_ENDPOINT = 'DEFAULT';
