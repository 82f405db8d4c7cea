import { TransientFailure } from '../../../../lambda/common/retry';
import { clientSecret } from '../../../../lambda/release-check/aws/client-secret';
import { AwsError, AwsServices } from '../aws-services';

// Where the secret of a client is. The value itself is in no message.

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:client';
const CLIENT = { kind: 'client-credentials', discoveryUrl: 'https://a.example/x', clientId: 'agent' } as const;
const IN_POOL = { userPoolId: 'us-east-1_Pool' };
const GET = 'secretsmanager.GetSecretValue';
const DESCRIBE = 'AWSCognitoIdentityProviderService.DescribeUserPoolClient';

const services = new AwsServices();
const policy = {
  retries: { attempts: 1, firstPauseMs: 1, longestPauseMs: 1, longestRetryAfterMs: 10 },
  denialPausesMs: [],
};

beforeAll(() => services.start());
afterAll(() => services.close());

function secretOf(change: object): Promise<string> {
  return clientSecret({ ...CLIENT, ...change }, policy, new AbortController().signal);
}

function refuse(operation: string, name: string, status?: number): void {
  services.answers.set(operation, () => {
    throw new AwsError(name, status);
  });
}

test.each([
  ['the text', 's3cret', {}, 's3cret'],
  ['a member of the text', '{"client":"s3cret"}', { secretField: 'client' }, 's3cret'],
  ['the text, though it is JSON', '{"client":"s3cret"}', {}, '{"client":"s3cret"}'],
])('a secret is %s', async (_what, SecretString, change, secret) => {
  services.answers.set(GET, () => ({ SecretString }));
  expect(await secretOf({ secretArn: SECRET, ...change })).toBe(secret);
  expect(services.calls.at(-1)?.input).toEqual({ SecretId: SECRET });
});

test.each([
  ['bytes', undefined, undefined, 'has no text'],
  ['nothing', '', undefined, 'has no text'],
  ['no JSON', 's3cret', 'client', 'is no JSON, so that it has no `client`'],
  ['null', 'null', 'client', 'has no text under `client`'],
  ['another member', '{"other":"s3cret"}', 'client', 'has no text under `client`'],
  ['a number', '{"client":7}', 'client', 'has no text under `client`'],
  ['a member that is empty', '{"client":""}', 'client', 'has no text under `client`'],
])('a secret with %s is none', async (_what, SecretString, secretField, message) => {
  services.answers.set(GET, () => ({ SecretString, SecretBinary: 'AAAA' }));
  const reading = secretOf({ secretArn: SECRET, secretField });
  await expect(reading).rejects.toMatchObject({
    code: 'ERR_SECRET_UNREADABLE',
    message: expect.stringContaining(`the secret ${SECRET} ${message}`) as string,
  });
  await expect(reading).rejects.not.toThrow('s3cret');
});

async function expectUnreadable(operation: string, name: string, change: object, doing: string): Promise<void> {
  refuse(operation, name);
  await expect(secretOf(change)).rejects.toMatchObject({
    code: 'ERR_SECRET_UNREADABLE',
    message: `${doing}: ${name} of the test`,
    cause: expect.objectContaining({ name }) as Error,
  });
}

test.each([
  ['is not there', 'ResourceNotFoundException'],
  ['may not be read', 'AccessDeniedException'],
  ['is marked for deletion', 'InvalidRequestException'],
  ['has a key that is disabled', 'DecryptionFailure'],
])('a secret that %s is answered by %s', (_what, name) =>
  expectUnreadable(GET, name, { secretArn: SECRET }, `reading the secret ${SECRET}`),
);

test.each([
  ['is not there', 'ResourceNotFoundException'],
  ['may not be read', 'NotAuthorizedException'],
  ['has an id that is none', 'InvalidParameterException'],
])('a client of a user pool that %s is answered by %s', (_what, name) =>
  expectUnreadable(DESCRIBE, name, IN_POOL, 'reading the client agent of the user pool us-east-1_Pool'),
);

test('a service that fails says nothing of a secret', async () => {
  refuse(GET, 'InternalServiceError', 500);
  await expect(secretOf({ secretArn: SECRET })).rejects.toBeInstanceOf(TransientFailure);
});

test('a client of a user pool has one, or none', async () => {
  services.answers.set(DESCRIBE, () => ({ UserPoolClient: { ClientSecret: 's3cret' } }));
  expect(await secretOf(IN_POOL)).toBe('s3cret');
  expect(services.calls.at(-1)?.input).toEqual({ UserPoolId: 'us-east-1_Pool', ClientId: 'agent' });
  for (const answer of [{ UserPoolClient: {} }, {}]) {
    services.answers.set(DESCRIBE, () => answer);
    await expect(secretOf(IN_POOL)).rejects.toMatchObject({
      code: 'ERR_SECRET_UNREADABLE',
      message: 'the client agent of the user pool us-east-1_Pool has no secret: use one that has',
    });
  }
});
