// `proxy` driven by hosts that nobody here wrote: the clients of both SDKs at standard input and output.
import path from 'node:path';
import { Client as NewestClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as NewestTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { closeProviders, startProvider } from '../../client/auth/provider';
import { closeRuntimes, deploy, KEYS, type Deployed } from '../../client/deployed';
import { bundledServer, removeTemporaryFolders, temporaryFolder } from '../assembly';
import { COMMAND, endCommands, run, start } from '../run-command';

const hosts: Client[] = [];

afterEach(async () => {
  await Promise.all(hosts.splice(0).map(host => host.close()));
  endCommands();
  await closeRuntimes();
  closeProviders();
});
afterAll(removeTemporaryFolders);

const deployed = (...options: Parameters<typeof deploy>): Promise<Deployed> =>
  deploy(
    { command: [process.execPath, path.join(__dirname, '../fixtures/proxied-server.mjs')], ...options[0] },
    options[1],
  );

const signing = ({ origin }: Deployed): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: origin,
});

/** A host with all capabilities, which says that its name is Ana. */
async function host(args: string[], env: Record<string, string>): Promise<Client> {
  const client = new Client(
    { name: 'host', version: '1.0.0' },
    { capabilities: { elicitation: { form: {} }, sampling: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    // As a person, it fills in the fields that it is shown.
    const fields = Object.keys('requestedSchema' in params ? params.requestedSchema.properties : {});
    return { action: 'accept', content: Object.fromEntries(fields.map(field => [field, 'Ana'])) };
  });
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
    const [content] = [params.messages[0]?.content].flat();
    const said = content?.type === 'text' ? content.text : '';
    return { role: 'assistant', model: 'scripted', content: { type: 'text', text: `Model says: ${said}` } };
  });
  hosts.push(client);
  const home = temporaryFolder();
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [COMMAND, 'proxy', ...args],
      env: { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: home, ...env },
      stderr: 'ignore',
    }),
  );
  return client;
}

const textOf = (result: unknown): string | undefined =>
  (result as { content?: { text?: string }[] }).content?.[0]?.text;

test('progress, log, elicitation, sampling and changes of lists cross, by a signed way', async () => {
  const server = await deployed();
  const client = await host([server.arn], signing(server));
  const logged: unknown[] = [];
  const progress: unknown[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data));
  const changed = new Promise<void>(resolve => {
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve());
  });

  expect(client.getServerVersion()).toMatchObject({ name: 'proxied' });
  const result = await client.callTool({ name: 'converse' }, undefined, {
    onprogress: step => progress.push(step.message),
  });
  expect(textOf(result)).toBe('Model says: Greet Ana');
  expect(progress).toEqual(['asking']);
  expect(logged).toEqual(['thinking']);

  await client.callTool({ name: 'grow' });
  await changed;
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('grown');
});

test('a cancelled call is cancelled at the server', async () => {
  const server = await deployed();
  const client = await host([server.arn], signing(server));
  const over = new AbortController();
  const call = client.callTool({ name: 'wait' }, undefined, { signal: over.signal, onprogress: () => over.abort() });
  await expect(call).rejects.toThrow();
  for (;;) {
    if (textOf(await client.callTool({ name: 'cancelled' })) === '1') {
      return;
    }
  }
});

test('a session that is lost is replaced; the call that lost it says so', async () => {
  const server = await deployed();
  const client = await host([server.arn], signing(server));
  expect(textOf(await client.callTool({ name: 'count' }))).toBe('1');
  expect(textOf(await client.callTool({ name: 'count' }))).toBe('2');
  const crashed = await client.callTool({ name: 'crash' }).catch((error: Error) => ({
    isError: true,
    content: [{ type: 'text', text: error.message }],
  }));
  expect(crashed.isError).toBe(true);
  expect(textOf(await client.callTool({ name: 'count' }))).toBe('1');
});

test('ends with standard input, and ends the session with it', async () => {
  const server = await deployed();
  const client = await host([server.arn], signing(server));
  await client.callTool({ name: 'count' });
  expect(server.runtime.sessions().filter(({ state }) => state !== 'stopped')).toHaveLength(1);
  await client.close();
  while (server.runtime.sessions().some(({ state }) => state !== 'stopped')) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
});

