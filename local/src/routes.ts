import type { RuntimeDefinition } from './runtime-definition';

/** Where a request goes: to a runtime, to an answer of the platform that there is no such runtime or endpoint, or nowhere. */
export type Destination<Runtime> = { readonly runtime: Runtime } | 'no-such-runtime' | 'no-such-path';

interface Routed {
  readonly definition: RuntimeDefinition;
}

/** Path and query under which AgentCore serves the DEFAULT endpoint of a runtime. */
export function invocationPath(arn: string): string {
  return `/runtimes/${encodeURIComponent(arn)}/invocations?qualifier=DEFAULT`;
}

/**
 * The URLs that are served:
 *
 * - `/runtimes/{escaped ARN}/invocations?qualifier=`, as on AgentCore
 * - `/{runtime name}/mcp`
 * - `/mcp`, when there is one runtime only
 */
export class Routes<Runtime extends Routed> {
  public constructor(private readonly runtimes: readonly Runtime[]) {}

  public find(url: string): Destination<Runtime> {
    const [path = '', query = ''] = url.split('?', 2);
    const invocation = /^\/runtimes\/([^/]+)\/invocations\/?$/.exec(path);
    if (invocation?.[1] !== undefined) return this.invoked(unescape(invocation[1]), new URLSearchParams(query).get('qualifier') ?? 'DEFAULT');
    const short = /^(?:\/([^/]+))?\/mcp\/?$/.exec(path);
    if (!short) return 'no-such-path';
    const runtime = short[1] === undefined ? this.only() : this.runtimes.find(({ definition }) => definition.name === short[1]);
    return runtime ? { runtime } : 'no-such-path';
  }

  /** The paths to try instead of one that is not served. */
  public get paths(): readonly string[] {
    const short = this.runtimes.map(({ definition }) => `/${definition.name}/mcp`);
    return [...(this.only() ? ['/mcp'] : []), ...short, ...this.runtimes.map(({ definition }) => invocationPath(definition.arn))];
  }

  private invoked(arn: string | undefined, qualifier: string): Destination<Runtime> {
    const runtime = this.runtimes.find(({ definition }) => definition.arn === arn);
    return runtime && (qualifier === 'DEFAULT' || runtime.definition.endpoints.includes(qualifier)) ? { runtime } : 'no-such-runtime';
  }

  private only(): Runtime | undefined {
    return this.runtimes.length === 1 ? this.runtimes[0] : undefined;
  }
}

function unescape(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
