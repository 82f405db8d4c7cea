import { sigV4 } from 'stateful-mcp-client';
import { CommandError } from '../common/command-error';
import type { Deployment } from './deployment';
import type { EndpointFacts, ListedEndpoint, ListedVersion, RuntimeFacts } from './runtime-facts';

const TIMEOUT_MS = 20_000;

/** What the control plane refused. */
export class ControlPlaneError extends CommandError {
  /** @param exception - as in the service model, such as `AccessDeniedException` */
  public constructor(
    message: string,
    public readonly exception: string,
  ) {
    super(message);
    this.name = 'ControlPlaneError';
  }
}

/**
 * Asks the control plane of AgentCore, and has it move an endpoint. By signed requests of its own: the AWS SDK on npm
 * lags behind the service, and leaves out the members that it does not know, hooks and ports among them.
 */
export class ControlPlane {
  private readonly origin: string;
  private readonly fetch: ReturnType<ReturnType<typeof sigV4>['authorized']>;

  public constructor(private readonly deployment: Pick<Deployment, 'runtimeId' | 'region' | 'partition'>) {
    const { region, partition } = deployment;
    this.origin =
      process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL ||
      process.env.AWS_ENDPOINT_URL ||
      `https://bedrock-agentcore-control.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
    this.fetch = sigV4({ region }).authorized(globalThis.fetch, { url: new URL(this.origin) });
  }

  /** @param version - the newest when left out */
  public runtime(version?: string): Promise<RuntimeFacts> {
    const query = version === undefined ? '' : `?version=${encodeURIComponent(version)}`;
    return this.get(`/runtimes/${this.deployment.runtimeId}/${query}`);
  }

  public endpoint(name: string): Promise<EndpointFacts> {
    return this.get(`/runtimes/${this.deployment.runtimeId}/runtime-endpoints/${encodeURIComponent(name)}/`);
  }

  /** All versions, every page. */
  public versions(): Promise<ListedVersion[]> {
    return this.pages(`/runtimes/${this.deployment.runtimeId}/versions/`, 'agentRuntimes');
  }

  /** All endpoints, every page. */
  public endpoints(): Promise<ListedEndpoint[]> {
    return this.pages(`/runtimes/${this.deployment.runtimeId}/runtime-endpoints/`, 'runtimeEndpoints');
  }

  /** Has an endpoint serve a version, which takes a while. */
  public async pointEndpoint(name: string, version: string): Promise<void> {
    const path = `/runtimes/${this.deployment.runtimeId}/runtime-endpoints/${encodeURIComponent(name)}/`;
    await this.send('PUT', path, `to have ${name} serve version ${version}`, { agentRuntimeVersion: version });
  }

  private get<Facts>(path: string): Promise<Facts> {
    return this.send<Facts>('GET', path, `to say what ${this.deployment.runtimeId} is`);
  }

  private async pages<Item>(path: string, member: string): Promise<Item[]> {
    const items: Item[] = [];
    let next: unknown;
    do {
      const query = typeof next === 'string' ? `?nextToken=${encodeURIComponent(next)}` : '';
      const wish = `to list what ${this.deployment.runtimeId} has`;
      const page = await this.send<Record<string, unknown>>('POST', path + query, wish);
      items.push(...((page[member] ?? []) as Item[]));
      next = page.nextToken;
    } while (typeof next === 'string');
    return items;
  }

  private async send<Answer>(method: string, path: string, wish: string, body?: object): Promise<Answer> {
    const response = await this.fetch(this.origin.replace(/\/+$/, '') + path, {
      method,
      headers: { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (response.ok) {
      return answer as Answer;
    }
    const exception = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? `HTTP ${response.status}`;
    const said = answer.message ?? answer.Message;
    throw new ControlPlaneError(
      `AgentCore refused ${wish} (${exception}${typeof said === 'string' ? `: ${said}` : ''})`,
      exception,
    );
  }
}
