import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { clientCredentials, connect } from 'stateful-mcp-client';
import { McpAuth, McpInconclusive, McpRelease, McpReleaseCaller } from '../../../lib';
import { startProvider } from '../../local/fixtures/provider';
import { checkerLog } from '../cloud/checker-log';
import { ExpenseTrackerApp, outputValue, STACK, type ServerProps } from '../app/expense-tracker-app';
import { deniedCalls, unneededActions } from '../permissions/permission-record';
import { CHECKER_ACTIONS_WITH_TOKENS } from '../permissions/platform-actions';
import { Rehearsal } from '../cloud/rehearsal';

// Callers bring tokens of a real provider. The release calls as one of its clients, whose secret is in Secrets Manager.

const CLIENT = { clientId: 'agent', clientSecret: 'secret' };
/** What the provider makes tokens for. */
const AUDIENCE = 'https://expenses.example';

let rehearsal: Rehearsal;
let provider: Awaited<ReturnType<typeof startProvider>>;
let secrets: SecretsManagerClient;
let secretArn: string;
let app: ExpenseTrackerApp;
let first: string;
let arn: string;

beforeAll(async () => {
  app = new ExpenseTrackerApp();
  provider = await startProvider('oidc-provider');
  rehearsal = await Rehearsal.start();
  secrets = new SecretsManagerClient(rehearsal.aws);
  const { ARN = '' } = await secrets.send(
    new CreateSecretCommand({ Name: 'release-client', SecretString: CLIENT.clientSecret }),
  );
  secretArn = ARN;
});
afterAll(async () => {
  secrets?.destroy();
  await rehearsal?.close();
  provider?.end();
  app.remove();
});

test('the release calls as a client of the provider, and sees others refused by a challenge', async () => {
  first = synthesized();
  const { output } = await rehearsal.deploy(first);
  arn = outputValue(output, 'RuntimeArn');
  const log = await checkerLog(rehearsal.aws);
  for (const check of ['missing-token', 'wrong-token', 'token-metadata']) {
    expect(log).toContain(`"check":"${check}","verdict":"pass"`);
  }
  expect(log).not.toMatch(/eyJ/);
});

test('so does a user, by the challenge alone', async () => {
  const { endpoint } = rehearsal.aws;
  const refused = await fetch(`${endpoint}/runtimes/${encodeURIComponent(arn)}/invocations?qualifier=live`, {
    method: 'POST',
    headers: { authorization: 'Bearer none' },
    body: '{}',
  });
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringContaining('error="invalid_token"'),
  ]);
  const client = await connect({
    target: arn,
    qualifier: 'live',
    endpointUrl: endpoint,
    auth: clientCredentials({ ...CLIENT, issuer: provider.issuer }),
  });
  expect(client.serverInfo?.version).toBe('0.1.0');
  await client.endSession();
});

test('a secret that is not that of the client fails the deployment, whatever counts as inconclusive', async () => {
  await secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: 'of another client' }));
  const { exitCode, output } = await rehearsal.deployAttempt(synthesized('0.2.0', McpInconclusive.PASS));
  expect(output).toMatch(/ERR_TOKEN_REFUSED: \S+\/token gives the client agent no token: status 401, invalid_client/);
  expect(output).toMatch(/UPDATE_ROLLBACK_COMPLET/);
  expect(output).not.toContain('of another client');
  expect(exitCode).toBe(1);
  await secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: CLIENT.clientSecret }));
});

test('a provider that is down is inconclusive: the deployment fails, or passes where it may', async () => {
  provider.takeDownOrUp();
  const { exitCode, output } = await rehearsal.deployAttempt(synthesized('0.3.0'));
  expect(output).toMatch(/ERR_TOKEN_UNAVAILABLE: the authorization server could not be asked: [^]* answered 503/);
  expect(output).toMatch(/UPDATE_ROLLBACK_COMPLET/);
  expect(exitCode).toBe(1);
  await rehearsal.deploy(synthesized('0.3.0', McpInconclusive.PASS));
  expect(await checkerLog(rehearsal.aws)).toContain('released although it could not be judged');
  provider.takeDownOrUp();
});

test('no call was denied, and the function is granted nothing that it did not need', async () => {
  const granted = await rehearsal.permissions();
  await rehearsal.destroy(first);
  const record = await rehearsal.permissions();
  expect(deniedCalls(record)).toEqual([]);
  const unneeded = unneededActions(granted, record, STACK).filter(action =>
    action.startsWith('StatefulMcpReleaseChecker'),
  );
  expect(unneeded).toEqual(Object.keys(CHECKER_ACTIONS_WITH_TOKENS).sort());
});

function synthesized(version = '0.1.0', onInconclusive = McpInconclusive.FAIL): string {
  const line = { file: 'expense-tracker.ts', from: "version: '0.1.0'", to: `version: '${version}'` };
  return app.synthesize(line, stack => propsIn(stack, onInconclusive));
}

function propsIn(stack: Stack, onInconclusive: McpInconclusive): ServerProps {
  const secret = Secret.fromSecretCompleteArn(stack, 'ClientSecret', secretArn);
  const caller = McpReleaseCaller.clientCredentials({
    clientId: CLIENT.clientId,
    secret,
    scopes: ['expenses:read'],
    audience: AUDIENCE,
  });
  return {
    auth: McpAuth.jwt({
      discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
      allowedClients: [CLIENT.clientId],
    }),
    release: McpRelease.verified({ callers: [caller], onInconclusive }),
  };
}
