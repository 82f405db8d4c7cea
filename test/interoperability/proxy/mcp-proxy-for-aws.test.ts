import { CREDENTIALS } from '../../local/aws-clients';
import { newFolder } from '../../local/assembly';
import { bundleConversationServer } from '../../local/fixtures/conversation';
import { nextStop, startRuntime, type Started } from '../../local/running';
import { LEGACY_KINDS } from '../../server/clients';
import { pythonEnvironment } from '../python/python-environment';
import { closeStdioClients, connectByStdio, converseThroughProxies, type Program } from './stdio-conversation';

const program = pythonEnvironment('mcp-proxy-for-aws==1.7.0');

let server: string;
beforeAll(() => {
  server = bundleConversationServer(newFolder());
});
afterEach(closeStdioClients);

const start = (): Promise<Started> =>
  startRuntime({
    runtimes: [{ name: 'conversation', command: [process.execPath, server] }],
    credentials: [CREDENTIALS],
    auth: 'platform-urls',
  });

/** The proxy, which signs for the URL that AgentCore has for the runtime. */
function proxyTo({ runtime, url }: Started, secretAccessKey = CREDENTIALS.secretAccessKey): Program {
  return {
    command: program('mcp-proxy-for-aws'),
    args: [
      `${url}${runtime.runtimes[0]?.invocationPath}`,
      '--service',
      'bedrock-agentcore',
      '--region',
      'us-east-1',
      '--disable-telemetry',
      '--log-level',
      'CRITICAL',
    ],
    // `--region` is that of the signature; the one in the environment goes along as metadata, and has to be known.
    env: {
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  };
}

test.each(LEGACY_KINDS)(
  '%s through mcp-proxy-for-aws: signed, with elicitation, sampling and progress, in a session for each proxy',
  async kind => {
    const started = await start();
    await converseThroughProxies(kind, () => proxyTo(started));
    expect(started.runtime.sessions()).toHaveLength(2);
  },
);

test('mcp-proxy-for-aws ends its session when its client leaves', async () => {
  const started = await start();
  const client = await connectByStdio('SDK v1', proxyTo(started), 'Ana');
  await client.call('remember', { word: 'red' });
  expect(started.runtime.sessions()).toHaveLength(1);
  const stopped = nextStop(started.runtime);
  await client.close();
  expect((await stopped).reason).toBe('deleted');
});

test('mcp-proxy-for-aws with another secret is refused before a server starts', async () => {
  const started = await start();
  await expect(connectByStdio('SDK v1', proxyTo(started, 'wrong'), 'Ana')).rejects.toThrow(
    /-32002: Authorization error/,
  );
  expect(started.runtime.sessions()).toEqual([]);
});
