// A canary as it is synthesized, in front of a real local runtime with two versions. AgentCore's gateway is the one thing that
// is not real: a small proxy that does what its documentation says, by the rule and the targets of the template.
// https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-rules-session-stickiness.html
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import {
  GetAgentRuntimeEndpointCommand,
  UpdateAgentRuntimeEndpointCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Client, StreamableHTTPClientTransport, type FetchLike } from '@modelcontextprotocol/client';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { connect, sigV4, type StatefulMcpClient } from 'stateful-mcp-client';
import { LocalRuntime } from 'stateful-mcp-local';
import { McpCanary, McpRelease, McpServerCode, Packaging, StatefulMcpServer } from '../../lib';
import { removeTemporaryFolders } from '../../lib/private/common/temporary-folder';
import { signerOf } from '../../local/src/auth/signature';
import type { Exchange } from '../../local/src/http/exchange';
import { newFolder } from './assembly';
import { controlClient, CREDENTIALS } from './aws-clients';
import { bundleConversationServer } from './fixtures/conversation';

const REGION = 'us-east-1';
const GATEWAY_ID = 'canary-0123456789';
const HOST = `${GATEWAY_ID}.gateway.bedrock-agentcore.${REGION}.amazonaws.com`;
const SESSION_HEADER = 'x-amzn-bedrock-agentcore-runtime-session-id';
const SHORTEST_SESSION_ID = 33;

interface Variant {
  readonly TargetName: string;
  readonly Weight: number;
}

/** What the template says of the gateway. */
interface Canary {
  readonly path: string;
  readonly variants: readonly Variant[];
  /** Endpoints by the names of targets. */
  readonly qualifiers: ReadonlyMap<string, string>;
}

function canaryIn(stack: Stack): Canary {
  const template = Template.fromStack(stack);
  const propertiesOf = <T>(type: string): T[] =>
    Object.values(template.findResources(`AWS::BedrockAgentCore::${type}`)).map(
      ({ Properties }: { Properties?: unknown }) => Properties as T,
    );
  const targets = propertiesOf<{
    Name: string;
    TargetConfiguration: { Http: { AgentcoreRuntime: { Qualifier: string } } };
  }>('GatewayTarget');
  const [rule] = propertiesOf<{
    Conditions: { MatchPaths: { AnyOf: string[] } }[];
    Actions: { RouteToTarget: { WeightedRoute: { TrafficSplit: Variant[] } } }[];
  }>('GatewayRule');
  return {
    path: rule?.Conditions[0]?.MatchPaths.AnyOf[0] ?? '',
    variants: rule?.Actions[0]?.RouteToTarget.WeightedRoute.TrafficSplit ?? [],
    qualifiers: new Map(
      targets.map(({ Name, TargetConfiguration }) => [Name, TargetConfiguration.Http.AgentcoreRuntime.Qualifier]),
    ),
  };
}

interface GatewayParts {
  readonly canary: Canary;
  /** Of the runtime's endpoint DEFAULT. */
  readonly runtimeUrl: URL;
}

