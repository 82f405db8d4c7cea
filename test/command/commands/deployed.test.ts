// `call` and `talk` with a server behind the data plane of AgentCore: signed, and with tokens of a real provider.
import { closeProviders, startProvider, type RunningProvider } from '../../client/auth/provider';
import { closeRuntimes, deploy, KEYS, type Deployed } from '../../client/deployed';
import { removeTemporaryFolders } from '../assembly';
import { endCommands, run } from '../run-command';

afterEach(endCommands);
afterEach(closeRuntimes);
afterEach(closeProviders);
afterAll(removeTemporaryFolders);

const keys = {
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
};

describe('signed', () => {
  test('an ARN is called by the standard credentials, at one of its endpoints', async () => {
    const { arn, origin } = await deploy();
    const env = { ...keys, AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: origin };
    expect(await run(['call', '--arn', arn, '--qualifier', 'DEFAULT', 'count'], { env })).toMatchObject({
      code: 0,
      stdout: '1\n',
    });
    expect(await run(['call', '--target', arn, 'count'], { env })).toMatchObject({ code: 0, stdout: '1\n' });
  });

  test('a URL of this machine is signed when asked; else it is said how', async () => {
    const { url } = await deploy();
    const env = { ...keys, AWS_REGION: 'eu-central-1' };
    expect(await run(['call', '--url', url, '--sigv4', 'count'], { env })).toMatchObject({ code: 0, stdout: '1\n' });
    const unsigned = await run(['call', '--url', url, 'count'], { env });
    expect(unsigned).toMatchObject({ code: 1, stdout: '' });
    expect(unsigned.stderr).toMatch(/^error: this URL of the local runtime wants a signature \(SigV4\).*`--sigv4`/);
  });

  test('`talk` holds a conversation with a deployed server', async () => {
    const { arn, origin } = await deploy();
    const env = { ...keys, AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: origin };
    const { code, stdout } = await run(['talk', '--arn', arn, 'count', 'count', 'ask'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^result +2$/m);
    expect(stdout).toMatch(/^elicitation +How much\?$/m);
  });

  test('wrong keys, a missing endpoint and an unknown stack are errors with their code', async () => {
    const { arn, origin } = await deploy();
    const env = { ...keys, AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: origin };
    const wrong = await run(['call', '--arn', arn, 'count'], { env: { ...env, AWS_SECRET_ACCESS_KEY: 'other' } });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^error: .* \(ERR_PLATFORM\)$/m);
    const missing = await run(['call', '--arn', arn, '--qualifier', 'live', 'count'], { env });
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^error: .* \(ERR_PLATFORM\)$/m);
    const malformed = await run(['call', '--target', 'stack:Expenses', 'count'], { env });
    expect(malformed.stderr).toMatch(/^error: .* \(ERR_INVALID_TARGET\)$/m);
    const profile = await run(['call', '--arn', arn, '--profile', 'nobody', 'count'], { env });
    expect(profile.stderr).toMatch(/^error: .* \(ERR_CREDENTIALS\)$/m);
  });
});

describe('with tokens', () => {
  const guarded = (provider: RunningProvider): Promise<Deployed> =>
    deploy(
      {
        customJWTAuthorizer: {
          discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
          advertisedScopeMapping: { 'expenses:read': 'expenses:read' },
        },
      },
      { auth: 'platform-urls', credentials: [] },
    );
  const agent = ['--client-credentials', '--client-id', 'agent'];

  test('a program gets its token by the secret in the environment', async () => {
    const provider = await startProvider();
    const { url } = await guarded(provider);
    const call = ['call', '--url', url, ...agent];
    const called = await run([...call, 'count'], { env: { MCP_CLIENT_SECRET: 'secret' } });
    expect(called).toMatchObject({ code: 0, stdout: '1\n' });
    const named = await run([...call, '--client-secret', 'AGENT', 'count'], { env: { AGENT: 'secret' } });
    expect(named).toMatchObject({ code: 0, stdout: '1\n' });
    await provider.settled();
    expect(provider.grants('client_credentials')).toHaveLength(2);
    const none = await run([...call, 'count']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('`--client-secret` names an environment variable that is empty or not set');
    const wrong = await run([...call, 'count'], { env: { MCP_CLIENT_SECRET: 'wrong-secret' } });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^error: .* \(ERR_SIGN_IN\)$/m);
    expect(wrong.stderr).not.toContain('wrong-secret');
  });

  test('a token comes from the environment or from standard input', async () => {
    const provider = await startProvider();
    const { url } = await guarded(provider);
    const response = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('agent:secret')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'expenses:read', resource: url }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    const call = ['call', '--url', url, '--bearer'];
    expect(await run([...call, 'TOKEN', 'count'], { env: { TOKEN: token } })).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await run([...call, '-', 'count'], { input: `${token}\n` })).toMatchObject({ code: 0, stdout: '1\n' });
    const empty = await run([...call, '-', 'count']);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('standard input is empty') as string });
    const refused = await run([...call, 'TOKEN', 'count'], { env: { TOKEN: 'not-a-token' } });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^error: .* \(ERR_[A-Z_]+\)$/m);
    expect(refused.stderr).not.toContain('not-a-token');
  });

  test('without a person, it is said how one signs in', async () => {
    const provider = await startProvider();
    const { url } = await guarded(provider);
    const { code, stderr } = await run(['call', '--url', url, '--oauth', '--client-id', 'desk', 'count']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: somebody has to sign in to .* \(ERR_SIGN_IN_REQUIRED\): run `stateful-mcp login .*--client-id desk`/m,
    );
  });
});
