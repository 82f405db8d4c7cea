// The control plane of AgentCore by plain requests: the clients of npm lack its newest members.
import type { Auth } from 'stateful-mcp-client';
import { runtimeName, TAG, type ServerKind } from '../app/names';

export interface Described {
  readonly agentRuntimeId: string;
  readonly agentRuntimeArn: string;
  readonly agentRuntimeName: string;
  readonly agentRuntimeVersion: string;
  readonly status: string;
  readonly failureReason?: string;
  readonly agentRuntimeArtifact: object;
  readonly roleArn: string;
  readonly [member: string]: unknown;
}

export interface ControlAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ControlPlaneOptions {
  readonly url: string;
  readonly auth: Auth;
  /** What the tag of everything says. */
  readonly run: string;
}

const POLL_MS = 500;

export class ControlPlane {
  public constructor(private readonly options: ControlPlaneOptions) {}

  public async send(method: string, path: string, body?: object): Promise<ControlAnswer> {
    const { url: base, auth } = this.options;
    const url = new URL(path, base);
    const response = await auth.authorized(fetch, { url })(url, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }

  /** @throws Error where there is none */
  public async describe(id: string): Promise<Described> {
    const { status, body } = await this.send('GET', `/runtimes/${id}/`);
    if (status !== 200) {
      throw new Error(`GetAgentRuntime ${id}: HTTP ${status} ${String(body.message)}`);
    }
    return body as Described;
  }

  /**
   * Asks for a runtime that is one which was deployed, with changes. A change to `undefined` leaves a member out. The
   * caller removes it.
   */
  public create(from: Described, suffix: string, changes: object): Promise<ControlAnswer> {
    const { agentRuntimeArtifact, roleArn, agentRuntimeName, environmentVariables, lifecycleConfiguration } = from;
    return this.send('PUT', '/runtimes/', {
      agentRuntimeName: `${agentRuntimeName}_${suffix}`,
      agentRuntimeArtifact,
      roleArn,
      environmentVariables,
      lifecycleConfiguration,
      networkConfiguration: { networkMode: 'PUBLIC' },
      protocolConfiguration: { serverProtocol: 'MCP' },
      tags: { [TAG]: this.options.run },
      clientToken: `${crypto.randomUUID()}-create`,
      ...changes,
    });
  }

  public update(from: Described, changes: object): Promise<ControlAnswer> {
    const { agentRuntimeArtifact, roleArn, agentRuntimeId, environmentVariables, lifecycleConfiguration } = from;
    return this.send('PUT', `/runtimes/${agentRuntimeId}/`, {
      agentRuntimeArtifact,
      roleArn,
      environmentVariables,
      lifecycleConfiguration,
      networkConfiguration: { networkMode: 'PUBLIC' },
      protocolConfiguration: { serverProtocol: 'MCP' },
      clientToken: `${crypto.randomUUID()}-update`,
      ...changes,
    });
  }

  /** Waits until it changes no more; tells each status with the time since the call. */
  public async settled(id: string, signal: AbortSignal, note: (line: string) => void): Promise<Described> {
    const startedAt = Date.now();
    let last = '';
    for (;;) {
      const found = await this.describe(id);
      if (found.status !== last) {
        last = found.status;
        note(`${last} after ${Date.now() - startedAt} ms${found.failureReason ? `: ${found.failureReason}` : ''}`);
      }
      if (!last.endsWith('ING')) {
        return found;
      }
      signal.throwIfAborted();
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
  }

  public async remove(id: string): Promise<void> {
    // A change that is under way refuses another one.
    for (let attempts = 0; attempts < 240; attempts += 1) {
      const { status } = await this.send('DELETE', `/runtimes/${id}/`);
      if (status === 404) {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`${id} is not removed`);
  }

  /** Ids of runtimes by the beginning of their name. */
  public async find(prefix: string): Promise<string[]> {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = token === undefined ? '' : `&nextToken=${encodeURIComponent(token)}`;
      const { body } = await this.send('POST', `/runtimes/?maxResults=100${page}`);
      const runtimes = (body.agentRuntimes ?? []) as Described[];
      found.push(
        ...runtimes.filter(({ agentRuntimeName: name }) => name.startsWith(prefix)).map(item => item.agentRuntimeId),
      );
      token = body.nextToken as string | undefined;
    } while (token !== undefined);
    return found;
  }

  /** The runtime of a server. */
  public async of(kind: ServerKind): Promise<Described> {
    for (const id of await this.find(runtimeName(kind))) {
      const found = await this.describe(id);
      if (found.agentRuntimeName === runtimeName(kind)) {
        return found;
      }
    }
    throw new Error(`there is no runtime ${runtimeName(kind)}`);
  }
}
