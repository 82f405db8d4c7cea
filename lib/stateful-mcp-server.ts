import { Annotations, Names, type ResourceEnvironment } from 'aws-cdk-lib';
import {
  LogType,
  ProtocolType,
  Runtime,
  type CfnRuntime,
  type GatewayTarget,
  type IGateway,
  type IRuntimeEndpoint,
  type RuntimeReference,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import {
  PolicyStatement,
  type AddToResourcePolicyResult,
  type IGrantable,
  type IPrincipal,
  type IRole,
} from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IDependable } from 'constructs';
import type { GatewayTargetOptions } from './gateway/gateway-target-options';
import { forwardedHeaderProblems } from './private/auth/forwarded-headers';
import { ResourcePolicies, statementProblems } from './private/auth/resource-policies';
import { policyStatement, principal } from './private/common/cdk-kinds';
import { refuse } from './private/common/construct-error';
import { kindProblems, options } from './private/common/kinds';
import { injectedProperties } from './private/common/property-injection';
import { gatewayTarget } from './private/gateway/gateway-target';
import { ExecutionPolicy } from './private/permissions/execution-policy';
import { executionRole, withStatementsIn } from './private/permissions/execution-role';
import { allowCode } from './private/permissions/code-permissions';
import { grantPrincipalOf } from './private/permissions/grant-principal';
import { INVOKE_ACTIONS } from './private/permissions/perms';
import { foreignRoleProblems, RUNTIME_ROLE, warnOfRole } from './private/permissions/role-warnings';
import { programEnvironment } from './private/program/program-environment';
import { describeProgram } from './private/program/program-metadata';
import { deliveryPolicies, deliveryProblems, deliveryProps } from './private/observability/delivery-policies';
import { DEFAULT_ENDPOINT, invocationUrl } from './private/server/invocation-url';
import { doubledProblems, kitPathProblems } from './private/server/kit-problems';
import { memberProblems, writePlatformMembers } from './private/platform/platform-members';
import { validateResolved } from './private/server/resolved-limits';
import { nameTakenProblems, RUNTIME } from './private/server/taken-names';
import { generatedKeyOf, keyBytesOf, serverKitEnvironment } from './private/server/server-kit-environment';
import { environmentSizeProblems, limitProblems } from './private/server/server-limits';
import { servingProblems } from './private/platform/serving-problems';
import { giveSessionEndpoints } from './private/server/session-endpoints';
import { publishUrl } from './private/server/url-parameter';
import { warmupHookOf } from './private/platform/warmup-hook';
import { withDefaults } from './private/server/session-lifecycle';
import { importedServer } from './private/server/imported-server';
import { boundStorage, mountStorage } from './private/storage/runtime-storage';
import { ServerObservability } from './private/observability/server-observability';
import type { ImageAssembler } from './deployment/image-assembler';
import type { IStatefulMcpServer, StatefulMcpServerAttributes } from './stateful-mcp-server-ref';
import { StatefulMcpServerGrants } from './stateful-mcp-server-grants';
import { alarmsOf, authorizerOf, codeOf, loggingOf, networkOf, releaseOf } from './stateful-mcp-server-bindings';
import { PROPS } from './stateful-mcp-server-kinds';
import { StatefulMcpServerMetrics } from './observability/stateful-mcp-server-metrics';
import type { StatefulMcpServerProps } from './stateful-mcp-server-props';

/** Info annotation that the L2 adds for every container URI with an unresolved token. */
const URI_CHECK_SKIPPED = 'aws-cdk-lib.aws-bedrockagentcore:containerUriValidationSkipped';

/**
 * A stateful MCP server on Amazon Bedrock AgentCore Runtime.
 *
 * Each session has a microVM of its own, so that a tool can keep state, ask the user (elicitation), borrow the client's
 * model (sampling) and report progress. The session ends after `idleTimeout` or `maxLifetime`; its id then gets HTTP
 * status 404, and the client starts a new one.
 */
export class StatefulMcpServer extends Construct implements IStatefulMcpServer, IGrantable {
  /**
   * The name that property injectors know the class by.
   */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-stateful-mcp.StatefulMcpServer';

  /**
   * A server that was deployed by another app.
   *
   * @param scope - the scope
   * @param id - the id in this scope
   * @param attributes - what is known of it
   */
  public static fromAttributes(
    scope: Construct,
    id: string,
    attributes: StatefulMcpServerAttributes,
  ): IStatefulMcpServer {
    return importedServer(scope, id, attributes);
  }

  /**
   * The runtime that hosts the server.
   */
  public readonly runtime: Runtime;

  /**
   * The role that the server runs as. Grant it what the tools need. The runtime does not wait for these grants, so that
   * they may name the server itself, or what calls it.
   */
  public readonly role: IRole;

  /**
   * The server as a grantee: `table.grantReadData(server)` is a grant to its role. Where the role is of another stack,
   * the grant lies in the stack of the server, so that the stacks do not wait for each other in a circle.
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
   * The URL that MCP clients connect to: the invocation URL of the endpoint that `release` has them call.
   */
  public readonly url: string;

