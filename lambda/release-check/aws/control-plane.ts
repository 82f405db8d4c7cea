import {
  BedrockAgentCoreControlClient,
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { callAws, isMissing, type AwsCallPolicy } from './aws-calls';
import { rawBody } from './raw-body';

/** A version of a runtime. */
export interface DescribedVersion {
  readonly version: string;
  readonly status: string;
  readonly failureReason?: string;
  /** All that the service tells of it, members that the SDK does not know included. */
  readonly document: Readonly<Record<string, unknown>>;
}

export interface DescribedEndpoint {
  readonly status: string;
  readonly failureReason?: string;
  /** The version that it serves; `undefined` while there is none. */
  readonly liveVersion?: string;
  /** The version that it will serve, where it is on the way to one. */
  readonly targetVersion?: string;
}

/** What the control plane tells of one runtime. */
export class ControlPlane {
  private readonly client = new BedrockAgentCoreControlClient();

  public constructor(
    private readonly agentRuntimeId: string,
    private readonly policy: AwsCallPolicy,
    private readonly signal: AbortSignal,
  ) {}

  /** A version, or `undefined` where there is none such. */
  public version(agentRuntimeVersion: string): Promise<DescribedVersion | undefined> {
    return this.ask(`reading version ${agentRuntimeVersion} of ${this.agentRuntimeId}`, async () => {
      const command = new GetAgentRuntimeCommand({ agentRuntimeId: this.agentRuntimeId, agentRuntimeVersion });
      const body = rawBody(command.middlewareStack);
      const { status = 'UNKNOWN', failureReason } = await this.client.send(command, { abortSignal: this.signal });
      return { version: agentRuntimeVersion, status, failureReason, document: body() };
    });
  }

  /** An endpoint, or `undefined` where there is none such. */
  public endpoint(endpointName: string): Promise<DescribedEndpoint | undefined> {
    return this.ask(`reading the endpoint ${endpointName} of ${this.agentRuntimeId}`, async () => {
      const {
        status = 'UNKNOWN',
        failureReason,
        liveVersion,
        targetVersion,
      } = await this.client.send(
        new GetAgentRuntimeEndpointCommand({ agentRuntimeId: this.agentRuntimeId, endpointName }),
        { abortSignal: this.signal },
      );
      return { status, failureReason, liveVersion, targetVersion };
    });
  }

  public close(): void {
    this.client.destroy();
  }

  private async ask<T>(what: string, send: () => Promise<T>): Promise<T | undefined> {
    try {
      return await callAws(this.policy, what, 'ERR_RUNTIME_DENIED', this.signal, send);
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }
}
