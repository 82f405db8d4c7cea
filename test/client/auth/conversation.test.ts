// What goes wrong in a conversation with a server behind AgentCore, for those who sign and for those who have tokens.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  bearer,
  connect,
  memoryTokenStore,
  oauth,
  sigV4,
  type Auth,
  type ConnectRequest,
  type SessionRestart,
  type StatefulMcpClient,
} from 'stateful-mcp-client';
import type { LocalRuntimeDefinition, LocalRuntimeOptions } from 'stateful-mcp-local';
import { bundleConversationServer } from '../../local/fixtures/conversation';
import { closeRuntimes, deploy, KEYS, said, type Deployed } from '../deployed';
import { restoreEnvironment, temporaryDirectory } from '../environment';
import { closeProviders, signInByHttp, startProvider, type RunningProvider } from './provider';

afterEach(async () => {
  restoreEnvironment();
  await closeRuntimes();
  closeProviders();
});

/** A server that takes tokens of a provider. */
const guarded = (
  { issuer }: RunningProvider,
  authorizer: Partial<NonNullable<LocalRuntimeDefinition['customJWTAuthorizer']>> = {},
  definition: Partial<LocalRuntimeDefinition> = {},
  options: Partial<LocalRuntimeOptions> = {},
): Promise<Deployed> =>
  deploy(
    {
      customJWTAuthorizer: {
        discoveryUrl: `${issuer}/.well-known/openid-configuration`,
        advertisedScopeMapping: { 'expenses:read': 'expenses:read' },
        ...authorizer,
      },
      ...definition,
    },
    { auth: 'platform-urls', credentials: [], ...options },
  );

const person = (pages: URL[] = []): Auth =>
  oauth({
    tokens: memoryTokenStore(),
    showUrl: page => void pages.push(page),
    openBrowser: page => signInByHttp(page),
  });

interface Conversation {
  readonly deployed: Deployed;
  readonly client: StatefulMcpClient;
  readonly restarts: SessionRestart[];
}

type Begin = (
  definition?: Partial<LocalRuntimeDefinition>,
  options?: Partial<LocalRuntimeOptions>,
) => Promise<Conversation>;

async function converse(deployed: Deployed, auth: Auth, settings: Partial<ConnectRequest> = {}): Promise<Conversation> {
  const restarts: SessionRestart[] = [];
  const onSessionRestarted = (restart: SessionRestart): void => void restarts.push(restart);
  const client = await connect({ target: deployed.url, auth, onSessionRestarted, ...settings });
  return { deployed, client, restarts };
}

const signed: Begin = async (...how) => converse(await deploy(...how), sigV4({ credentials: KEYS }));

const withTokens: Begin = async (...how) => converse(await guarded(await startProvider(), {}, ...how), person());

describe.each([
  ['signed', signed],
  ['with tokens', withTokens],
])('%s', (_, begin) => {
  test('a session that expires or crashes is replaced in the conversation', async () => {
    const { client, deployed, restarts } = await begin();
    expect(said(await client.callTool('count'))).toBe(1);
    expect(said(await client.callTool('count'))).toBe(2);
    await deployed.runtime.faults.expireSession(client.sessionId ?? '');
    expect(said(await client.callTool('count'))).toBe(1);
    await deployed.runtime.faults.crash(client.sessionId ?? '');
    expect(said(await client.callTool('count'))).toBe(1);
    expect(restarts).toHaveLength(2);
    await client.close();
  });

  test('a crash in the middle of a call is an error, and what comes then goes on', async () => {
    const { client } = await begin();
    await expect(client.callTool('crash')).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_/) as string });
    expect(said(await client.callTool('count'))).toBe(1);
    await client.close();
  });

  test('throttling is an error that says what to do, and the session stays', async () => {
    const { client, deployed } = await begin();
    expect(said(await client.callTool('count'))).toBe(1);
    deployed.runtime.faults.throttle({ rpcMethod: 'tools/call' });
    await expect(client.callTool('count')).rejects.toMatchObject({
      code: 'ERR_PLATFORM',
      message: expect.stringContaining('wait and try again') as string,
    });
    expect(said(await client.callTool('count'))).toBe(2);
    await client.close();
  });
});

test('a server that does not come up twice is waited for', async () => {
  const starts = path.join(temporaryDirectory(), 'starts');
  writeFileSync(starts, '');
  const server = path.join(__dirname, '../fixtures/deployed-server.mjs');
  const script = `echo >> "$STARTS"; [ $(wc -l < "$STARTS") -lt 3 ] && exec sleep 60; exec "$0" "$1"`;
  const { client } = await signed(
    {
      command: ['sh', '-c', script, process.execPath, server],
      environment: { STARTS: starts },
      startLimitMs: 4000,
    },
    { pooledProcesses: 0 },
  );
  expect(said(await client.callTool('count'))).toBe(1);
  await client.close();
});

test('a stream that breaks in a call is taken up again at the URL of the session, with its questions', async () => {
  const server = bundleConversationServer(temporaryDirectory());
  const deployed = await deploy({ command: [process.execPath, server], allowedPorts: [8000] });
  const { client } = await converse(deployed, sigV4({ credentials: KEYS }), {
    handlers: {
      elicitation: () => ({ action: 'accept', content: { name: 'Ana' } }),
      sampling: () => ({ role: 'assistant', model: 'scripted', content: { type: 'text', text: 'Hello Ana' } }),
    },
  });
  deployed.runtime.faults.dropStream({ rpcMethod: 'tools/call' });
  const result = await client.callTool('greet');
  expect(result.content).toEqual([{ type: 'text', text: 'Hello Ana' }]);
  await client.close();
});

test('a token that expires while a person answers is renewed in the middle of the call', async () => {
  const provider = await startProvider({ lifetimeSeconds: 2 });
  const pages: URL[] = [];
  const { client } = await converse(await guarded(provider), person(pages), {
    handlers: {
      elicitation: async () => {
        await new Promise(resolve => setTimeout(resolve, 2500));
        return { action: 'accept', content: { amount: 3 } };
      },
    },
  });
  expect(said(await client.callTool('ask'))).toMatchObject({ action: 'accept', content: { amount: 3 } });
  expect(said(await client.callTool('count'))).toBe(1);
  await client.close();
  await provider.settled();
  expect(provider.grants('refresh_token').length).toBeGreaterThan(0);
  expect(pages).toHaveLength(1);
});

test('a token without a scope of the server is an error that names it, and starts nothing', async () => {
  const provider = await startProvider();
  const deployed = await guarded(provider, { allowedScopes: ['expenses:write'] });
  const response = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('agent:secret')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'expenses:read',
      resource: deployed.url,
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  const refused = connect({ target: deployed.url, auth: bearer(token) });
  await expect(refused).rejects.toMatchObject({
    code: 'ERR_INSUFFICIENT_SCOPE',
    message: expect.stringContaining('expenses:write') as string,
  });
  expect(deployed.runtime.sessions()).toEqual([]);
});
