import { connect, resolveTarget, sigV4 } from 'stateful-mcp-client';
import { cloudFormation } from '../cloud-formation';
import { closeRuntimes, deploy, KEYS } from '../deployed';
import { awsHome, restoreEnvironment } from '../environment';
import { closeServers } from '../servers';

const ARN = 'arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/expenses-a1B2c3D4e5';
const ESCAPED = encodeURIComponent(ARN);

afterEach(async () => {
  restoreEnvironment();
  await closeRuntimes();
  await closeServers();
});

test.each([
  [ARN, {}, `https://bedrock-agentcore.eu-central-1.amazonaws.com/runtimes/${ESCAPED}/invocations?qualifier=DEFAULT`],
  [
    ARN,
    { qualifier: 'live' },
    `https://bedrock-agentcore.eu-central-1.amazonaws.com/runtimes/${ESCAPED}/invocations?qualifier=live`,
  ],
  [
    `${ARN}/runtime-endpoint/live`,
    {},
    `https://bedrock-agentcore.eu-central-1.amazonaws.com/runtimes/${ESCAPED}/invocations?qualifier=live`,
  ],
  [
    ARN,
    { qualifier: '3' },
    `https://bedrock-agentcore.eu-central-1.amazonaws.com/runtimes/${ESCAPED}/invocations?qualifier=3`,
  ],
  [
    ARN.replace('arn:aws:', 'arn:aws-cn:').replace('eu-central-1', 'cn-north-1'),
    {},
    `https://bedrock-agentcore.cn-north-1.amazonaws.com.cn/runtimes/${ESCAPED.replace('aws', 'aws-cn').replace('eu-central-1', 'cn-north-1')}/invocations?qualifier=DEFAULT`,
  ],
  [
    ARN,
    { endpointUrl: 'http://127.0.0.1:9000/' },
    `http://127.0.0.1:9000/runtimes/${ESCAPED}/invocations?qualifier=DEFAULT`,
  ],
  ['http://127.0.0.1:8000/mcp', {}, 'http://127.0.0.1:8000/mcp'],
])('%s %j is at %s', async (target, options, url) => {
  expect((await resolveTarget(target, options)).url.href).toBe(url);
});

test('the data plane of an ARN may be elsewhere, as for the AWS SDKs', async () => {
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
  expect((await resolveTarget(ARN)).url.origin).toBe('http://127.0.0.1:1');
  process.env.AWS_ENDPOINT_URL_BEDROCK_AGENTCORE = 'http://127.0.0.1:2';
  expect((await resolveTarget(ARN)).url.origin).toBe('http://127.0.0.1:2');
  process.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS = 'true';
  expect((await resolveTarget(ARN)).url.hostname).toBe('bedrock-agentcore.eu-central-1.amazonaws.com');
});

test.each([
  [
    `https://bedrock-agentcore.us-east-1.amazonaws.com/runtimes/${ESCAPED}/invocations?qualifier=live`,
    'eu-central-1',
    'live',
  ],
  ['https://bedrock-agentcore.us-west-2.amazonaws.com/runtimes/x-1/invocations?accountId=1', 'us-west-2', 'DEFAULT'],
  [`http://127.0.0.1:8000/runtimes/${ESCAPED}/invocations`, 'eu-central-1', 'DEFAULT'],
  ['https://mcp.example.com/runtimes/x-1/invocations', undefined, 'DEFAULT'],
])('a URL of the platform says its region and qualifier: %s', async (url, region, qualifier) => {
  expect((await resolveTarget(url)).runtime).toMatchObject({ region, qualifier });
});

test.each([
  ['arn:aws:s3:::bucket', {}, 'ERR_INVALID_TARGET', 'is not the ARN of an AgentCore runtime'],
  ['arn:aws:bedrock-agentcore:eu-central-1:123456789012:gateway/a-b', {}, 'ERR_INVALID_TARGET', 'is not the ARN'],
  [ARN.replace('arn:aws:', 'arn:aws-iso:'), {}, 'ERR_INVALID_TARGET', 'pass the invocation URL'],
  [ARN, { qualifier: 'a b' }, 'ERR_INVALID_OPTION', '`qualifier` is "a b"'],
  [`${ARN}/runtime-endpoint/live`, { qualifier: 'beta' }, 'ERR_INVALID_OPTION', 'pass one of the two'],
  [ARN, { endpointUrl: 'ftp://x' }, 'ERR_INVALID_OPTION', '`endpointUrl` is "ftp://x"'],
  ['http://127.0.0.1/mcp', { qualifier: 'live' }, 'ERR_INVALID_OPTION', '`qualifier` goes with an ARN'],
  ['stack:Expenses', {}, 'ERR_INVALID_TARGET', 'pass stack:STACK/OUTPUT'],
  ['stack:/Url', {}, 'ERR_INVALID_TARGET', 'pass stack:STACK/OUTPUT'],
])('refuses %s %j', async (target, options, code, message) => {
  await expect(resolveTarget(target, options)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
  });
});

