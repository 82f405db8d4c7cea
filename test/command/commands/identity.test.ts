// `login`, `logout` and `whoami` with a real provider.
import { closeProviders, signInByHttp, startProvider, type RunningProvider } from '../../client/auth/provider';
import { closeRuntimes, deploy, type Deployed } from '../../client/deployed';
import { removeTemporaryFolders, temporaryFolder } from '../assembly';
import { endCommands, run, start, type Finished } from '../run-command';

afterEach(endCommands);
afterEach(closeRuntimes);
afterEach(closeProviders);
afterAll(removeTemporaryFolders);

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

/** Signs in at the page that is shown. */
async function login(
  args: string[],
  env: Record<string, string>,
  how?: Parameters<typeof signInByHttp>[1],
): Promise<Finished> {
  const running = start(['login', ...args, '--no-browser'], { env });
  await running.until('/auth?');
  const [page = ''] = /http\S+\/auth\?\S+/.exec(running.output()) ?? [];
  await signInByHttp(new URL(page), how);
  return running.finished;
}

test('a person signs in once; calls go on with their tokens until they sign out', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const env = { HOME: temporaryFolder() };
  const desk = ['--client-id', 'desk'];

  expect(await run(['whoami', url, ...desk], { env })).toMatchObject({
    code: 1,
    stdout: `nobody is signed in to ${url}\n`,
  });
  const { code, stdout } = await login([url, ...desk, '--scope', 'expenses:read'], env);
  expect(code).toBe(0);
  expect(stdout).toContain(`signed in to ${url}\n`);
  expect(stdout).toMatch(/^ {2}as {7}ana/m);

  const known = await run(['whoami', url, ...desk, '--json'], { env });
  expect(known.code).toBe(0);
  expect(JSON.parse(known.stdout)).toEqual({
    server: url,
    signedIn: true,
    issuer: provider.issuer,
    subject: expect.stringContaining('ana') as string,
    scopes: expect.arrayContaining(['expenses:read']) as string[],
    expiresAt: expect.any(String) as string,
    renewable: true,
  });

  const call = ['call', '--url', url, '--oauth', ...desk, 'count'];
  expect(await run(call, { env })).toMatchObject({ code: 0, stdout: '1\n' });
  await provider.settled();
  expect(provider.grants('authorization_code')).toHaveLength(1);

  const left = await run(['logout', url, ...desk, '--json'], { env });
  expect(left.code).toBe(0);
  expect(JSON.parse(left.stdout)).toEqual({ server: url, signedIn: false });
  expect((await run(call, { env })).stderr).toContain('(ERR_SIGN_IN_REQUIRED)');
});

test('two terminals at once renew a token once, and both go on', async () => {
  const provider = await startProvider({ lifetimeSeconds: 2 });
  const { url } = await guarded(provider);
  const env = { HOME: temporaryFolder() };
  const desk = ['--client-id', 'desk'];
  await login([url, ...desk], env);
  await new Promise(resolve => setTimeout(resolve, 2100));
  const call = ['call', '--url', url, '--oauth', ...desk, 'count'];
  const results = await Promise.all([run(call, { env }), run(call, { env })]);
  expect(results).toMatchObject([
    { code: 0, stdout: '1\n' },
    { code: 0, stdout: '1\n' },
  ]);
  await provider.settled();
  expect(provider.log.filter(line => line.startsWith('grant.error'))).toEqual([]);
  expect(provider.grants('authorization_code')).toHaveLength(1);
});

test('who refuses is not signed in', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const env = { HOME: temporaryFolder() };
  const { code, stderr } = await login([url], env, { answer: 'abort' });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: the authorization server refused to sign in: .* \(ERR_SIGN_IN\)$/m);
  expect((await run(['whoami', url], { env })).code).toBe(1);
});

test('Ctrl-C ends the wait for a person', async () => {
  const provider = await startProvider();
  const { url } = await guarded(provider);
  const running = start(['login', url, '--no-browser']);
  await running.until('/auth?');
  running.signal('SIGINT');
  expect(await running.finished).toMatchObject({ code: 130 });
});

test.each([
  [['login'], '`login` needs a server'],
  [['whoami', 'here'], '`TARGET` is `here`: pass a URL'],
  [['login', 'http://h/mcp', '--client-secret', 'SECRET'], '`--client-secret` goes with `--client-id`'],
])('refuses %j', async (words, message) => {
  expect(await run(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) as string });
});