  /**
   * The name of that endpoint: `live`, or `DEFAULT` with `McpRelease.direct()`.
   */
  public readonly endpointName: string;

  /**
   * The endpoint. There is none with `McpRelease.direct()`: AgentCore Runtime itself makes `DEFAULT`.
   */
  public readonly endpoint?: IRuntimeEndpoint;

  /**
   * The name of the endpoint with the newest verified version. There is none unless the release has a candidate:
   * `McpRelease.verified({ candidate: true })`.
   */
  public readonly candidateEndpointName?: string;

  /**
   * Grants the use of the server to others.
   */
  public readonly grants: StatefulMcpServerGrants;

  /**
   * CloudWatch metrics of the server.
   */
  public readonly metrics: StatefulMcpServerMetrics;

  /**
   * The alarms that `alarms` and the release made.
   */
  public readonly alarms: IAlarm[];

  /**
   * The log group of application logs, which hold what requests and responses say. There is none unless `logging` is the
   * standard one.
   */
  public readonly applicationLogGroup?: ILogGroup;

  /**
   * The log group of usage logs. There is none unless `logging` is the standard one.
   */
  public readonly usageLogGroup?: ILogGroup;

  /**
   * The generated key that signs request state. There is none unless the server is written with `stateful-mcp-server`, or
   * in Python with `stateful-mcp-fastmcp`, and no key was given.
   */
  public readonly requestStateSecret?: ISecret;

  /**
   * The function that assembles the images of the server. There is none unless it is packaged by `Packaging.image()`.
   */
  public readonly imageAssembler?: ImageAssembler;

  private readonly hasTokens: boolean;
  private readonly released?: IDependable;
  private readonly policies: ResourcePolicies;

  public constructor(scope: Construct, id: string, props: StatefulMcpServerProps) {
    super(scope, id);

    props = injectedProperties(StatefulMcpServer.PROPERTY_INJECTION_ID, scope, id, props);
    refuse(this, options(PROPS, { open: true })(props, 'props'));
    const runtimeName = props.runtimeName ?? Names.uniqueResourceName(this, { maxLength: 48, separator: '_' });
    refuse(this, [
      ...limitProblems(props),
      ...memberProblems(props),
      ...doubledProblems(props),
      ...nameTakenProblems(this, RUNTIME, runtimeName),
      ...foreignRoleProblems(this, props.role),
    ]);

    const code = codeOf(this, props);
    const lifecycle = withDefaults(props);
    const { environment = {}, requestStateKey, port, path, removalPolicy } = props;
    const { usesServerKit = false, sendsSpans = false } = code;
    const serving = { ...props, warmup: warmupHookOf(props, usesServerKit) };
    refuse(this, [...servingProblems(serving), ...(usesServerKit ? kitPathProblems(path) : [])]);
    const given = { ...code.environment, ...environment };
    const kit = { usesServerKit, requestStateKey, lifecycle, environment: given, port, path, removalPolicy };
    const added = { ...serverKitEnvironment(this, kit), ...code.environment };
    refuse(this, environmentSizeProblems(environment, added, keyBytesOf(kit)));

    this.role = props.role ?? executionRole(this, runtimeName);
    const policy = new ExecutionPolicy(this, 'Policy', { role: this.role, runtimeName, sendsSpans });
    this.grantPrincipal = policy.isEffective ? grantPrincipalOf(this, this.role) : this.role.grantPrincipal;
    warnOfRole(this, props.role, policy.isLost, RUNTIME_ROLE);

    const authorizerConfiguration = authorizerOf(this, props);
    this.hasTokens = authorizerConfiguration._render() !== undefined;
    refuse(this, forwardedHeaderProblems(props.forwardHeaders, this.hasTokens));

    const networkConfiguration = networkOf(this, props);
    const storage = boundStorage(this, props, networkConfiguration);
    const policies = deliveryPolicies(this);
    const logging = loggingOf(this, props);
    this.runtime = new Runtime(this, 'Runtime', {
      runtimeName,
      description: props.description,
      agentRuntimeArtifact: code.artifact,
      protocolConfiguration: ProtocolType.MCP,
      authorizerConfiguration,
      networkConfiguration,
      lifecycleConfiguration: { idleRuntimeSessionTimeout: lifecycle.idleTimeout, maxLifetime: lifecycle.maxLifetime },
      environmentVariables: programEnvironment(added, environment),
      tags: props.tags,
      ...deliveryProps(props),
      // What the L2 adds has wildcards for all runtimes, and is in the policy of the server already.
      executionRole: withStatementsIn(this.role, () => undefined),
      loggingConfigs: logging.loggingConfigs,
    });
    refuse(this, deliveryProblems(this, props, policies));
    allowCode(this.runtime, code.artifact, policy, this);
    mountStorage(this, this.runtime, policy, storage, props);
    const resource = this.runtime.node.defaultChild as CfnRuntime;
    this.node.defaultChild = resource;
    writePlatformMembers(this, resource, serving);
    giveSessionEndpoints(this.runtime, props);
    // The L2 of older versions takes no names but those with a prefix of AgentCore.
    resource.requestHeaderConfiguration = props.forwardHeaders && { requestHeaderAllowlist: props.forwardHeaders };
    describeProgram(resource, code);
    validateResolved(this, resource, { keyBytes: keyBytesOf(kit), isProp: requestStateKey !== undefined });
    Annotations.of(this.runtime).acknowledgeInfo(URI_CHECK_SKIPPED, 'it is checked here, or made by the deployment');
    this.repository = code.repository;
    this.imageUri = code.imageUri;
    this.imageAssembler = code.imageAssembler;
    this.requestStateSecret = generatedKeyOf(this);

    const { role, runtime } = this;
    const released = { runtime, runtimeName, role, usesServerKit, authorizerConfiguration, networkConfiguration };
    const release = releaseOf(this, props, released);
    const { endpointName } = release;
    this.endpointName = endpointName;
    this.endpoint = release.endpoint;
    this.candidateEndpointName = release.candidateEndpointName;
    this.released = release.released;
    this.url = invocationUrl(this, runtime.agentRuntimeArn, { endpointName });
    const ofRuntime = StatefulMcpServerGrants.fromRuntime(runtime);
    this.grants = endpointName === DEFAULT_ENDPOINT ? ofRuntime : ofRuntime.forEndpoint(endpointName);
    this.metrics = StatefulMcpServerMetrics.fromRuntime(runtime).forEndpoint(endpointName);
    this.policies = new ResourcePolicies(this, runtime.agentRuntimeArn, release);
    this.alarms = [...alarmsOf(this, props, this.metrics), ...(release.alarms ?? [])];

    const { logGroups } = new ServerObservability(this, 'Observability', {
      runtime: this.runtime,
      runtimeName,
      logging,
      tracingEnabled: props.tracingEnabled,
    });
    this.applicationLogGroup = logGroups.get(LogType.APPLICATION_LOGS.value);
    this.usageLogGroup = logGroups.get(LogType.USAGE_LOGS.value);
    publishUrl(this, { ...release, url: this.url, urlParameterName: props.urlParameterName });
  }

