import { sigV4 } from 'stateful-mcp-client';
import { CommandError } from '../common/command-error';
import type { Deployment } from './deployment';
import type { EndpointFacts, RuntimeFacts } from './runtime-facts';

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
 * Reads from the control plane of AgentCore. By signed requests of its own: the AWS SDK on npm lags behind the service,
 * and leaves out the members that it does not know, hooks and ports among them.
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

  private async get<Facts>(path: string): Promise<Facts> {
    const response = await this.fetch(this.origin.replace(/\/+$/, '') + path, {
      method: 'GET',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (response.ok) {
      return body as Facts;
    }
    const exception = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? `HTTP ${response.status}`;
    const said = body.message ?? body.Message;
    throw new ControlPlaneError(
      `AgentCore refused to say what ${this.deployment.runtimeId} is (${exception}${typeof said === 'string' ? `: ${said}` : ''})`,
      exception,
    );
  }
}
