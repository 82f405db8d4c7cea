import type { IRuntimeRef } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { StatefulMcpServerGrants } from './stateful-mcp-server-grants';
import type { StatefulMcpServerMetrics } from './observability/stateful-mcp-server-metrics';

/**
 * A stateful MCP server: of this app, or one that was deployed by another.
 */
export interface IStatefulMcpServer extends IRuntimeRef {
  /**
   * The ARN of the runtime.
   *
   * @attribute
   */
  readonly runtimeArn: string;

  /**
   * The id of the runtime: its name, a hyphen and ten characters.
   *
   * @attribute
   */
  readonly runtimeId: string;

  /**
   * The URL that MCP clients connect to.
   *
   * @attribute
   */
  readonly url: string;

  /**
   * Grants the use of the server to others.
   */
  readonly grants: StatefulMcpServerGrants;

  /**
   * CloudWatch metrics of the server.
   */
  readonly metrics: StatefulMcpServerMetrics;
}

/**
 * What is known of a server that was deployed by another app.
 */
export interface StatefulMcpServerAttributes {
  /**
   * The ARN of the runtime: `arn:aws:bedrock-agentcore:<region>:<account>:runtime/<id>`.
   *
   * Metrics of one that the deployment alone knows, such as `Fn.importValue(...)`, are those of the stack's own account
   * and Region.
   */
  readonly runtimeArn: string;

  /**
   * The endpoint that clients call.
   *
   * @default live
   */
  readonly endpointName?: string;
}
