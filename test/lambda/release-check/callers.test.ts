import type { ReleaseCaller } from '../../../lib/private/release/release-check-contract';
import { startProvider } from '../../local/fixtures/provider';
import { Deployment } from './deployment';

// Who the check calls as. The provider is a real one.

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:client';
const AUDIENCE = 'https://expenses.example';
/** The secret of the clients of the provider. */
const CLIENT_SECRET = 'secret';

let provider: Awaited<ReturnType<typeof startProvider>>;
let issuer: string;
let deployment: Deployment;
beforeAll(async () => {
  provider = await startProvider('oidc-provider');
  ({ issuer } = provider);
});
afterAll(() => provider.end());
beforeEach(async () => {
  deployment = new Deployment();
  await deployment.start({ auth: 'platform-urls' });
  deployment.services.answers.set('secretsmanager.GetSecretValue', () => ({
    SecretString: JSON.stringify({ client: CLIENT_SECRET }),
  }));
});
afterEach(() => deployment.close());

const caller = (change: Partial<Extract<ReleaseCaller, { kind: 'client-credentials' }>> = {}): ReleaseCaller => ({
  kind: 'client-credentials',
  discoveryUrl: `${issuer}/.well-known/openid-configuration`,
  clientId: 'agent',
  secretArn: SECRET,
  secretField: 'client',
  scopes: ['expenses:read'],
  audience: AUDIENCE,
  ...change,
});

/** A runtime that takes tokens of the provider. */
function publish(): Promise<void> {
  const discoveryUrl = `${issuer}/.well-known/openid-configuration`;
  return deployment.publish(
    {},
    { authorizerConfiguration: { customJWTAuthorizer: { discoveryUrl, allowedAudience: [AUDIENCE] } } },
  );
}

test('each caller holds the check, and who has no token or a wrong one is refused', async () => {
  await publish();
  const callers = [caller(), caller({ clientId: 'other-agent' })];
  expect(await deployment.check('1', { properties: { callers } })).toMatchObject({ Status: 'SUCCESS' });
  expect(deployment.log).toContain('"check":"missing-token","verdict":"pass"');
  expect(deployment.log).toContain('"check":"wrong-token","verdict":"pass"');
  expect(deployment.log).toContain('"check":"tools as the client other-agent","verdict":"pass"');
  expect(deployment.log).not.toContain('conversation add_expense as the client');
  expect(deployment.log).not.toMatch(/eyJ/);
});

test('a runtime that takes nobody of the callers fails', async () => {
  await publish();
  expect((await deployment.check('1')).Reason).toMatch(/^ERR_CHECK_FAILED: .*initialize/);
});

test('the secret of a client of a user pool is read from there', async () => {
  await publish();
  const DESCRIBE = 'AWSCognitoIdentityProviderService.DescribeUserPoolClient';
  deployment.services.answers.set(DESCRIBE, input => ({
    UserPoolClient: { ...input, ClientSecret: CLIENT_SECRET },
  }));
  const callers = [caller({ secretArn: undefined, secretField: undefined, userPoolId: 'us-east-1_Pool' })];
  expect(await deployment.check('1', { properties: { callers } })).toMatchObject({ Status: 'SUCCESS' });
  const asked = deployment.services.calls.filter(({ operation }) => operation === DESCRIBE);
  expect(asked.map(({ input }) => input)).toEqual([{ UserPoolId: 'us-east-1_Pool', ClientId: 'agent' }]);
});

test.each<[string, RegExp, () => ReleaseCaller]>([
  [
    'unknown client',
    /^ERR_TOKEN_REFUSED: .*no token: status 4\d\d, invalid_client/,
    () => caller({ clientId: 'nobody' }),
  ],
  [
    'discovery document that is none',
    /^ERR_TOKEN_REFUSED: .*names no `token_endpoint`/,
    () => caller({ discoveryUrl: `${issuer}/none` }),
  ],
  [
    'secret without the field',
    /^ERR_SECRET_UNREADABLE: .*no text under `other`/,
    () => caller({ secretField: 'other' }),
  ],
  [
    'client of a pool that may not be read',
    /^ERR_SECRET_UNREADABLE: reading the client/,
    () => caller({ secretArn: undefined, secretField: undefined, userPoolId: 'p' }),
  ],
])('a caller with an %s fails the check with the reason', async (_what, reason, callerOf) => {
  await publish();
  expect((await deployment.check('1', { properties: { callers: [callerOf()] } })).Reason).toMatch(reason);
  expect(deployment.log).not.toContain(`"${CLIENT_SECRET}"`);
});

test('an authorization server that is down is no verdict', async () => {
  await publish();
  const callers = [caller({ discoveryUrl: 'http://127.0.0.1:1/.well-known/openid-configuration' })];
  expect((await deployment.check('1', { properties: { callers } })).Reason).toMatch(/^ERR_TOKEN_UNAVAILABLE: /);
  expect(await deployment.check('1', { properties: { callers, onInconclusive: 'pass' } })).toMatchObject({
    Status: 'SUCCESS',
    Data: { verdict: 'inconclusive' },
  });
});
