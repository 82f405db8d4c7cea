import type { IRuntimeEndpoint, Runtime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IDependable } from 'constructs';
import type { McpReleaseCaller } from './mcp-release-caller';

/**
 * What a release knows of its server.
 */
export interface McpReleaseContext {
  /**
   * The runtime. A change of the server is a new version of it.
   */
  readonly runtime: Runtime;

  /**
   * The name of the runtime.
   */
  readonly runtimeName: string;

  /**
   * Whether the server is written with `stateful-mcp-server`, as far as its bundle tells.
   */
  readonly usesServerKit: boolean;

  /**
   * The discovery document of the issuer of the tokens.
   *
   * @default - callers sign, and bring no token
   */
  readonly discoveryUrl?: string;

  /**
   * Machines that `auth` lets in by itself.
   */
  readonly callers: McpReleaseCaller[];

  /**
   * What the server needs to work that its runtime does not wait for, such as what its role was granted.
   */
  readonly dependencies: IDependable[];
}

/**
 * Which endpoint users call.
 */
export interface McpReleaseConfig {
  /**
   * The name of the endpoint.
   */
  readonly endpointName: string;

  /**
   * The endpoint.
   *
   * @default - it is made elsewhere, as AgentCore Runtime makes `DEFAULT`
   */
  readonly endpoint?: IRuntimeEndpoint;

  /**
   * The name of an endpoint with the newest version that may become that of users.
   *
   * @default - there is no such endpoint
   */
  readonly candidateEndpointName?: string;

  /**
   * What calls the endpoint in the course of a deployment waits for this.
   *
   * @default - it does not wait
   */
  readonly released?: IDependable;

  /**
   * Alarms of the release.
   *
   * @default - none
   */
  readonly alarms?: IAlarm[];
}
