import type { StatefulMcpServer } from '../stateful-mcp-server';

/**
 * Properties of `McpCanary`.
 */
export interface McpCanaryProps {
  /**
   * The server whose versions are compared. Its release has a candidate: `McpRelease.verified({ candidate: true })`.
   */
  readonly server: StatefulMcpServer;

  /**
   * How many of a hundred new sessions get the candidate: a whole number from 0 to 100. With 0 all get the version that
   * users have, with 100 all get the candidate. Sessions that are open keep the version that they have.
   */
  readonly candidatePercent: number;

  /**
   * The name of the gateway: letters and digits with single hyphens in between, 48 at most.
   *
   * @default - a name made of the path of the canary
   */
  readonly gatewayName?: string;
}
