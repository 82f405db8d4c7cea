import { setTimeout as sleep } from 'node:timers/promises';
import type { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { CommandError } from '../common/command-error';
import { readRecords, type VerifiedVersion } from './release-record';

/** A runtime on AgentCore, or on a local control plane. */
export interface RuntimePlace {
  readonly arn: string;
  readonly id: string;
  readonly region: string | undefined;
}

export interface ServedEndpoint {
  readonly name: string;
  readonly status: string;
  /** The version that it serves. */
  readonly version: string;
}

export interface RuntimeVersion {
  readonly version: string;
  readonly status: string;
  readonly updatedAt?: string;
  readonly endpoints: readonly string[];
  /** What the record of the release says of it. */
  readonly verified?: VerifiedVersion;
}

/** All that is known of the versions of a runtime, the newest first. */
export interface RuntimeVersions {
  readonly runtime: string;
  readonly versions: readonly RuntimeVersion[];
  readonly endpoints: readonly ServedEndpoint[];
  /** Why the record could not be read; no reason when there is just none. */
  readonly recordProblem?: string;
}

const POLL_MS = 1_000;

/** Moving an endpoint took seconds where it was seen; who waits this long has another problem. */
const MOVE_TIMEOUT_MS = 300_000;

/** The versions and endpoints of one runtime, by the control plane of AgentCore. */
export class RuntimeControl {
  private constructor(
    private readonly client: BedrockAgentCoreControlClient,
    private readonly place: RuntimePlace,
    private readonly signal: AbortSignal,
  ) {}

  /** The SDK is not loaded before it is needed: help does not wait for it. */
  public static async of(place: RuntimePlace, signal: AbortSignal): Promise<RuntimeControl> {
    const { BedrockAgentCoreControlClient } = await import('@aws-sdk/client-bedrock-agentcore-control');
    const client = new BedrockAgentCoreControlClient(place.region === undefined ? {} : { region: place.region });
    return new RuntimeControl(client, place, signal);
  }

  public async versions(): Promise<RuntimeVersions> {
    const { paginateListAgentRuntimeVersions } = await import('@aws-sdk/client-bedrock-agentcore-control');
    const input = { agentRuntimeId: this.place.id };
    const endpoints = await this.endpoints();
    const found = await this.called('ListAgentRuntimeVersions', async () => {
      const all = [];
      for await (const page of paginateListAgentRuntimeVersions({ client: this.client }, input)) {
        all.push(...(page.agentRuntimes ?? []));
      }
      return all;
    });
    const name = found[0]?.agentRuntimeName;
    const { records, problem } = await readRecords(name ?? '', this.place.region, this.signal);
    return {
      runtime: this.place.arn,
      endpoints,
      versions: found
        .map(({ agentRuntimeVersion: version = '', status = '', lastUpdatedAt }) => ({
          version,
          status,
          ...(lastUpdatedAt && { updatedAt: lastUpdatedAt.toISOString() }),
          endpoints: endpoints.filter(endpoint => endpoint.version === version).map(endpoint => endpoint.name),
          ...(records.has(version) && { verified: records.get(version) }),
        }))
        .sort((one, other) => Number(other.version) - Number(one.version)),
      ...(problem !== undefined && { recordProblem: problem }),
    };
  }

  /** Has an endpoint serve a version, and waits until it does. */
  public async move(endpointName: string, version: string): Promise<void> {
    const { GetAgentRuntimeEndpointCommand, UpdateAgentRuntimeEndpointCommand } =
      await import('@aws-sdk/client-bedrock-agentcore-control');
    const input = { agentRuntimeId: this.place.id, endpointName };
    await this.called('UpdateAgentRuntimeEndpoint', () =>
      this.client.send(new UpdateAgentRuntimeEndpointCommand({ ...input, agentRuntimeVersion: version }), {
        abortSignal: this.signal,
      }),
    );
    const { signal } = this;
    for (const end = Date.now() + MOVE_TIMEOUT_MS; Date.now() < end; await sleep(POLL_MS, undefined, { signal })) {
      const { status, liveVersion, failureReason } = await this.called('GetAgentRuntimeEndpoint', () =>
        this.client.send(new GetAgentRuntimeEndpointCommand(input), { abortSignal: this.signal }),
      );
      if (status === 'READY' && liveVersion === version) {
        return;
      }
      if (status?.endsWith('_FAILED') === true) {
        throw new CommandError(
          `the endpoint ${endpointName} was not moved, its state is ${status}: ${failureReason ?? '(no reason given)'}`,
        );
      }
    }
    throw new CommandError(
      `the endpoint ${endpointName} is not READY after ${MOVE_TIMEOUT_MS / 1000} s: look at it by \`stateful-mcp versions\``,
    );
  }

  public close(): void {
    this.client.destroy();
  }

  private async endpoints(): Promise<ServedEndpoint[]> {
    const { paginateListAgentRuntimeEndpoints } = await import('@aws-sdk/client-bedrock-agentcore-control');
    const input = { agentRuntimeId: this.place.id };
    return this.called('ListAgentRuntimeEndpoints', async () => {
      const all: ServedEndpoint[] = [];
      for await (const page of paginateListAgentRuntimeEndpoints({ client: this.client }, input)) {
        all.push(
          ...(page.runtimeEndpoints ?? []).map(({ name = '', status = '', liveVersion = '' }) => ({
            name,
            status,
            version: liveVersion,
          })),
        );
      }
      return all;
    });
  }

  private async called<T>(operation: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      this.signal.throwIfAborted();
      const { name, message } = cause as Error;
      throw new CommandError(`${operation} of ${this.place.arn} failed: ${message} (${name})`, undefined, { cause });
    }
  }
}
