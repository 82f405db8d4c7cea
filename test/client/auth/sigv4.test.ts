import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { connect, createTransport, sigV4, type AwsCredentials } from 'stateful-mcp-client';
import { closeRuntimes, deploy, KEYS, said } from '../deployed';
import { awsHome, restoreEnvironment, temporaryDirectory } from '../environment';
import { closeServers, listen } from '../servers';

const TEMPORARY = { ...KEYS, accessKeyId: 'ASIALOCAL', sessionToken: 'first-token' };
const NEXT = { ...TEMPORARY, accessKeyId: 'ASIALOCAL2', sessionToken: 'second-token' };

afterEach(async () => {
  restoreEnvironment();
  await closeRuntimes();
  await closeServers();
});

test('an ARN is called with the standard credentials and for its own region', async () => {
  awsHome({});
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_REGION: 'ap-southeast-2',
  });
  const { arn, origin } = await deploy();
  await using client = await connect({
    target: arn,
    endpointUrl: origin,
    handlers: { elicitation: () => ({ action: 'accept', content: { amount: 3 } }) },
  });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(said(await client.callTool('count'))).toBe(2);
  expect(said(await client.callTool('ask'))).toEqual({ action: 'accept', content: { amount: 3 } });
});

test('a loopback URL is signed when asked, and not otherwise', async () => {
  const { url } = await deploy();
  await using client = await connect({ target: url, auth: sigV4({ credentials: KEYS }) });
  expect(said(await client.callTool('count'))).toBe(1);
  await expect(connect({ target: url })).rejects.toMatchObject({ code: 'ERR_PLATFORM', httpStatus: 403 });
});

test.each([
  ['unusual characters', { text: 'ä / ? & = % + 日本' }],
  ['nothing', {}],
])('the body may have %s', async (_, args) => {
  const { url } = await deploy();
  await using client = await connect({ target: url, auth: sigV4({ credentials: KEYS }) });
  expect(said(await client.callTool('count', args))).toBe(1);
});

test('requests of the SDK client are signed by a transport', async () => {
  const { url, arn, origin } = await deploy();
  const client = new Client({ name: 'framework', version: '1.0.0' });
  await client.connect(await createTransport({ target: url, auth: sigV4({ credentials: KEYS }) }));
  expect(said(await client.callTool({ name: 'count', arguments: {} }))).toBe(1);
  await client.close();
  await expect(createTransport({ target: arn, endpointUrl: origin, qualifier: '?' })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});

test('a transport explains what the SDK throws', async () => {
  const { url } = await deploy();
  const client = new Client({ name: 'sdk', version: '1.0.0' });
  const credentials = { ...KEYS, secretAccessKey: 'guessed' };
  const transport = await createTransport({ target: url, auth: sigV4({ credentials }) });
  const thrown: unknown = await client.connect(transport).catch((error: unknown) => error);
  expect(transport.explain(thrown)).toMatchObject({ code: 'ERR_PLATFORM', httpStatus: 403, cause: thrown });
  expect(transport.explain(transport.explain(thrown))).toMatchObject({ code: 'ERR_PLATFORM' });
});

test('the wrong key is an error of the platform that names the remedy', async () => {
  const { url } = await deploy();
  const refused = connect({ target: url, auth: sigV4({ credentials: { ...KEYS, secretAccessKey: 'guessed' } }) });
  await expect(refused).rejects.toMatchObject({ code: 'ERR_PLATFORM', jsonRpcCode: -32002, httpStatus: 403 });
  await expect(refused).rejects.not.toThrow('guessed');
});

test('a function is asked for credentials with each request', async () => {
  const { url } = await deploy({}, { credentials: [TEMPORARY, NEXT], settings: { sessionBinding: 'none' } });
  let asked = 0;
  const credentials = (): AwsCredentials => ((asked += 1) > 3 ? NEXT : TEMPORARY);
  await using client = await connect({ target: url, auth: sigV4({ credentials }) });
  for (let call = 1; call <= 5; call += 1) {
    expect(said(await client.callTool('count'))).toBe(call);
  }
  expect(asked).toBeGreaterThan(5);
});

test('a function that fails is an error with what it threw', async () => {
  const credentials = (): never => {
    throw new Error('the vault is closed');
  };
  await expect(connect({ target: (await deploy()).url, auth: sigV4({ credentials }) })).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS',
    message: expect.stringContaining('the vault is closed') as string,
  });
});