test('handlers beside a target are refused, since nobody would call them', async () => {
  const request = { target: 'http://127.0.0.1:1/mcp', progress: () => undefined };
  await expect(connect(request)).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: expect.stringContaining('`progress` is beside `target`') as string,
  });
});

test('calls what an output of a stack names, signed with the keys of the profile', async () => {
  awsHome({
    config: '[profile deployed]\nregion = eu-west-1\n',
    credentials: `[deployed]\naws_access_key_id = ${KEYS.accessKeyId}\naws_secret_access_key = ${KEYS.secretAccessKey}\n`,
  });
  process.env.AWS_PROFILE = 'deployed';
  const { url, arn, origin } = await deploy();
  const { signedFor } = await cloudFormation({ Url: url, Arn: arn });

  for (const target of ['stack:Expenses/Url', 'stack:Expenses/Arn']) {
    await using client = await connect({
      target,
      ...(target.endsWith('Arn') && { endpointUrl: origin, qualifier: 'DEFAULT' }),
    });
    expect((await client.listTools()).map(({ name }) => name)).toContain('count');
  }
  expect(signedFor[0]).toMatch(/^AKIDLOCAL\/\d+\/eu-west-1\/cloudformation\/aws4_request$/);
});

test('says what is wrong with an output of a stack', async () => {
  awsHome({});
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
  await expect(resolveTarget('stack:Expenses/Url')).rejects.toMatchObject({
    code: 'ERR_STACK_OUTPUT',
    message: expect.stringContaining('pass `region`, or set AWS_REGION') as string,
  });
  await cloudFormation({ Url: 'http://127.0.0.1:1/mcp', Table: 'expenses' });
  const region = 'eu-west-1';
  await expect(resolveTarget('stack:Expenses/Uri', { region })).rejects.toMatchObject({
    code: 'ERR_STACK_OUTPUT',
    message: 'the stack Expenses has no output "Uri", it has: Url, Table',
  });
  await expect(resolveTarget('stack:Expenses/Table', { region })).rejects.toMatchObject({
    code: 'ERR_STACK_OUTPUT',
    message: expect.stringContaining('is "expenses", which is neither a URL nor the ARN') as string,
  });
  await expect(resolveTarget('stack:Other/Url', { region })).rejects.toMatchObject({
    code: 'ERR_STACK_OUTPUT',
    message: expect.stringContaining('does not exist') as string,
  });
});

test.each(['stack:Expenses/Url', ARN])('says when there are no credentials for %s', async target => {
  awsHome({});
  process.env.AWS_REGION = 'eu-west-1';
  const { signedFor } = await cloudFormation({});
  await expect(connect({ target, endpointUrl: 'http://127.0.0.1:9' })).rejects.toMatchObject({
    code: 'ERR_CREDENTIALS',
  });
  expect(signedFor).toEqual([]);
});

test('keys that are given are used for the stack, too', async () => {
  awsHome({});
  const { url } = await deploy();
  const { signedFor } = await cloudFormation({ Url: url });
  await using client = await connect({
    target: 'stack:Expenses/Url',
    region: 'eu-west-1',
    auth: sigV4({ credentials: KEYS }),
  });
  expect(client.serverInfo?.name).toBe('deployed');
  expect(signedFor[0]).toContain('AKIDLOCAL');
});

test('asks nobody for credentials when a URL needs none', async () => {
  awsHome({ config: '[default]\ncredential_process = /bin/false\n' });
  const { origin } = await deploy();
  await using client = await connect({ target: `${origin}/mcp` });
  expect(client.serverInfo?.name).toBe('deployed');
});
