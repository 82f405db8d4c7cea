import { McpServerCode } from './code/mcp-server-code';
import type { McpServerCodeConfig } from './code/mcp-server-code-config';
import { McpAuth } from './auth/mcp-auth';
import { McpNetwork } from './network/mcp-network';
import { McpCapacityProvider } from './platform/mcp-capacity-provider';
import { McpPlatformVersion } from './platform/mcp-platform-version';
import { McpWarmup } from './platform/mcp-warmup';
import { McpAlarms } from './observability/mcp-alarms';
import { McpLogging } from './observability/mcp-logging';
import type { McpLoggingConfig } from './observability/mcp-logging-config';
import {
  artifact,
  duration,
  key,
  loggingConfigs,
  logType,
  removalPolicy,
  repository,
  retention,
  role,
  runtimeEndpoint,
  secret,
  size,
} from './private/common/cdk-kinds';
import {
  flag,
  instanceOf,
  kind,
  like,
  listOf,
  optional,
  text,
  textMap,
  texts,
  wholeNumber,
  type Kinds,
} from './private/common/kinds';
import { McpRelease } from './release/mcp-release';
import type { McpReleaseConfig } from './release/mcp-release-config';
import { McpStorage } from './storage/mcp-storage';
import type { StatefulMcpServerProps } from './stateful-mcp-server-props';

const ALLOWED_PORT = like('AllowedPort', ['from', 'to'], 'make one with `AllowedPort.single(...)`');

/** What alarms of the user's own class may make. */
export const ALARMS = listOf(like('IAlarm', ['alarmArn'], 'give an `Alarm` of aws-cloudwatch'), 'alarms');

/** What code of the user's own class may make. */
export const CODE_CONFIG: Kinds<McpServerCodeConfig> = {
  artifact,
  imageUri: optional(text),
  repository: optional(repository),
  environment: optional(textMap),
  usesServerKit: optional(flag),
  sendsSpans: optional(flag),
};

/** What a log delivery of the user may make. */
export const LOGGING_CONFIG: Kinds<McpLoggingConfig> = {
  logTypes: optional(listOf(logType, 'log types')),
  retention: optional(retention),
  removalPolicy: optional(removalPolicy),
  encryptionKey: optional(key),
  loggingConfigs: optional(loggingConfigs),
};

/** What a release of the user may make. */
export const RELEASE_CONFIG: Kinds<McpReleaseConfig> = {
  endpointName: text,
  endpoint: optional(runtimeEndpoint),
  candidateEndpointName: optional(text),
  released: optional(kind('an IDependable', 'give a construct', value => typeof value === 'object' && value !== null)),
  alarms: optional(ALARMS),
};

/** The kinds of all properties of a server. The compiler asks for a row here when a property is added. */
export const PROPS: Kinds<StatefulMcpServerProps> = {
  code: instanceOf('McpServerCode', () => McpServerCode, 'make one with `McpServerCode.fromTypeScript(...)`'),
  runtimeName: optional(text),
  description: optional(text),
  idleTimeout: optional(duration),
  maxLifetime: optional(duration),
  environment: optional(textMap),
  requestStateKey: optional(secret),
  auth: optional(
    instanceOf(
      'McpAuth',
      () => McpAuth,
      'make one with `McpAuth.iam()`, `McpAuth.jwt(...)` or `McpAuth.cognito()`, or of a configuration of the L2 with `McpAuth.of(...)`',
    ),
  ),
  forwardHeaders: optional(texts),
  role: optional(role),
  network: optional(
    instanceOf(
      'McpNetwork',
      () => McpNetwork,
      'make one with `McpNetwork.vpc(...)`, or of a configuration of the L2 with `McpNetwork.of(...)`',
    ),
  ),
  tags: optional(textMap),
  port: optional(wholeNumber),
  path: optional(text),
  allowedPorts: optional(listOf(ALLOWED_PORT, 'ports')),
  platformVersion: optional(
    instanceOf('McpPlatformVersion', () => McpPlatformVersion, 'give one such as `McpPlatformVersion.V2`', []),
  ),
  minimumMemory: optional(size),
  warmup: optional(instanceOf('McpWarmup', () => McpWarmup, 'make one with `McpWarmup.httpPost(...)`', [])),
  manageDeliveryResourcePolicy: optional(flag),
  logging: optional(instanceOf('McpLogging', () => McpLogging, 'make one with `McpLogging.standard()`')),
  tracingEnabled: optional(flag),
  release: optional(
    instanceOf('McpRelease', () => McpRelease, 'make one with `McpRelease.verified(...)` or `McpRelease.direct()`'),
  ),
  alarms: optional(instanceOf('McpAlarms', () => McpAlarms, 'make some with `McpAlarms.standard({ topic })`')),
  removalPolicy: optional(removalPolicy),
  urlParameterName: optional(text),
  storage: optional(
    listOf(
      instanceOf('McpStorage', () => McpStorage, 'make one with `McpStorage.session("/mnt/session")`'),
      'file systems',
    ),
  ),
  capacityProvider: optional(
    instanceOf(
      'McpCapacityProvider',
      () => McpCapacityProvider,
      'make one with `McpCapacityProvider.fromCapacityProviderArn(...)`',
      [],
    ),
  ),
};