/**
 * A profile of its own, lest a client of the test before reads it, whose keys a program prints; they change with each
 * run. Gives back its name, and how often the program ran.
 */
function credentialProcess(secondsToLive: number): { profile: string; runs: () => number } {
  const directory = temporaryDirectory();
  const [program, runs] = [path.join(directory, 'keys.cjs'), path.join(directory, 'runs')];
  writeFileSync(runs, '');
  writeFileSync(
    program,
    `const fs = require('node:fs');
     fs.appendFileSync(${JSON.stringify(runs)}, 'x');
     const [first, next] = ${JSON.stringify([TEMPORARY, NEXT])};
     const keys = fs.readFileSync(${JSON.stringify(runs)}, 'utf8').length > 1 ? next : first;
     console.log(JSON.stringify({ Version: 1, AccessKeyId: keys.accessKeyId, SecretAccessKey: keys.secretAccessKey,
       SessionToken: keys.sessionToken, Expiration: new Date(Date.now() + ${secondsToLive * 1000}).toISOString() }));`,
  );
  const profile = path.basename(directory);
  awsHome({ config: `[profile ${profile}]\ncredential_process = ${process.execPath} ${program}\n` });
  return { profile, runs: () => readFileSync(runs, 'utf8').length };
}

test('keys of a `credential_process` are replaced before they expire', async () => {
  const { profile, runs } = credentialProcess(60);
  const { url } = await deploy({}, { credentials: [TEMPORARY, NEXT], settings: { sessionBinding: 'none' } });
  await using client = await connect({ target: url, auth: sigV4({ profile }) });
  // The chain of AWS replaces keys from five minutes before their end on, and sends those that it has meanwhile.
  while (runs() < 3) {
    await client.ping();
  }
  expect(said(await client.callTool('count'))).toBe(1);
});

test('keys of a `credential_process` are kept while they hold', async () => {
  const { profile, runs } = credentialProcess(3600);
  const { url } = await deploy({}, { credentials: [TEMPORARY] });
  await using client = await connect({ target: url, auth: sigV4({ profile }) });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(runs()).toBe(1);
});

test('keys that the platform no longer takes are read anew, and the refused request is sent again', async () => {
  const { profile, runs } = credentialProcess(3600);
  const { url } = await deploy({}, { credentials: [NEXT] });
  await using client = await connect({ target: url, auth: sigV4({ profile }) });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(runs()).toBe(2);
});

test('keys that another program writes into the file of credentials are found', async () => {
  const profile = (keys: AwsCredentials): string =>
    `[default]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\naws_session_token = ${keys.sessionToken}\n`;
  const home = awsHome({ credentials: profile(TEMPORARY) });
  const first = await deploy({}, { credentials: [TEMPORARY] });
  await using before = await connect({ target: first.url, auth: sigV4() });
  expect(said(await before.callTool('count'))).toBe(1);
  const second = await deploy({}, { credentials: [NEXT] });
  writeFileSync(path.join(home, 'credentials'), profile(NEXT));
  await using after = await connect({ target: second.url, auth: sigV4() });
  expect(said(await after.callTool('count'))).toBe(1);
});

/** IAM Identity Center's portal and its token endpoint. */
async function identityCenter(): Promise<{ asked: string[]; origin: string }> {
  const asked: string[] = [];
  const url = await listen((request, response) => {
    const isPortal = request.url?.startsWith('/federation/credentials') ?? false;
    asked.push(isPortal ? `keys for ${String(request.headers['x-amz-sso_bearer_token'])}` : `token at ${request.url}`);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' });
    const keys = asked.filter(line => line.startsWith('keys')).length > 1 ? NEXT : TEMPORARY;
    response.end(
      JSON.stringify(
        isPortal
          ? { roleCredentials: { ...keys, expiration: Date.now() + 60_000 } }
          : { accessToken: 'refreshed', refreshToken: 'again', expiresIn: 3600, tokenType: 'Bearer' },
      ),
    );
  });
  const { origin } = new URL(url);
  Object.assign(process.env, { AWS_ENDPOINT_URL_SSO: origin, AWS_ENDPOINT_URL_SSO_OIDC: origin });
  return { asked, origin };
}

