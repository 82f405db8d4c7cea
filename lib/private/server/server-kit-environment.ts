import { Tokenization, Validations, type Duration, type RemovalPolicy, type SecretValue } from 'aws-cdk-lib';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import {
  IDLE_TIMEOUT_VARIABLE,
  MAX_LIFETIME_VARIABLE,
  PATH_VARIABLE,
  PORT_VARIABLE,
  REQUEST_STATE_KEY_VARIABLE,
} from '../common/contract';
import type { SessionLifecycle } from './session-lifecycle';

/** Letters and digits are base64, 6 bits each: 48 bytes. */
const KEY_LENGTH = 64;

/** Base64 of the 32 bytes that a key has at least, without the sign that fills it up. */
const LEAST_KEY_LENGTH = 43;

export interface ServerKitEnvironmentInputs {
  readonly usesServerKit: boolean;
  readonly requestStateKey?: SecretValue;
  readonly lifecycle: SessionLifecycle;
  readonly environment: Record<string, string>;
  readonly port?: number;
  readonly path?: string;
  /** Of a generated key. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * What the server kit is told of its runtime. That is when its sessions end, where it is called if not where it would
 * listen by itself, and the key that signs request state.
 *
 * All but the key is always said: the kit may be in an image whose code is not known here. All microVMs of a runtime need
 * the same key, since each part of a modern conversation may reach another one.
 */
export function serverKitEnvironment(scope: Construct, inputs: ServerKitEnvironmentInputs): Record<string, string> {
  const { lifecycle, requestStateKey, port, path, removalPolicy } = inputs;
  const key = requestStateKey ?? (isGenerated(inputs) ? generatedKey(scope, removalPolicy) : undefined);
  return {
    ...secondsOf(IDLE_TIMEOUT_VARIABLE, lifecycle.idleTimeout),
    ...secondsOf(MAX_LIFETIME_VARIABLE, lifecycle.maxLifetime),
    ...(port === undefined ? {} : { [PORT_VARIABLE]: Tokenization.stringifyNumber(port) }),
    ...(path === undefined ? {} : { [PATH_VARIABLE]: path }),
    ...(key === undefined ? {} : { [REQUEST_STATE_KEY_VARIABLE]: referenceTo(key) }),
  };
}

/** The least that a key takes of the environment, where only the deployment knows it. */
export function keyBytesOf(inputs: ServerKitEnvironmentInputs): number {
  return isGenerated(inputs) ? KEY_LENGTH : LEAST_KEY_LENGTH;
}

function isGenerated({ environment, requestStateKey, usesServerKit }: ServerKitEnvironmentInputs): boolean {
  return usesServerKit && requestStateKey === undefined && !(REQUEST_STATE_KEY_VARIABLE in environment);
}

function secondsOf(name: string, duration: Duration | undefined): Record<string, string> {
  return duration === undefined ? {} : { [name]: Tokenization.stringifyNumber(duration.toSeconds()) };
}

const KEY_ID = 'RequestStateKey';

/** The secret that was made for a server, if any. */
export function generatedKeyOf(scope: Construct): ISecret | undefined {
  return scope.node.tryFindChild(KEY_ID) as ISecret | undefined;
}

function generatedKey(scope: Construct, removalPolicy: RemovalPolicy | undefined): SecretValue {
  // eslint-disable-next-line cdk/no-variable-construct-id -- it is looked up by the same id
  const secret = new Secret(scope, KEY_ID, {
    description: `Signs the request state of the MCP server ${scope.node.path}`,
    generateSecretString: { passwordLength: KEY_LENGTH, excludePunctuation: true },
    removalPolicy,
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'the key reaches the runtime by a deployment; request state lives for minutes',
  });
  return secret.secretValue;
}

/** A reference that CloudFormation resolves, so that the template does not hold the key. */
function referenceTo(value: SecretValue): string {
  return value.unsafeUnwrap();
}
