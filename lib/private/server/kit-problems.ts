import { Token, type SecretValue } from 'aws-cdk-lib';
import {
  DEFAULT_MCP_PATH,
  DEFAULT_MCP_PORT,
  HEALTH_PATH,
  IDLE_TIMEOUT_VARIABLE,
  MAX_LIFETIME_VARIABLE,
  PATH_VARIABLE,
  PORT_VARIABLE,
  REQUEST_STATE_KEY_VARIABLE,
  WARMUP_PATH,
} from '../common/contract';
import type { SessionLifecycle } from './session-lifecycle';

/** Where AgentCore Runtime looks: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-mcp-protocol-contract.html */
const CONTRACT: Readonly<Record<string, { readonly allowed: readonly string[]; readonly prop?: string }>> = {
  [PORT_VARIABLE]: { allowed: [String(DEFAULT_MCP_PORT)], prop: 'port' },
  [PATH_VARIABLE]: { allowed: [DEFAULT_MCP_PATH, `${DEFAULT_MCP_PATH}/`], prop: 'path' },
  HOST: { allowed: ['0.0.0.0', '::'] },
};

/** The kit takes no shorter key. */
const KEY_BYTES = 32;

/** As few different bytes as 32 random ones have once in more tries than anybody makes. */
const DIFFERENT_BYTES = 12;

export interface KitProps extends SessionLifecycle {
  readonly requestStateKey?: SecretValue;
  readonly environment?: Record<string, string>;
  readonly port?: number;
  readonly path?: string;
}

/** Variables of the server kit with which AgentCore Runtime would not find the server. */
export function contractProblems(environment: Record<string, string>, subject = 'environment'): string[] {
  return Object.entries(CONTRACT).flatMap(([name, { allowed, prop }]) => {
    const value = environment[name];
    return value === undefined || Token.isUnresolved(value) || allowed.includes(value)
      ? []
      : [
          `\`${subject}\` sets ${name} to ${JSON.stringify(value)}, where AgentCore Runtime does not find a server that is written with stateful-mcp-server; ${allowed.join(' and ')} ${allowed.length === 1 ? 'is' : 'are'} allowed: ${prop === undefined ? 'leave it out' : `leave it out, or say \`${prop}\` instead`}`,
        ];
  });
}

/** Paths at which the kit answers the platform, so that it starts with none of them as that of MCP. */
export function kitPathProblems(path: string | undefined): string[] {
  const kept: Readonly<Record<string, string>> = {
    [WARMUP_PATH]: 'the request that warms it up',
    [`${WARMUP_PATH}/`]: 'the request that warms it up',
    // Without the slash, it is refused for servers of any kind.
    [`${HEALTH_PATH}/`]: 'health checks',
  };
  return path === undefined || kept[path] === undefined
    ? []
    : [
        `\`path\` is ${JSON.stringify(path)}, where a server that is written with stateful-mcp-server takes ${kept[path]}; any other path is allowed: give one such as "/tools/mcp", or leave it out for ${DEFAULT_MCP_PATH}`,
      ];
}

/**
 * What is said by a prop and by a variable, and keys that the server kit would refuse when it starts.
 *
 * @param subject - what has set the variables
 */
export function doubledProblems(props: KitProps, subject = 'environment'): string[] {
  const { environment = {}, requestStateKey } = props;
  const doubled = {
    idleTimeout: IDLE_TIMEOUT_VARIABLE,
    maxLifetime: MAX_LIFETIME_VARIABLE,
    requestStateKey: REQUEST_STATE_KEY_VARIABLE,
    port: PORT_VARIABLE,
    path: PATH_VARIABLE,
  };
  return [
    ...Object.entries(doubled).flatMap(([prop, variable]) =>
      props[prop as keyof typeof doubled] !== undefined && variable in environment
        ? [`\`${prop}\` is given, and \`${subject}\` sets ${variable}, which says the same: leave the variable out`]
        : [],
    ),
    ...keyProblems('`requestStateKey`', requestStateKey?.unsafeUnwrap()),
    ...keyProblems(`\`${subject}\` sets ${REQUEST_STATE_KEY_VARIABLE}, which`, environment[REQUEST_STATE_KEY_VARIABLE]),
  ];
}

/** A key is not shown. What the deployment resolves is not known here. */
export function keyProblems(subject: string, keys: string | undefined): string[] {
  if (keys === undefined || Token.isUnresolved(keys) || keys.includes('{{resolve:')) {
    return [];
  }
  const advice = 'make one with "openssl rand -base64 32", or leave it out to have one generated';
  return keys.split(',').flatMap(text => {
    const key = text.trim();
    if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(key) || Buffer.from(key, 'base64').length < KEY_BYTES) {
      return [
        `${subject} is no key (${key.length} characters); base64 of ${KEY_BYTES} bytes or more is allowed, and a comma between two: ${advice}`,
      ];
    }
    return new Set(Buffer.from(key, 'base64')).size < DIFFERENT_BYTES
      ? [`${subject} is a key that can be guessed; random bytes are allowed: ${advice}`]
      : [];
  });
}