function signInToIdentityCenter(minutes: number): void {
  const home = awsHome({
    config:
      '[profile team]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Developer\n' +
      '[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n',
  });
  const cache = path.join(home, '.aws', 'sso', 'cache');
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    path.join(cache, `${createHash('sha1').update('corp').digest('hex')}.json`),
    JSON.stringify({
      accessToken: 'cached',
      expiresAt: new Date(Date.now() + minutes * 60_000).toISOString(),
      refreshToken: 'refresh',
      clientId: 'cli',
      clientSecret: 'cli-secret',
      registrationExpiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      region: 'eu-west-1',
    }),
  );
}

test('keys of IAM Identity Center (SSO) are fetched, and again before they expire', async () => {
  signInToIdentityCenter(60);
  const { asked } = await identityCenter();
  const { url } = await deploy({}, { credentials: [TEMPORARY, NEXT], settings: { sessionBinding: 'none' } });
  await using client = await connect({ target: url, auth: sigV4({ profile: 'team' }) });
  expect(said(await client.callTool('count'))).toBe(1);
  // Keys that still live for a minute are replaced beside the requests that they sign.
  while (asked.length < 2) {
    await client.callTool('count');
  }
  expect(new Set(asked)).toEqual(new Set(['keys for cached']));
});

test('a sign-in of IAM Identity Center that runs out is refreshed', async () => {
  signInToIdentityCenter(2);
  const { asked } = await identityCenter();
  const { url } = await deploy({}, { credentials: [TEMPORARY, NEXT], settings: { sessionBinding: 'none' } });
  await using client = await connect({ target: url, auth: sigV4({ profile: 'team' }) });
  expect(said(await client.callTool('count'))).toBe(1);
  expect(asked).toEqual(expect.arrayContaining(['token at /token', 'keys for refreshed']));
});

test('a sign-in of IAM Identity Center that has run out says how to sign in', async () => {
  signInToIdentityCenter(-5);
  const { origin } = await identityCenter();
  // Nobody can refresh it any more.
  process.env.AWS_ENDPOINT_URL_SSO_OIDC = `${origin.replace(/\d+$/, '1')}`;
  const { url } = await deploy();
  await expect(connect({ target: url, auth: sigV4({ profile: 'team' }) })).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS',
    message: expect.stringContaining('aws sso login') as string,
  });
});

test('a request to a gateway is signed for the region in its name', async () => {
  awsHome({});
  process.env.AWS_REGION = 'ap-southeast-2';
  const url = new URL('https://notes-abc1234567.gateway.bedrock-agentcore.eu-west-1.amazonaws.com/live/invocations');
  const signatures: (string | null)[] = [];
  const send = (_url: string | URL, init?: RequestInit): Promise<Response> => {
    signatures.push(new Headers(init?.headers).get('authorization'));
    return Promise.resolve(new Response());
  };
  await sigV4({ credentials: KEYS }).authorized(send, { url })(url, { method: 'POST', body: '{}' });
  expect(signatures).toEqual([expect.stringContaining('/eu-west-1/bedrock-agentcore/aws4_request')]);
});

test.each([
  [() => sigV4({ profile: 'a', credentials: KEYS }), '`profile` and `credentials`'],
  [() => sigV4().authorized(fetch, { url: new URL('https://mcp.example.com/mcp') }), '`region` of sigV4() is needed'],
])('refuses options that do not go together', (make, message) => {
  awsHome({});
  expect(make).toThrow(
    expect.objectContaining({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(message) as string,
    }) as Error,
  );
});

/** What is sent to a URL with some credentials, and how it answers. */
function answering(...statuses: number[]): { send: typeof fetch; sent: Headers[]; answers: Response[] } {
  const [sent, answers]: [Headers[], Response[]] = [[], []];
  const send = (_url: unknown, init?: RequestInit): Promise<Response> => {
    sent.push(new Headers(init?.headers));
    answers.push(new Response('what', { status: statuses.shift() ?? 200 }));
    return Promise.resolve(answers.at(-1) as Response);
  };
  return { send, sent, answers };
}