test.each([{ pin: '2026-07-28' }, 'auto', 'legacy'] as const)(
  'a host of the newest SDK (%j) converses with a server of both eras',
  async mode => {
    const server = bundledServer();
    const { url } = await deploy(
      { command: [process.execPath, server], environment: { TMPDIR: temporaryFolder() } },
      { auth: 'off' },
    );
    const client = new NewestClient(
      { name: 'host', version: '1.0.0' },
      { capabilities: { sampling: {} }, versionNegotiation: { mode } },
    );
    client.setRequestHandler('sampling/createMessage', () => ({
      role: 'assistant',
      model: 'scripted',
      content: { type: 'text', text: 'Forty-two.' },
    }));
    const env = { PATH: process.env.PATH ?? '', HOME: temporaryFolder() };
    await client.connect(
      new NewestTransport({ command: process.execPath, args: [COMMAND, 'proxy', url], env, stderr: 'ignore' }),
    );
    try {
      expect(textOf(await client.callTool({ name: 'greet', arguments: { name: 'Zoe' } }))).toBe('hello Zoe, call 1');
      expect(textOf(await client.callTool({ name: 'think', arguments: {} }))).toBe('Forty-two.');
      const over = new AbortController();
      const waiting = client.callTool(
        { name: 'wait', arguments: {} },
        { signal: over.signal, onprogress: () => over.abort() },
      );
      await expect(waiting).rejects.toThrow();
      expect(textOf(await client.callTool({ name: 'report', arguments: {} }))).toBe('reported');
    } finally {
      await client.close();
    }
  },
);

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'host', version: '1.0.0' } },
};
const lines = (...messages: object[]): string => messages.map(message => `${JSON.stringify(message)}\n`).join('');

test('what cannot be reached is an answer to each request, and nothing else is on standard output', async () => {
  const { url, runtime } = await deployed();
  await runtime.close();
  const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'count' } };
  const proxying = start(['proxy', url], { input: lines(initialize, call), open: true });
  await proxying.until('"id":1');
  await proxying.until('"id":2');
  proxying.endInput();
  const { code, stdout } = await proxying.finished;
  expect(code).toBe(0);
  const answers = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>);
  expect(answers).toEqual(
    expect.arrayContaining([
      {
        jsonrpc: '2.0',
        id: 1,
        error: {
          code: -32603,
          message: expect.stringContaining('(ERR_CONNECTION_REFUSED)') as string,
          data: { code: 'ERR_CONNECTION_REFUSED' },
        },
      },
      {
        jsonrpc: '2.0',
        id: 2,
        result: {
          isError: true,
          content: [{ type: 'text', text: expect.stringContaining('nothing listens') as string }],
        },
      },
    ]),
  );
});

test('somebody who has not signed in is told how; the host may try again', async () => {
  const provider = await startProvider();
  const { url } = await deployed(
    {
      customJWTAuthorizer: {
        discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
        advertisedScopeMapping: { 'expenses:read': 'expenses:read' },
      },
    },
    { auth: 'platform-urls', credentials: [] },
  );
  const proxying = start(['proxy', url, '--oauth', '--client-id', 'desk', '--no-browser'], {
    input: lines(initialize, { ...initialize, id: 2 }),
    open: true,
  });
  await proxying.until('"id":1');
  await proxying.until('"id":2');
  proxying.endInput();
  const { code, stdout } = await proxying.finished;
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(2);
  expect(stdout).toContain('(ERR_SIGN_IN_REQUIRED): run `stateful-mcp login');
});

test('a secret that is missing, and a line that is no message, are not the end', async () => {
  const { url } = await deployed();
  const proxying = start(['proxy', url, '--bearer', 'NOT_SET'], {
    input: `no message\n${lines(initialize, { ...initialize, id: 2 })}`,
    open: true,
  });
  await proxying.until('"id":1');
  await proxying.until('"id":2');
  proxying.endInput();
  const { code, stdout } = await proxying.finished;
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(2);
  expect(stdout).toContain('`--bearer` names an environment variable that is empty or not set');
});

test('ends in the middle of a sign-in, too', async () => {
  const provider = await startProvider();
  const { url } = await deployed(
    { customJWTAuthorizer: { discoveryUrl: `${provider.issuer}/.well-known/openid-configuration` } },
    { auth: 'platform-urls', credentials: [] },
  );
  const proxying = start(['proxy', url, '--oauth', '--client-id', 'desk'], {
    env: { PATH: '/nowhere' },
    input: lines(initialize),
    open: true,
  });
  await proxying.until('Sign in to continue');
  proxying.endInput();
  expect(await proxying.finished).toMatchObject({ code: 0, stdout: '' });
});

test('wrong keys are an error that says so', async () => {
  const server = await deployed();
  const env = { ...signing(server), AWS_SECRET_ACCESS_KEY: 'other' };
  await expect(host([server.arn], env)).rejects.toThrow(/\(ERR_PLATFORM\)/);
});

test.each([
  [['proxy'], '`proxy` needs a server'],
  [['proxy', 'expenses'], 'pass a URL, the ARN of a runtime, or stack:STACK/OUTPUT'],
  [['proxy', 'http://h/mcp', 'more'], '`proxy` takes one server, got `more` as well'],
  [['proxy', 'http://h/mcp', '--bearer', '-'], '`--bearer -` reads standard input, which carries the protocol'],
])('refuses %j', async (words, message) => {
  expect(await run(words)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) as string });
});
