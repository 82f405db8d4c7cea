import type { Size } from 'aws-cdk-lib';
import type { AllowedPort } from './allowed-port';
import type { McpPlatformVersion } from './mcp-platform-version';
import type { McpWarmup } from './mcp-warmup';

/**
 * How AgentCore Runtime runs a server, and where it calls it.
 */
export interface StatefulMcpServerPlatformProps {
  /**
   * The port that the server listens on, for a server that cannot use 8000.
   *
   * 8000 to 12000, and not 8443. The server is told by the environment variable `PORT`, which `serve()` reads.
   *
   * Neither CloudFormation's reference nor aws-cdk-lib 2.277 (13 November 2026) knows this member of the service; it is
   * written as the service model has it (`ProtocolConfiguration.Port`), and a warning says so.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-configure-invocation.html
   *
   * @default 8000
   */
  readonly port?: number;

  /**
   * The path at which the server serves MCP, for a server that cannot use `/mcp`.
   *
   * A slash, then letters, digits and `-._~/%`, 2048 characters at most, and not `/ping`. Nor can it be `/warmup` for a
   * server written with `stateful-mcp-server`, which takes the request of its warm-up there.
   *
   * The server is told by the environment variable `STATEFUL_MCP_PATH`, which `serve()` reads. As with `port`,
   * CloudFormation does not document it yet.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-configure-invocation.html
   *
   * @default /mcp
   */
  readonly path?: string;

  /**
   * Ports of a session that callers reach directly, with every verb, streams and WebSockets. The answer to an
   * invocation then names the URL of its session in the header
   * `X-Amzn-Bedrock-AgentCore-Runtime-Session-Endpoint-Url`.
   *
   * 1 to 5 ports and ranges that do not overlap, from 8000 to 12000 without 8443. The server must listen on `0.0.0.0`
   * there. Callers need `bedrock-agentcore:InvokeAgentRuntimeProxy`, which `grants.invoke` then has in it. Session
   * endpoints are reached by the internet alone, and not by AWS PrivateLink. As with `port`, CloudFormation does not
   * document it yet (`AllowedPorts`).
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-session-endpoints.html
   *
   * @default - no port is reached directly
   */
  readonly allowedPorts?: AllowedPort[];

  /**
   * The platform version. Another one makes a new version of the runtime, in place.
   *
   * V2 allows less in `environment`, and makes a deployment minutes longer. On 18 September 2026 it ran in us-east-1,
   * us-east-2, us-west-2, eu-west-1 and ap-northeast-1; a warning says where a stack is elsewhere.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-how-it-works.html
   *
   * @default - what the service has as its default
   */
  readonly platformVersion?: McpPlatformVersion;

  /**
   * The memory that a session has at least, in whole MiB above 0. The service says no range.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_ResourceConfiguration.html
   *
   * @default - what the service gives
   */
  readonly minimumMemory?: Size;

  /**
   * A request that AgentCore Runtime sends to a new version once, before any session. The deployment fails unless the
   * server answers it with a 2xx status within 120 seconds; it is not sent again.
   *
   * Platform version V2 alone has it.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-hooks.html
   *
   * @default - on platform version V2, a server written with `stateful-mcp-server`, or in Python with
   * `stateful-mcp-fastmcp`, takes it at `/warmup`, as far as its bundle tells: it holds a conversation with itself, and
   * runs the `selfTest` (`self_test`) of `serve()`. There is none otherwise
   */
  readonly warmup?: McpWarmup;
}
