import type { Duration, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { McpServerCode } from './code/mcp-server-code';
import type { McpAuth } from './auth/mcp-auth';
import type { McpRelease } from './release/mcp-release';
import type { McpNetwork } from './network/mcp-network';
import type { StatefulMcpServerObservabilityProps } from './observability/stateful-mcp-server-observability-props';
import type { StatefulMcpServerPlatformProps } from './platform/stateful-mcp-server-platform-props';
import type { StatefulMcpServerStorageProps } from './storage/stateful-mcp-server-storage-props';

/**
 * Properties of a `StatefulMcpServer`.
 */
export interface StatefulMcpServerProps
  extends StatefulMcpServerPlatformProps, StatefulMcpServerObservabilityProps, StatefulMcpServerStorageProps {
  /**
   * The code of the server.
   *
   * It must serve MCP by Streamable HTTP on `0.0.0.0:8000/mcp`, or where `port` and `path` say.
   */
  readonly code: McpServerCode;

  /**
   * The name of the runtime, which is the first part of its id, its ARN and its log group.
   *
   * Letters, digits and underscores, 48 at most, with a letter first. Another name is another runtime, with another
   * URL.
   *
   * @default - a name made of the construct's path, unique in its account and Region
   */
  readonly runtimeName?: string;

  /**
   * What the server is for, in 1 to 1200 characters.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * How long a session may go without a request before its microVM is stopped, and what it kept in memory is lost.
   *
   * Whole seconds, 1 minute to 8 hours, at most `maxLifetime`.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-settings.html
   *
   * @default - 15 minutes, or `maxLifetime` where that is shorter
   */
  readonly idleTimeout?: Duration;

  /**
   * How long a session may live, however busy it is.
   *
   * Whole seconds, 1 minute to 8 hours.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-lifecycle-settings.html
   *
   * @default Duration.hours(8)
   */
  readonly maxLifetime?: Duration;

  /**
   * Environment variables of the server. Everyone who may read the runtime's configuration sees them, so pass the name
   * of a secret and not its value.
   *
   * 50 variables at most, 4 KB of names and values in all, with those of the server kit. A name has letters, digits and
   * underscores, 100 at most, and no digit first; a value has 2048 characters at most.
   *
   * Each server also gets `STATEFUL_MCP_IDLE_TIMEOUT_SECONDS` and `STATEFUL_MCP_MAX_LIFETIME_SECONDS`, and one written
   * with `stateful-mcp-server` gets `STATEFUL_MCP_REQUEST_STATE_KEY` (see `requestStateKey`), unless they are set here.
   * A variable whose prop is given as well is refused. So are a `PORT` and a `HOST` with which AgentCore Runtime would
   * not find a server written with `stateful-mcp-server`. On platform version V2 the service allows less: 1.5 KB with a
   * zip file, 2.5 KB with an image.
   *
   * @default - no variables beside those of the service and of the server kit
   */
  readonly environment?: { [key: string]: string };

  /**
   * The key that signs what a server written with `stateful-mcp-server` gives modern clients (protocol 2026-07-28) to
   * carry from one part of a conversation to the next. Every microVM of the runtime needs the same one.
   *
   * A value of AWS Secrets Manager (`secret.secretValue`) that is base64 of 32 bytes or more. To rotate it, set it to
   * the new key and the earlier one, with a comma between them, and deploy: what the earlier key signed stays valid.
   * The deployment writes the value into the runtime's configuration: the role of the deployment has to be allowed
   * `secretsmanager:GetSecretValue` and, with a key of one's own, `kms:Decrypt`; that of the server needs neither.
   * CloudFormation does not resolve a SecureString of AWS Systems Manager there, so it is refused.
   *
   * What is in an image of your own (`fromDockerfile`, `fromEcrRepository`, `fromImageUri`) is not known here: give the
   * key where that server is written with `stateful-mcp-server`.
   *
   * @default - a generated secret in AWS Secrets Manager, where a TypeScript server is written with
   * `stateful-mcp-server`; otherwise none. It counts as such when its source or a dependency of its project names the
   * kit, or the bundle has it. A server in Python gets one where a module of it takes `serve` from
   * `stateful_mcp_fastmcp`.
   */
  readonly requestStateKey?: SecretValue;

  /**
   * How a new version reaches users.
   *
   * By default a function holds a real conversation with it during the deployment, as the callers that the server will
   * have, and the endpoint `live` moves to it afterwards. A version that fails leaves users the one that they have.
   *
   * Where callers bring a token, the check needs one, too: `McpRelease.verified({ callers })`, or the client for machines
   * of `McpAuth.cognito({ machineClient: true })`.
   *
   * @default McpRelease.verified()
   */
  readonly release?: McpRelease;

  /**
   * Who may call the server.
   *
   * @default McpAuth.iam()
   */
  readonly auth?: McpAuth;

  /**
   * Names of the headers of callers that reach the server, beside those of MCP and of AgentCore Runtime. 1 to 20 names,
   * in upper or lower case; a value of more than 4 KB does not reach it.
   *
   * `Authorization` is allowed where callers bring a token, for a server that acts for its user. Headers of the
   * connection, such as `Cookie`, `Host` and `User-Agent`, never reach it, and of those that begin with `X-Amz` only
   * `X-Amzn-Bedrock-AgentCore-Runtime-Custom-*`.
   *
   * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-header-allowlist.html
   *
   * @default - no others
   */
  readonly forwardHeaders?: string[];

  /**
   * The role that the server runs as.
   *
   * A role of your own must trust `bedrock-agentcore.amazonaws.com`; a warning says when it does not. It gets the
   * permissions to log, to trace and to fetch the server's code, in an inline policy of the server's own. A role that
   * may not be changed gets none, and a warning says so. IAM allows 10,240 characters of inline policies on a role:
   * that is enough for five servers which share one.
   *
   * @default - a role with these permissions and no others, which AgentCore Runtime can assume for a runtime of this
   * name alone
   */
  readonly role?: IRole;

  /**
   * From where the server reaches other services.
   *
   * @default McpNetwork.public()
   */
  readonly network?: McpNetwork;

  /**
   * Tags of the runtime, beside those that `Tags.of(...)` gives it.
   *
   * 50 at most. A key has 1 to 128 characters, a value 256 at most: letters, digits, blanks and `._:/=+@-`.
   *
   * @default - none
   */
  readonly tags?: { [key: string]: string };

  /**
   * What becomes of the generated key of the server kit when the server is removed, and of its log groups where `logging`
   * does not say it. For images, see `Packaging.image()`.
   *
   * @default - the key is deleted; log groups are retained, unless the deployment that makes them is rolled back
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * The name of a parameter of AWS Systems Manager that holds the URL of the server, for clients that find it by this
   * name whatever runtime is behind it.
   *
   * @default - no parameter
   */
  readonly urlParameterName?: string;
}
