import { McpServerCode } from './code/mcp-server-code';
import { McpAuth } from './auth/mcp-auth';
import { duration, role, secret } from './private/common/cdk-kinds';
import { instanceOf, optional, text, textMap, texts, type Kinds } from './private/common/kinds';
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
      'make one with `McpAuth.iam()`, `McpAuth.jwt(...)` or `McpAuth.cognito()`, or of a configuration of the L2 with `McpAuth.of(...)`',
    ),
  ),
  forwardHeaders: optional(texts),
  role: optional(role),
};
