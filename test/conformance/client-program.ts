// What the official suite starts for each scenario of a client: `connect()`, then whatever a program does with a
// server. Its last argument is the URL; what a scenario hands to it is in variables.
import {
  clientCredentials,
  connect,
  memoryTokenStore,
  oauth,
  type OAuth,
  type StatefulMcpClient,
  type Tool,
} from 'stateful-mcp-client';

/** Known to the suite: what a client id metadata document would be at. */
const CLIENT_METADATA_URL = 'https://conformance-test.local/client-metadata.json';
const HARMLESS: Readonly<Record<string, unknown>> = { string: 'text', number: 5, integer: 3, boolean: true };

interface Context {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly private_key_pem?: string;
  readonly signing_algorithm?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly arguments?: Record<string, unknown> }[];
}

const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as Context;

void main(process.argv.at(-1) ?? '');

async function main(url: string): Promise<void> {
  const client = await connect({
    target: url,
    era: (process.env.MCP_CONFORMANCE_PROTOCOL_VERSION ?? '') >= '2026' ? 'modern' : 'legacy',
    ...(scenario.startsWith('auth/') && { auth: credentials() }),
    handlers: {
      elicitation: () => ({ action: 'accept', content: {} }),
      urlElicitation: () => ({ action: 'accept' }),
      sampling: () => ({ role: 'assistant', model: 'none', content: { type: 'text', text: 'said' } }),
    },
    connectTimeoutMs: 20_000,
    callTimeoutMs: 20_000,
  });
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

async function use(client: StatefulMcpClient): Promise<void> {
  const tools = await client.listTools();
  const calls = context.toolCalls ?? tools.map(tool => ({ name: tool.name, arguments: argumentsFor(tool) }));
  for (const call of calls) {
    try {
      await client.callTool(call.name, call.arguments);
    } catch (error) {
      console.error(`${call.name}: ${String(error)}`);
    }
  }
}

function argumentsFor({ inputSchema }: Tool): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries((inputSchema.properties ?? {}) as Record<string, { type?: string }>).map(([name, { type }]) => [
      name,
      HARMLESS[type ?? ''] ?? 'text',
    ]),
  );
}

/** The pages of the suite's authorization server sign everybody in who comes. */
function credentials(): OAuth {
  const { client_id: clientId, client_secret: clientSecret, private_key_pem: privateKey } = context;
  if (scenario.includes('client-credentials') && clientId !== undefined) {
    return clientCredentials({
      clientId,
      ...(privateKey === undefined
        ? { clientSecret }
        : { privateKey, algorithm: context.signing_algorithm ?? 'ES256' }),
    });
  }
  return oauth({
    clientMetadataUrl: CLIENT_METADATA_URL,
    tokens: memoryTokenStore(),
    showUrl: () => undefined,
    openBrowser: page => fetch(page),
    signInTimeoutMs: 15_000,
    ...(clientId !== undefined && { clientId, ...(clientSecret !== undefined && { clientSecret }) }),
  });
}
