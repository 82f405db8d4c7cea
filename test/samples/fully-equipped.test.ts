import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { App, type IPropertyInjector } from 'aws-cdk-lib';
import type { LocalRuntimeOptions } from 'stateful-mcp-local';
import { McpPlatformVersion, McpStorage, StatefulMcpServer } from '../../lib';
import { removeTemporaryFolders } from '../../lib/private/common/temporary-folder';
import { FullyEquippedStack } from '../../samples/fully-equipped/stack';
import { closeClients, connectClient } from '../server/clients';
import { talkThroughAllTools } from './expense-conversation';
import { openExpenseTable, type ExpenseTable } from './expense-table';
import { newFolder } from '../local/assembly';
import { startProvider } from '../local/fixtures/provider';
import { startRuntime, type Started } from '../local/running';

let table: ExpenseTable;
beforeEach(async () => {
  process.env.CDK_STATEFUL_MCP_CACHE = newFolder();
  process.env.CDK_VALIDATION = 'false';
  table = await openExpenseTable();
});
afterEach(async () => {
  await closeClients();
  await table.close();
});
afterAll(removeTemporaryFolders);

/** What the server itself is asked, and what it has, goes to its log. */
const LOOKING = `
const { Server } = require('node:http');
const { emit } = Server.prototype;
Server.prototype.emit = function (event, request, ...others) {
  if (event === 'request') {
    console.log('asked', request.method, request.url, 'of', request.headers['x-tenant'] ?? 'nobody');
  }
  return emit.call(this, event, request, ...others);
};
console.log('mounts', process.env.STATEFUL_MCP_MOUNTS ?? 'nothing');
`;

interface RuntimeProperties {
  readonly EnvironmentVariables: Record<string, unknown>;
  readonly AuthorizerConfiguration: {
    readonly CustomJWTAuthorizer: { DiscoveryUrl: unknown; AllowedClients: unknown; readonly AllowedScopes: string[] };
  };
}

interface Deployed extends Started {
  readonly endpointUrl: string;
  /** A call as a machine of the pool, or of nobody it knows. */
  readonly fetchAs: (client: string) => Promise<(url: string | URL, init?: RequestInit) => Promise<Response>>;
}

/**
 * The program of the sample as it is, with props that its app adds, if any. Its template is what CloudFormation would
 * have made of it: a user pool with an issuer and clients, and here that is a real provider.
 */
async function deployed(
  more: Partial<LocalRuntimeOptions> = {},
  injectors: IPropertyInjector[] = [],
): Promise<Deployed> {
  const outdir = newFolder();
  const app = new App({ outdir, propertyInjectors: injectors });
  new FullyEquippedStack(app, 'Stack');
  app.synth();

  const file = path.join(outdir, 'Stack.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: RuntimeProperties }>;
  };
  const runtimes = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::BedrockAgentCore::Runtime');
  const [properties] = runtimes.map(({ Properties }) => Properties);
  const jwt = properties?.AuthorizerConfiguration.CustomJWTAuthorizer;
  const [scope = ''] = jwt?.AllowedScopes ?? [];
  const { issuer, end } = await startProvider('cognito-provider', scope);
  ends.push(end);
  Object.assign(jwt ?? {}, {
    DiscoveryUrl: `${issuer}/.well-known/openid-configuration`,
    AllowedClients: ['people', 'machine'],
  });
  // The table of the sample is one that there is already.
  const looking = path.join(newFolder(), 'looking.cjs');
  writeFileSync(looking, LOOKING);
  Object.assign(properties?.EnvironmentVariables ?? {}, table.environment, { NODE_OPTIONS: `--require ${looking}` });
  writeFileSync(file, JSON.stringify(template));

  const started = await startRuntime({ assembly: outdir, runtimes: [], auth: 'platform-urls', ...more });
  const invocationPath = started.runtime.runtimes[0]?.invocationPath.replace('=DEFAULT', '=live');
  const fetchAs: Deployed['fetchAs'] = async client => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:secret`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    return (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      headers.set('x-tenant', 'one');
      return fetch(url, { ...init, headers });
    };
  };
  return { ...started, endpointUrl: `${started.url}${invocationPath}`, fetchAs };
}

const ends: (() => void)[] = [];
afterEach(() => {
  ends.splice(0).forEach(end => {
    end();
  });
});

const status = async ({ endpointUrl }: Deployed, send: typeof fetch | Awaited<ReturnType<Deployed['fetchAs']>>) =>
  (
    await send(endpointUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    })
  ).status;

/** Each once. What is between two requests of a session, and pings of the platform, is of no interest. */
function seenBy({ log }: Deployed): string[] {
  const lines = log.map(({ line }) => line.trim()).filter(line => /^(?:asked POST|mounts) /.test(line));
  return [...new Set(lines)].sort();
}

test('the 15 lines of the sample run here, for callers with a token of its clients', async () => {
  const server = await deployed();
  expect(await status(server, fetch)).toBe(401);
  expect(await status(server, await server.fetchAs('other-machine'))).toBe(403);
  const asMachine = await server.fetchAs('machine');
  await talkThroughAllTools(
    options => connectClient('SDK v2 legacy', server.endpointUrl, { ...options, fetch: asMachine }),
    table,
  );
  expect(seenBy(server)).toEqual(['asked POST /mcp of nobody', 'mounts nothing']);
});

/** What an app, without a word in the sample, gives to all of its servers. */
class Everything implements IPropertyInjector {
  public readonly constructUniqueId = StatefulMcpServer.PROPERTY_INJECTION_ID;
  public inject(props: object): object {
    return {
      ...props,
      port: 9000,
      path: '/tools/mcp',
      platformVersion: McpPlatformVersion.V2,
      storage: [McpStorage.session('/mnt/notes')],
      forwardHeaders: ['X-Tenant'],
    };
  }
}

test('they do so with a port and a path, headers, storage and the warm-up hook', async () => {
  const server = await deployed({ pooledProcesses: 1 }, [new Everything()]);
  const asMachine = await server.fetchAs('machine');
  await talkThroughAllTools(
    options => connectClient('SDK v2 modern', server.endpointUrl, { ...options, fetch: asMachine }),
    table,
  );
  expect(seenBy(server)).toEqual([
    'asked POST /tools/mcp of one',
    'asked POST /warmup of nobody',
    expect.stringMatching(/^mounts .*"\/mnt\/notes"/),
  ]);
});
