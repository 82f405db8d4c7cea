/**
 * The request with which AgentCore Runtime warms a new version up, before it takes the snapshot that sessions start
 * from.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-hooks.html
 */
export interface WarmupHook {
  /**
   * Where the server takes the request, a POST: a path of 32 characters at most, which is neither that of MCP nor
   * `/ping`.
   */
  readonly path: string;

  /**
   * The port that takes it.
   *
   * @default - the port of the server
   */
  readonly port?: number;
}
