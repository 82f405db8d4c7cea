// Real clients of every kind that must work against the kit, behind one face.
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

export const CLIENT_KINDS = ['SDK v1', 'SDK v2 legacy', 'SDK v2 modern'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];
export const LEGACY_KINDS = ['SDK v1', 'SDK v2 legacy'] as const;

export interface Answer {
  action: 'accept' | 'decline' | 'cancel';
  content?: Record<string, string | number | boolean | string[]> | undefined;
}

export interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

export interface Answers {
  elicit?: (params: {
    message: string;
    mode?: string;
    requestedSchema?: unknown;
    url?: string;
  }) => Answer | Promise<Answer>;
  sample?: (text: string) => string | Promise<string>;
}

export interface ToolResult {
  content: { type: string; text?: string }[];
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
}

export interface CallOptions {
  onprogress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export interface TestClient {
  readonly sessionId: string | undefined;
  call(tool: string, args?: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>;
  request(method: 'tools/list' | 'resources/list' | 'prompts/list'): Promise<Record<string, unknown>>;
  readResource(uri: string): Promise<string>;
  getPrompt(name: string, args: Record<string, string>): Promise<string>;
  terminateSession(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions extends Answers {
  /** How requests are made; over the network when left out. */
  fetch?: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Ways to ask that the client declares but the answers do not tell. */
  elicitationUrl?: boolean;
}

const opened: { close(): Promise<void> }[] = [];

/** Closes every client that was connected. */
export async function closeClients(): Promise<void> {
  await Promise.all(opened.splice(0).map(client => client.close()));
}

export async function connectClient(kind: ClientKind, url: string, options: ConnectOptions = {}): Promise<TestClient> {
  const client =
    kind === 'SDK v1' ? await connectV1(url, options) : await connectV2(url, options, kind === 'SDK v2 modern');
  opened.push(client);
  return client;
}

function capabilities({ elicit, sample, elicitationUrl }: ConnectOptions) {
  return {
    ...(elicit && { elicitation: { form: {}, ...(elicitationUrl && { url: {} }) } }),
    ...(sample && { sampling: {} }),
  };
}

function sampled(text: string) {
  return { role: 'assistant' as const, model: 'scripted', content: { type: 'text' as const, text } };
}

function promptOf(messages: { content: unknown }[]): string {
  const [content] = [messages[0]?.content].flat() as { text?: string }[];
  return content?.text ?? '';
}

async function connectV1(url: string, options: ConnectOptions): Promise<TestClient> {
  const { elicit, sample } = options;
  const client = new ClientV1({ name: 'v1', version: '1.0.0' }, { capabilities: capabilities(options) });
  if (elicit) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({ ...(await elicit(params)) }));
  }
  if (sample) {
    client.setRequestHandler(CreateMessageRequestSchema, async ({ params }) =>
      sampled(await sample(promptOf(params.messages))),
    );
  }
  const transport = new TransportV1(new URL(url), options.fetch ? { fetch: options.fetch } : {});
  await client.connect(transport);
  return {
    get sessionId() {
      return transport.sessionId;
    },
    call: async (name, args = {}, callOptions = {}) =>
      (await client.callTool({ name, arguments: args }, undefined, callOptions)) as ToolResult,
    request: async method =>
      method === 'tools/list'
        ? await client.listTools()
        : method === 'resources/list'
          ? await client.listResources()
          : await client.listPrompts(),
    readResource: async uri => JSON.stringify(await client.readResource({ uri })),
    getPrompt: async (name, args) => JSON.stringify(await client.getPrompt({ name, arguments: args })),
    terminateSession: () => transport.terminateSession(),
    close: () => client.close(),
  };
}

async function connectV2(url: string, options: ConnectOptions, modern: boolean): Promise<TestClient> {
  const { elicit, sample } = options;
  const client = new ClientV2(
    { name: 'v2', version: '1.0.0' },
    {
      capabilities: capabilities(options),
      ...(modern && { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
    },
  );
  if (elicit) {
    client.setRequestHandler('elicitation/create', async ({ params }) => ({ ...(await elicit(params)) }));
  }
  if (sample) {
    client.setRequestHandler('sampling/createMessage', async ({ params }) =>
      sampled(await sample(promptOf(params.messages))),
    );
  }
  const transport = new TransportV2(new URL(url), options.fetch ? { fetch: options.fetch } : {});
  await client.connect(transport);
  return {
    get sessionId() {
      return transport.sessionId;
    },
    call: async (name, args = {}, callOptions = {}) =>
      (await client.callTool({ name, arguments: args }, callOptions)) as ToolResult,
    request: async method =>
      method === 'tools/list'
        ? await client.listTools()
        : method === 'resources/list'
          ? await client.listResources()
          : await client.listPrompts(),
    readResource: async uri => JSON.stringify(await client.readResource({ uri })),
    getPrompt: async (name, args) => JSON.stringify(await client.getPrompt({ name, arguments: args })),
    terminateSession: () => transport.terminateSession(),
    close: () => client.close(),
  };
}

export function textOf(result: ToolResult): string {
  return result.content.map(({ text }) => text ?? '').join('');
}
