import { Annotations, Names, Stack, type Duration, type SecretValue } from 'aws-cdk-lib';
import { ProtocolType, Runtime, type CfnRuntime } from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IGrantable, IPrincipal, IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { McpAuth } from './mcp-auth';
import type { McpServerCode } from './mcp-server-code';
import { acknowledgeDocumentedWildcards } from './private/permissions/acknowledged-findings';
import { constructError } from './private/common/construct-error';
import { invocationUrl } from './private/server/invocation-url';
import { describeProgram } from './private/program/program-metadata';
import { serverKitEnvironment } from './private/server/server-kit-environment';
import { environmentSizeProblems, limitProblems } from './private/server/server-limits';
import { withDefaults } from './private/server/session-lifecycle';
import { StatefulMcpServerGrants } from './stateful-mcp-server-grants';
import { StatefulMcpServerMetrics } from './stateful-mcp-server-metrics';

/** An information that the L2 adds for every URI with an unresolved token in it. */
const URI_CHECK_SKIPPED = 'aws-cdk-lib.aws-bedrockagentcore:containerUriValidationSkipped';

/**
 * Properties of a `StatefulMcpServer`.
 */
export interface StatefulMcpServerProps {
  /**
   * The code of the server.
   *
   * It must serve MCP by Streamable HTTP on `0.0.0.0:8000/mcp`. A deployment does not start it: a server that crashes
   * at its start is deployed all the same, and fails when it is called.
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
   * A server written with `stateful-mcp-server` also gets `STATEFUL_MCP_IDLE_TIMEOUT_SECONDS`,
   * `STATEFUL_MCP_MAX_LIFETIME_SECONDS` and `STATEFUL_MCP_REQUEST_STATE_KEY` (see `requestStateKey`), unless they are
   * set here.
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
   * The deployment writes the value into the runtime's configuration.
   *
   * @default - a generated secret in AWS Secrets Manager, where the bundle of a TypeScript server has the server kit in
   * it; otherwise none
   */
  readonly requestStateKey?: SecretValue;

  /**
   * Who may call the server.
   *
   * @default McpAuth.iam()
   */
  readonly auth?: McpAuth;

  /**
   * The role that the server runs as.
   *
   * A role of your own must trust `bedrock-agentcore.amazonaws.com`. It gets the permissions to log, to trace and to
   * fetch the server's code, unless it is one that may not be changed.
   *
   * @default - a role with these permissions and no others, which AgentCore Runtime can assume for a runtime of this
   * name alone
   */
  readonly role?: IRole;
}

/**
 * A stateful MCP server on Amazon Bedrock AgentCore Runtime.
 *
 * Each session has a microVM of its own, so that a tool can keep state, ask the user (elicitation), borrow the client's
 * model (sampling) and report progress. The session ends after `idleTimeout` or `maxLifetime`; its id then gets HTTP
 * status 404, and the client starts a new one.
 */
export class StatefulMcpServer extends Construct implements IGrantable {
  /**
   * The runtime that hosts the server.
   */
  public readonly runtime: Runtime;

  /**
   * The role that the server runs as. Grant it what the tools need.
   */
  public readonly role: IRole;

  /**
   * The server as a grantee: `table.grantReadData(server)` is a grant to its role.
   */
  public readonly grantPrincipal: IPrincipal;

  /**
   * The Amazon ECR repository with the images of the server. There is none unless the server is packaged by
   * `Packaging.image()`.
   */
  public readonly repository?: IRepository;

  /**
   * The image that the server runs from. With `Packaging.image()` it is named by its digest, which the deployment finds
   * out: give it out to sign the image, or to look up its scan. There is none when the server is packaged by
   * `Packaging.zip()`.
   */
  public readonly imageUri?: string;

  /**
   * The URL that MCP clients connect to: the invocation URL of the runtime's DEFAULT endpoint, which serves the newest
   * version.
   */
  public readonly url: string;

  /**
   * Grants the use of the server to others.
   */
  public readonly grants: StatefulMcpServerGrants;

  /**
   * CloudWatch metrics of the server.
   */
  public readonly metrics: StatefulMcpServerMetrics;

  public constructor(scope: Construct, id: string, props: StatefulMcpServerProps) {
    super(scope, id);

    const problems = limitProblems(props);
    if (problems.length > 0) {
      throw constructError(this, ...problems);
    }

    const code = props.code._bind(this);
    const { idleTimeout, maxLifetime } = withDefaults(props);
    const { environment = {}, requestStateKey } = props;
    const { usesServerKit = false } = code;
    const kitEnvironment = serverKitEnvironment(this, {
      usesServerKit,
      requestStateKey,
      lifecycle: { idleTimeout, maxLifetime },
      environment,
    });
    const sizeProblems = environmentSizeProblems(environment, kitEnvironment);
    if (sizeProblems.length > 0) {
      throw constructError(this, ...sizeProblems);
    }

    this.runtime = new Runtime(this, 'Runtime', {
      runtimeName: props.runtimeName ?? Names.uniqueResourceName(this, { maxLength: 48, separator: '_' }),
      description: props.description,
      agentRuntimeArtifact: code.artifact,
      protocolConfiguration: ProtocolType.MCP,
      authorizerConfiguration: (props.auth ?? McpAuth.iam())._bind(this),
      lifecycleConfiguration: { idleRuntimeSessionTimeout: idleTimeout, maxLifetime },
      environmentVariables: { ...kitEnvironment, ...environment },
      executionRole: props.role,
    });
    const resource = this.runtime.node.defaultChild as CfnRuntime;
    this.node.defaultChild = resource;
    describeProgram(resource, code);
    Annotations.of(this.runtime).acknowledgeInfo(
      URI_CHECK_SKIPPED,
      'the URI of an image is checked here, or made by the deployment',
    );

    this.role = this.runtime.role;
    this.grantPrincipal = this.role.grantPrincipal;
    this.repository = code.repository;
    this.imageUri = code.imageUri;
    resource.node.addDependency(...code.grantTo(this.role, this.runtime.agentRuntimeName));
    acknowledgeDocumentedWildcards(this.role, Stack.of(this));

    this.url = invocationUrl(this, this.runtime.agentRuntimeArn);
    this.grants = StatefulMcpServerGrants.fromRuntime(this.runtime);
    this.metrics = StatefulMcpServerMetrics.fromRuntime(this.runtime);
  }
}
