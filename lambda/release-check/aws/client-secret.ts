import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ReleaseCaller } from '../../../lib/private/release/release-check-contract';
import { ReleaseCheckError } from '../common/failures';
import { callAws, isMissing, type AwsCallPolicy } from './aws-calls';

type ClientCredentials = Extract<ReleaseCaller, { kind: 'client-credentials' }>;

/**
 * The secret of a client of an authorization server.
 *
 * @throws ReleaseCheckError `ERR_SECRET_UNREADABLE`
 */
export async function clientSecret(
  caller: ClientCredentials,
  policy: AwsCallPolicy,
  signal: AbortSignal,
): Promise<string> {
  const { userPoolId, clientId, secretArn = '', secretField } = caller;
  return userPoolId === undefined
    ? memberOf(secretArn, await storedSecret(secretArn, policy, signal), secretField)
    : userPoolSecret(userPoolId, clientId, policy, signal);
}

async function storedSecret(secretArn: string, policy: AwsCallPolicy, signal: AbortSignal): Promise<string> {
  const client = new SecretsManagerClient();
  try {
    const { SecretString } = await read(`reading the secret ${secretArn}`, policy, signal, () =>
      client.send(new GetSecretValueCommand({ SecretId: secretArn }), { abortSignal: signal }),
    );
    if (SecretString === undefined || SecretString === '') {
      throw unreadable(`the secret ${secretArn} has no text: store the secret of the client in it`);
    }
    return SecretString;
  } finally {
    client.destroy();
  }
}

/** The value itself never gets into a message. */
function memberOf(secretArn: string, text: string, field: string | undefined): string {
  if (field === undefined) {
    return text;
  }
  let members: Readonly<Record<string, unknown>> | undefined;
  try {
    members = JSON.parse(text) as typeof members;
  } catch {
    throw unreadable(`the secret ${secretArn} is no JSON, so that it has no \`${field}\`: leave out \`secretField\``);
  }
  const value = members?.[field];
  if (typeof value !== 'string' || value === '') {
    throw unreadable(`the secret ${secretArn} has no text under \`${field}\`: correct \`secretField\``);
  }
  return value;
}

async function userPoolSecret(
  UserPoolId: string,
  ClientId: string,
  policy: AwsCallPolicy,
  signal: AbortSignal,
): Promise<string> {
  const client = new CognitoIdentityProviderClient();
  try {
    const { UserPoolClient } = await read(
      `reading the client ${ClientId} of the user pool ${UserPoolId}`,
      policy,
      signal,
      () => client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }), { abortSignal: signal }),
    );
    if (UserPoolClient?.ClientSecret === undefined) {
      throw unreadable(`the client ${ClientId} of the user pool ${UserPoolId} has no secret: use one that has`);
    }
    return UserPoolClient.ClientSecret;
  } finally {
    client.destroy();
  }
}

async function read<T>(what: string, policy: AwsCallPolicy, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
  try {
    return await callAws(policy, what, 'ERR_SECRET_UNREADABLE', signal, send);
  } catch (error) {
    throw isMissing(error) ? unreadable(`${what}: ${(error as Error).message}`, error) : error;
  }
}

function unreadable(message: string, cause?: unknown): ReleaseCheckError {
  return new ReleaseCheckError('ERR_SECRET_UNREADABLE', message, { cause });
}
