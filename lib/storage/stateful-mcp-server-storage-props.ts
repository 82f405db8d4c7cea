import type { McpCapacityProvider } from '../platform/mcp-capacity-provider';
import type { McpStorage } from './mcp-storage';

/**
 * What the sessions of a server keep when their process ends.
 */
export interface StatefulMcpServerStorageProps {
  /**
   * File systems that each session finds at a path under `/mnt`. 5 at most.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-filesystem-configurations.html
   *
   * @default - none: what a session writes is gone with its microVM
   */
  readonly storage?: McpStorage[];

  /**
   * Instances of your account to run on. The server then has to be in a VPC, and neither `warmup` nor `port`, `path`
   * and `allowedPorts` are for it. Another kind of compute is another runtime: the service cannot change it in place.
   *
   * @default - microVMs of the service
   */
  readonly capacityProvider?: McpCapacityProvider;
}
