import { McpServerCode } from './code/mcp-server-code';
import { McpAuth } from './auth/mcp-auth';
import { McpAlarms } from './observability/mcp-alarms';
import { McpLogging } from './observability/mcp-logging';
import { duration, removalPolicy, role, secret } from './private/common/cdk-kinds';
import { flag, instanceOf, optional, text, textMap, type Kinds } from './private/common/kinds';
import type { StatefulMcpServerProps } from './stateful-mcp-server-props';

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
      'make one with `McpAuth.iam()`, or of a configuration of the L2 with `McpAuth.of(...)`',
    ),
  ),
  role: optional(role),
  logging: optional(instanceOf('McpLogging', () => McpLogging, 'make one with `McpLogging.standard()`')),
  tracingEnabled: optional(flag),
  alarms: optional(instanceOf('McpAlarms', () => McpAlarms, 'make some with `McpAlarms.standard({ topic })`')),
  removalPolicy: optional(removalPolicy),
  urlParameterName: optional(text),
};