test.each<[string, AwsCredentials[], number[], number]>([
  ['with another key', [TEMPORARY, NEXT], [403, 200], 200],
  ['with another key that has no token, as before', [KEYS, { ...KEYS, accessKeyId: 'AKIDOTHER' }], [403, 200], 200],
  ['with another token of the same key', [TEMPORARY, { ...TEMPORARY, sessionToken: 'newer' }], [403, 200], 200],
  ['once', [TEMPORARY, NEXT], [403, 403, 200], 403],
  ['not with the same credentials', [TEMPORARY], [403], 403],
  ['not for another reason', [TEMPORARY, NEXT], [401], 401],
])('a refused request is sent again %s', async (_, given, statuses, status) => {
  const url = new URL('https://mcp.example.com:8443/mcp?b=2&a=1&a=0');
  const { send, sent, answers } = answering(...statuses);
  let asked = 0;
  const credentials = (): AwsCredentials => given[Math.min(asked++, given.length - 1)] as AwsCredentials;
  const signed = sigV4({ region: 'eu-west-1', service: 'execute-api', credentials }).authorized(send, { url });
  const response = await signed(url, {
    headers: { authorization: 'Bearer mine', 'mcp-session-id': 's', traceparent: 't' },
  });
  expect(response.status).toBe(status);
  expect(answers.map(({ bodyUsed }) => bodyUsed)).toEqual(answers.map(answer => answer !== response));
  for (const [index, headers] of sent.entries()) {
    const authorization = headers.get('authorization');
    expect(authorization).toContain(`Credential=${given[index]?.accessKeyId}/`);
    expect(authorization).toContain('/eu-west-1/execute-api/aws4_request');
    expect(authorization).toMatch(
      /SignedHeaders=host;mcp-session-id;x-amz-content-sha256;x-amz-date(;x-amz-security-token)?,/,
    );
    expect([headers.get('x-amz-security-token'), headers.get('host'), headers.get('traceparent')]).toEqual([
      given[index]?.sessionToken ?? null,
      null,
      't',
    ]);
  }
});

test('credentials that cannot be read anew leave the answer as it was', async () => {
  const url = new URL('https://mcp.example.com/mcp');
  const { send, sent } = answering(403);
  let asked = 0;
  const credentials = (): AwsCredentials => {
    if ((asked += 1) > 1) {
      throw new Error('the vault is closed');
    }
    return KEYS;
  };
  expect((await sigV4({ region: 'eu-west-1', credentials }).authorized(send, { url })(url)).status).toBe(403);
  expect(sent).toHaveLength(1);
});

test.each<[string, string, object, string | undefined]>([
  ['a URL of AgentCore', 'https://bedrock-agentcore.eu-west-1.amazonaws.com/runtimes/a/invocations', {}, 'eu-west-1'],
  [
    'a URL of AgentCore for a given `fetch`',
    'https://bedrock-agentcore.eu-west-1.amazonaws.com/mcp',
    { fetch: 'own' },
    undefined,
  ],
  [
    'a URL of AgentCore with `none`',
    'https://bedrock-agentcore.eu-west-1.amazonaws.com/mcp',
    { auth: 'none' },
    undefined,
  ],
  ['a URL of somebody else', 'https://bedrock-agentcore.eu-west-1.amazonaws.com.example.com/mcp', {}, undefined],
  [
    'an ARN for a given `fetch`',
    'arn:aws:bedrock-agentcore:eu-north-1:123456789012:runtime/expenses-a1b2c3d4e5',
    { fetch: 'own' },
    'eu-north-1',
  ],
])('without `auth`, %s is signed or not', async (_, target, options: { fetch?: string; auth?: 'none' }, region) => {
  awsHome({});
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_REGION: 'us-west-2',
  });
  const { send, sent } = answering(200);
  const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(send);
  try {
    const transport = await createTransport({
      target,
      ...(options.fetch && { fetch: send }),
      ...(options.auth && { auth: options.auth }),
    });
    await transport.start();
    await transport.send({ jsonrpc: '2.0', method: 'notifications/initialized' }).catch(() => undefined);
  } finally {
    spy.mockRestore();
  }
  const authorization = sent[0]?.get('authorization') ?? undefined;
  expect(authorization?.includes(`/${region}/bedrock-agentcore/`)).toBe(region === undefined ? undefined : true);
});
