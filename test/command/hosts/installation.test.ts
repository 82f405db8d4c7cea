// How a host reaches a server: by itself, or through which program.
import type { InstallInvocation, TargetFlags } from '../../../command/src/command-line/invocation';
import { parseCommandLine } from '../../../command/src/command-line/command-line';
import { HOSTS } from '../../../command/src/hosts/hosts';
import { planInstallation } from '../../../command/src/hosts/installation';
import { cloudFormation } from '../../client/cloud-formation';
import { awsHome, restoreEnvironment } from '../../client/environment';
import { closeServers } from '../../client/servers';

beforeEach(() => void awsHome({}));
afterEach(closeServers);
afterEach(restoreEnvironment);

const ARN = 'arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/expenses-a1b2c3d4e5';
const PLATFORM_URL = `https://bedrock-agentcore.eu-central-1.amazonaws.com/runtimes/${encodeURIComponent(ARN)}/invocations?qualifier=DEFAULT`;

type Entry = Readonly<Record<string, unknown>> & { readonly args: string[] };

async function planned(args: string[]): Promise<Entry> {
  const invocation = (await parseCommandLine(['install', ...args])) as InstallInvocation & { target: TargetFlags };
  const host = HOSTS[invocation.host];
  const { name, entry } = await planInstallation(invocation, host);
  return host.entry(name, entry).members as Entry;
}

test.each<[string, string[], (string | RegExp)[]]>([
  ['an ARN is signed', ['claude', '--arn', ARN, '--qualifier', 'live'], ['proxy', ARN, '--qualifier', 'live']],
  ['a URL of AgentCore, too', ['vscode', '--url', PLATFORM_URL], ['proxy', PLATFORM_URL]],
  ['by a profile', ['goose', '--arn', ARN, '--profile', 'work'], ['proxy', ARN, '--sigv4', '--profile', 'work']],
  [
    'Claude Desktop signs in by the program',
    ['claude-desktop', '--url', PLATFORM_URL, '--client-id', 'desk', '--oauth-scope', 'a', '--callback-port', '4000'],
    ['proxy', PLATFORM_URL, '--oauth', '--client-id', 'desk', '--scope', 'a', '--callback-port', '4000'],
  ],
  [
    'programs get tokens by a secret of the environment',
    ['claude', '--url', 'https://h/mcp', '--client-credentials', '--client-id', 'agent'],
    ['proxy', 'https://h/mcp', '--client-credentials', '--client-id', 'agent', '--client-secret', 'MCP_CLIENT_SECRET'],
  ],
  [
    'goose gets a token by its name',
    ['goose', '--url', 'https://h/mcp', '--bearer', 'TOKEN'],
    ['proxy', 'https://h/mcp', '--bearer', 'TOKEN'],
  ],
])('through `proxy`: %s', async (_, args, expected) => {
  const entry = await planned(args);
  const [yes, itself, ...words] = entry.args;
  expect([entry.command ?? entry.cmd, yes, itself]).toEqual(['npx', '-y', expect.stringMatching(/^stateful-mcp@\d/)]);
  expect(words).toEqual(expected);
  // The command takes what it has written.
  await expect(parseCommandLine(words)).resolves.toMatchObject({ command: 'proxy' });
});

test('the profile of the shell goes along with what is for this user alone', async () => {
  process.env.AWS_PROFILE = 'work';
  expect((await planned(['cursor', '--arn', ARN])).args.slice(2)).toEqual([
    'proxy',
    ARN,
    '--sigv4',
    '--profile',
    'work',
  ]);
  expect((await planned(['cursor', '--arn', ARN, '--scope', 'project'])).args.slice(2)).toEqual(['proxy', ARN]);
});

test('through the proxy of AWS', async () => {
  expect(await planned(['kiro', '--arn', ARN, '--through', 'mcp-proxy-for-aws', '--profile', 'work'])).toEqual({
    command: 'uvx',
    args: [
      'mcp-proxy-for-aws-cli@latest',
      PLATFORM_URL,
      '--service',
      'bedrock-agentcore',
      '--region',
      'eu-central-1',
      '--profile',
      'work',
    ],
  });
});

describe('a stack', () => {
  const outputs = {
    ExpensesAuthUrl0A1B2C3D: PLATFORM_URL,
    ExpensesAuthClientId1B2C3D4E: 'people',
    ExpensesAuthScopes2C3D4E5F: 'Stack-Expenses/invoke openid',
    ExpensesAuthCallbackPort3D4E5F6A: '4118',
    ExpensesAuthMetadataUrl4E5F6A7B: 'https://m/.well-known/oauth-authorization-server',
    OtherAuthUrl0A1B2C3D: 'https://h/mcp',
    OtherAuthClientId1B2C3D4E: 'others',
    Arn: ARN,
    Plain: ARN.replace('expenses-', 'plain-'),
    Table: 'expenses',
  };
  beforeEach(async () => {
    await cloudFormation(outputs);
    Object.assign(process.env, { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
  });

  test('says how people sign in to a server of it', async () => {
    const oauth = {
      clientId: 'people',
      callbackPort: 4118,
      authServerMetadataUrl: 'https://m/.well-known/oauth-authorization-server',
      scopes: 'Stack-Expenses/invoke openid',
    };
    const entry = { type: 'http', url: PLATFORM_URL, oauth, timeout: 600_000 };
    expect(await planned(['claude', '--target', 'stack:Expenses/ExpensesAuthUrl0A1B2C3D'])).toEqual(entry);
    expect(await planned(['claude', '--target', 'stack:Expenses/Arn'])).toEqual(entry);
    const flags = [
      '--client-id',
      'mine',
      '--callback-port',
      '1',
      '--oauth-scope',
      's',
      '--server-metadata-url',
      'https://n',
    ];
    expect(await planned(['claude', '--target', 'stack:Expenses/Arn', ...flags])).toMatchObject({
      oauth: { clientId: 'mine', callbackPort: 1, authServerMetadataUrl: 'https://n', scopes: 's' },
    });
  });

  test('that says nothing of a server has it signed, and its program does not look at the stack', async () => {
    const { args } = await planned(['claude', '--target', 'stack:Expenses/Plain']);
    expect(args.slice(2)).toEqual(['proxy', ARN.replace('expenses-', 'plain-')]);
    await expect(planned(['claude', '--target', 'stack:Expenses/Table'])).rejects.toThrow(
      'is "expenses", which is neither a URL nor the ARN of a runtime',
    );
  });
});