/** The proxy. It is as fair as weights are, but in turn instead of at random. */
class Gateway {
  /** The endpoint of each request that said no session, or one that was not known. */
  public readonly decisions: string[] = [];
  private readonly sessions = new Map<string, Variant>();
  private readonly given = new Map<Variant, number>();
  private readonly server = createServer((request, response) => {
    this.serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  public constructor(private readonly parts: GatewayParts) {}

  public async listen(): Promise<string> {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const body = Buffer.concat(chunks);
    const { canary, runtimeUrl } = this.parts;
    const sessionId = request.headers[SESSION_HEADER];
    if (!`${request.url}`.startsWith(canary.path.replace('*', '')) || request.method !== 'POST') {
      response.writeHead(request.method === 'POST' ? 404 : 405).end();
      return;
    }
    if (Array.isArray(sessionId) || (sessionId !== undefined && sessionId.length < SHORTEST_SESSION_ID)) {
      response.writeHead(400).end();
      return;
    }
    await this.checkSignature(request, body);

    const variant = this.sessions.get(sessionId ?? '') ?? this.decide();
    const url = new URL(runtimeUrl);
    url.searchParams.set('qualifier', canary.qualifiers.get(variant.TargetName) ?? '');
    const headers = Object.entries(request.headers).filter(
      ([name]) => !/^(?:host|connection|content-length|authorization|x-amz-.*|accept-encoding)$/.test(name),
    ) as [string, string][];
    // As the role of the gateway.
    const send = sigV4({ credentials: CREDENTIALS, region: REGION }).authorized(fetch, { url });
    const answer = await send(url, { method: 'POST', headers, body: body.toString() });
    const told = sessionId ?? answer.headers.get(SESSION_HEADER);
    if (told) {
      this.sessions.set(told, variant);
    }
    const passed = [...answer.headers].filter(([name]) => !/^(?:connection|keep-alive|transfer-encoding)$/.test(name));
    response.writeHead(answer.status, passed.flat());
    response.flushHeaders();
    await (answer.body ? pipeline(answer.body, response) : response.end());
  }

  /** The service looks at what was signed for its own name. */
  private async checkSignature(request: IncomingMessage, body: Buffer): Promise<void> {
    const exchange = {
      method: request.method,
      url: request.url,
      headers: { ...request.headers, host: HOST },
      rawHeaders: request.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 ? [name, name.toLowerCase() === 'host' ? HOST : (all[index + 1] ?? '')] : [],
      ),
      body: { readAll: () => Promise.resolve(body), tooLong: false },
    } as unknown as Exchange;
    await signerOf(exchange, { credentials: [CREDENTIALS], region: REGION, unsignedPayload: 'refuse' });
    const signed = /SignedHeaders=([^,]*)/.exec(request.headers.authorization ?? '')?.[1]?.split(';') ?? [];
    // Nobody on the way can move a session to another version.
    if (SESSION_HEADER in request.headers && !signed.includes(SESSION_HEADER)) {
      throw new Error('the session is not part of the signature');
    }
  }

  private decide(): Variant {
    const share = (variant: Variant): number => (this.given.get(variant) ?? 0) / variant.Weight;
    const [first, ...others] = this.parts.canary.variants;
    const variant = others.reduce((least, other) => (share(other) < share(least) ? other : least), first as Variant);
    this.given.set(variant, (this.given.get(variant) ?? 0) + 1);
    this.decisions.push(this.parts.canary.qualifiers.get(variant.TargetName) ?? '');
    return variant;
  }
}

/** Of a hundred new sessions, 25 get the candidate. */
const CANDIDATE_PERCENT = 25;
const open: (() => Promise<unknown>)[] = [];
let runtime: LocalRuntime | undefined;
let parts: GatewayParts;
let url: string;

beforeAll(startVersions);
afterEach(async () => {
  for (const close of open.splice(0).reverse()) {
    await close();
  }
});
afterAll(async () => {
  await runtime?.close();
  removeTemporaryFolders();
});

/** Two versions: that of `live` says that it is 1.0.0, that of `candidate` that it is 2.0.0. */
async function startVersions(): Promise<void> {
  process.env.CDK_STATEFUL_MCP_CACHE = newFolder();
  const [folder, outdir] = [newFolder(), newFolder()];
  const program = bundleConversationServer(folder);
  const app = new App({ outdir });
  const stack = new Stack(app, 'App');
  const server = new StatefulMcpServer(stack, 'Server', {
    runtimeName: 'conversation',
    code: McpServerCode.fromBundle(folder, 'index.js', { packaging: Packaging.zip() }),
    release: McpRelease.verified({ candidate: true }),
  });
  const canary = new McpCanary(stack, 'Canary', { server, candidatePercent: CANDIDATE_PERCENT });
  app.synth();
  const [, pieces] = (stack.resolve(canary.url) as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
  const known = [GATEWAY_ID, REGION, 'amazonaws.com'];
  url = pieces.map(piece => (typeof piece === 'string' ? piece : known.shift())).join('');

  runtime = new LocalRuntime({ assembly: outdir, credentials: [CREDENTIALS] });
  await runtime.ready;
  const { url: local } = await runtime.listen();
  const { invocationPath = '', arn = '' } = { ...runtime.runtimes[0] };
  writeFileSync(program, readFileSync(program, 'utf8').replace(/(name:"conversation",version:)"1.0.0"/, '$1"2.0.0"'));
  await runtime.publish('conversation', folder);
  const control = controlClient(local);
  const agentRuntimeId = arn.slice(arn.indexOf('/') + 1);
  for (const [endpointName, agentRuntimeVersion] of [
    ['live', '1'],
    ['candidate', '2'],
  ] as const) {
    const endpoint = { agentRuntimeId, endpointName };
    await control.send(new UpdateAgentRuntimeEndpointCommand({ ...endpoint, agentRuntimeVersion }));
    // It serves the version before until it is READY.
    while ((await control.send(new GetAgentRuntimeEndpointCommand(endpoint))).status !== 'READY') {
      await setTimeout(20);
    }
  }
  parts = { canary: canaryIn(stack), runtimeUrl: new URL(local + invocationPath) };
}

/** A new gateway, and a way to it. */
async function newGateway(): Promise<{ readonly gateway: Gateway; readonly through: FetchLike }> {
  const gateway = new Gateway(parts);
  const address = await gateway.listen();
  open.push(() => gateway.close());
  const through: FetchLike = (input, init) => fetch(String(input).replace(`https://${HOST}`, address), init);
  return { gateway, through };
}

function textOf({ content }: Awaited<ReturnType<StatefulMcpClient['callTool']>>): string {
  return content.map(part => (part.type === 'text' ? part.text : '')).join('');
}

test.each(['legacy', 'modern'] as const)(
  'in the %s era, a quarter of the sessions gets the candidate, and each keeps its version',
  async era => {
    const { gateway, through } = await newGateway();
    const versions: (string | undefined)[] = [];
    for (const word of ['one', 'two', 'three', 'four']) {
      const client = await connect(url, {
        era,
        fetch: through,
        auth: sigV4({ credentials: CREDENTIALS }),
        elicitation: () => ({ action: 'accept', content: { name: 'Ada' } }),
        sampling: ({ messages: [asked] }) => ({
          role: 'assistant',
          model: 'none',
          content: { type: 'text', text: `To be done: ${JSON.stringify(asked?.content)}` },
        }),
      });
      open.push(() => client.close());
      const steps: number[] = [];
      const greeted = await client.callTool('greet', {}, { onProgress: ({ progress }) => steps.push(progress) });
      expect(textOf(greeted)).toContain('To be done: {"type":"text","text":"Greet Ada"}');
      expect(steps).toEqual([1, 2, 3]);
      const [first = '', second = ''] = [
        textOf(await client.callTool('remember', { word })),
        textOf(await client.callTool('remember', { word: 'again' })),
      ];
      expect(second).toBe(`${first} again`);
      versions.push(client.serverInfo?.version);
    }
    expect(versions).toEqual(['1.0.0', '2.0.0', '1.0.0', '1.0.0']);
    // One decision for each: every further request named its session.
    expect(gateway.decisions).toEqual(['live', 'candidate', 'live', 'live']);
  },
);

test('of a client that names no session, each request is split anew', async () => {
  const { gateway, through } = await newGateway();
  const client = new Client({ name: 'other', version: '1.0.0' });
  const signed = sigV4({ credentials: CREDENTIALS }).authorized(through, { url: new URL(url) });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: signed }));
  open.push(() => client.close());
  await client.listTools();
  expect(gateway.decisions.length).toBeGreaterThan(1);
  expect(gateway.decisions).toContain('candidate');
});