  /**
   * Lets a gateway call the server, with what elicitation, sampling and progress need: a target of the kind for MCP
   * servers, and sessions and response streaming on the gateway.
   *
   * Where callers sign, the gateway's role gets the permission. Where they bring a token, give `credentialProvider`. Of
   * an imported gateway sessions and streaming cannot be switched on; a warning says so.
   *
   * @param gateway - a gateway of the MCP protocol
   * @param options - the name of the target, and how the gateway shows who it is
   */
  public addToGateway(gateway: IGateway, options: GatewayTargetOptions = {}): GatewayTarget {
    const { url, grants, hasTokens, released } = this;
    const server = { url, hasTokens, released, invoke: (grantee: IGrantable) => grants.invoke(grantee) };
    return gatewayTarget(this, server, gateway, options);
  }

  /** The ARN of the runtime. */
  public get runtimeArn(): string {
    return this.runtime.agentRuntimeArn;
  }

  /** The id of the runtime: its name, a hyphen and ten characters. */
  public get runtimeId(): string {
    return this.runtime.agentRuntimeId;
  }

  /** What other constructs know the runtime by. */
  public get runtimeRef(): RuntimeReference {
    return this.runtime.runtimeRef;
  }

  /** The account and Region that the runtime is in. */
  public get env(): ResourceEnvironment {
    return this.runtime.env;
  }

  /**
   * Lets callers of another account call the server, by the resource policies of its runtime and the endpoint that users
   * call. They need the permission of their own account as well.
   *
   * Within an account, `grants.invoke(role)` is enough, also for the role of a gateway. For a gateway of another account,
   * give the principal of its role.
   *
   * @param caller - such as `new AccountPrincipal('123456789012')` or `new ArnPrincipal(gatewayRoleArn)`
   */
  public allowInvokeFrom(caller: IPrincipal): void {
    refuse(this, kindProblems({ caller }, { caller: principal }));
    this.addToResourcePolicy(new PolicyStatement({ principals: [caller], actions: INVOKE_ACTIONS }));
  }

  /**
   * Adds a statement to the resource policies of the runtime and of the endpoint that users call, both of which the
   * service looks at. They are made with the first statement; other endpoints need one of their own.
   *
   * @param statement - without resources, which each policy has of its own. Where callers bring a token, its principal is
   * `AnyPrincipal`
   */
  public addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult {
    refuse(this, kindProblems({ statement }, { statement: policyStatement }));
    refuse(this, statementProblems(statement, this.hasTokens));
    return { statementAdded: true, policyDependable: this.policies.add(statement) };
  }
}
