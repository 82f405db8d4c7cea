import type {
  CfnRuntime,
  Runtime,
  RuntimeAuthorizerConfiguration,
  RuntimeNetworkConfiguration,
} from 'aws-cdk-lib/aws-bedrockagentcore';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { McpAuth } from './auth/mcp-auth';
import { McpNetwork } from './network/mcp-network';
import { McpLogging } from './observability/mcp-logging';
import type { StatefulMcpServerMetrics } from './observability/stateful-mcp-server-metrics';
import { CALLERS, McpRelease } from './release/mcp-release';
import type { McpReleaseCaller } from './release/mcp-release-caller';
import type { McpReleaseConfig } from './release/mcp-release-config';
import type { McpLoggingConfig } from './observability/mcp-logging-config';
import { authorizer, networkConfiguration } from './private/common/cdk-kinds';
import { refuse } from './private/common/construct-error';
import { hasMember, kindProblems, options, returned } from './private/common/kinds';
import { regionProblems } from './private/platform/same-region';
import { grantedTo } from './private/permissions/whenever-granted';
import type { RuntimeCode } from './private/program/runtime-code';
import { contractProblems, doubledProblems } from './private/server/kit-problems';
import { environmentProblems } from './private/server/server-limits';
import { ALARMS, CODE_CONFIG, LOGGING_CONFIG, RELEASE_CONFIG } from './stateful-mcp-server-kinds';
import type { StatefulMcpServerProps } from './stateful-mcp-server-props';

// What the classes that props take make for one server. A class of the user's may make anything, so it is checked.

/** The code of a server, with the variables that it brings. */
export function codeOf(scope: Construct, props: StatefulMcpServerProps): RuntimeCode {
  const code: RuntimeCode = props.code.bind(scope);
  refuse(scope, returned('code.bind()', 'McpServerCodeConfig', CODE_CONFIG)(code, 'code'));
  refuse(scope, codeProblems(props, code));
  return code;
}

/** What is wrong with the variables of the code, and with those of the props for a server that has the kit. */
function codeProblems(
  props: StatefulMcpServerProps,
  { environment = {}, usesServerKit = false }: RuntimeCode,
): string[] {
  const subject = 'code.environment';
  return [
    ...environmentProblems(environment, subject),
    ...doubledProblems({ ...props, environment }, subject),
    ...(usesServerKit ? [...contractProblems(environment, subject), ...contractProblems(props.environment ?? {})] : []),
  ];
}

export function authorizerOf(
  scope: Construct,
  { auth = McpAuth.iam() }: StatefulMcpServerProps,
): RuntimeAuthorizerConfiguration {
  const configuration = auth.bind(scope);
  refuse(scope, kindProblems({ auth: configuration }, { auth: authorizer }));
  return configuration;
}

export function networkOf(
  scope: Construct,
  { network = McpNetwork.public() }: StatefulMcpServerProps,
): RuntimeNetworkConfiguration {
  const configuration = network.bind(scope);
  refuse(scope, kindProblems({ network: configuration }, { network: networkConfiguration }));
  return configuration;
}

export function loggingOf(scope: Construct, props: StatefulMcpServerProps): McpLoggingConfig {
  const logging = (props.logging ?? McpLogging.standard()).bind(scope);
  refuse(scope, options(LOGGING_CONFIG, { nested: true, open: true })(logging, 'logging'));
  refuse(scope, regionProblems(scope, { 'logging.encryptionKey': logging.encryptionKey }));
  return { removalPolicy: props.removalPolicy, ...logging };
}

export function alarmsOf(scope: Construct, props: StatefulMcpServerProps, metrics: StatefulMcpServerMetrics): IAlarm[] {
  // eslint-disable-next-line cdk/require-passing-this -- the server is the scope
  const alarms = props.alarms?.bind(new Construct(scope, 'Alarms'), metrics) ?? [];
  refuse(scope, kindProblems({ 'alarms.bind()': alarms }, { 'alarms.bind()': ALARMS }));
  return alarms;
}

/** Those that a check has unless its author names others. */
function releaseCallersOf(scope: Construct, { auth }: StatefulMcpServerProps): McpReleaseCaller[] {
  const callers = auth?.releaseCallers() ?? [];
  refuse(scope, kindProblems({ 'auth.releaseCallers()': callers }, { 'auth.releaseCallers()': CALLERS }));
  return callers;
}

export interface ReleasedServer {
  readonly runtime: Runtime;
  readonly runtimeName: string;
  readonly role: IRole;
  readonly usesServerKit: boolean;
  readonly authorizerConfiguration: RuntimeAuthorizerConfiguration;
  readonly networkConfiguration: RuntimeNetworkConfiguration;
}

export function releaseOf(scope: Construct, props: StatefulMcpServerProps, server: ReleasedServer): McpReleaseConfig {
  const { runtime, runtimeName, role, usesServerKit, authorizerConfiguration, networkConfiguration } = server;
  const auth = scope.node.tryFindChild('Auth');
  const release = (props.release ?? McpRelease.verified()).bind(scope, {
    runtime,
    runtimeName,
    usesServerKit,
    discoveryUrl: discoveryUrlOf(authorizerConfiguration),
    callers: releaseCallersOf(scope, props),
    dependencies: [grantedTo(scope, role), ...(auth === undefined ? [] : [auth]), ...vpcsOf(networkConfiguration)],
  });
  refuse(scope, returned('release.bind()', 'McpReleaseConfig', RELEASE_CONFIG)(release, 'release'));
  return release;
}

function discoveryUrlOf(configuration: RuntimeAuthorizerConfiguration): string | undefined {
  const { customJwtAuthorizer: jwt } = configuration._render() ?? {};
  return (jwt as CfnRuntime.CustomJWTAuthorizerConfigurationProperty | undefined)?.discoveryUrl;
}

/** A server in a VPC of the app starts once its routes and its endpoints are there. */
function vpcsOf({ vpcSubnets }: RuntimeNetworkConfiguration): IConstruct[] {
  const owners = (vpcSubnets?.subnets ?? []).flatMap(subnet => subnet.node.scope ?? []);
  return [...new Set(owners)].filter(owner => hasMember(owner, 'vpcId'));
}
