// Clients that start a program and speak to it by its standard input and output, as hosts do with a proxy to a remote
// server.
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as TransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { textOf, type LEGACY_KINDS, type Progress, type ToolResult } from '../../server/clients';

export interface Program {
  readonly command: string;
  readonly args: string[];
  readonly env?: Record<string, string>;
}

export interface StdioClient {
  call(tool: string, args?: Record<string, unknown>, onprogress?: (progress: Progress) => void): Promise<string>;
  close(): Promise<void>;
}

const opened: StdioClient[] = [];

/** Closes every client that was connected, and with it its program. */
export async function closeStdioClients(): Promise<void> {
  await Promise.all(opened.splice(0).map(client => client.close()));
}

/** A client that says `name` when it is asked, and repeats what its model is to answer. */
export async function connectByStdio(
  kind: (typeof LEGACY_KINDS)[number],
  program: Program,
  name: string,
): Promise<StdioClient> {
  const connected = kind === 'SDK v1' ? await connectV1(program, name) : await connectV2(program, name);
  opened.push(connected);
  return connected;
}

const INFO = { name: 'stdio-tests', version: '1.0.0' };
const CAPABILITIES = { elicitation: { form: {} }, sampling: {} };

/** As a person, it fills in the fields that it is shown. */
function accepted(name: string, params: object) {
  const form = 'requestedSchema' in params ? (params.requestedSchema as { properties: object }) : { properties: {} };
  const content = Object.fromEntries(Object.keys(form.properties).map(field => [field, name]));
  return { action: 'accept' as const, content };
}

function repeated(messages: { content: unknown }[]) {
  const [content] = [messages[0]?.content].flat() as { text?: string }[];
  return {
    role: 'assistant' as const,
    model: 'scripted',
    content: { type: 'text' as const, text: `Model says: ${content?.text ?? ''}` },
  };
}

async function connectV1(program: Program, name: string): Promise<StdioClient> {
  const client = new ClientV1(INFO, { capabilities: CAPABILITIES });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => accepted(name, params));
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => repeated(params.messages));
  await client.connect(new TransportV1({ ...program, stderr: 'inherit' }));
  return {
    call: async (tool, args = {}, onprogress) =>
      textOf((await client.callTool({ name: tool, arguments: args }, undefined, { onprogress })) as ToolResult),
    close: () => client.close(),
  };
}

async function connectV2(program: Program, name: string): Promise<StdioClient> {
  const client = new ClientV2(INFO, { capabilities: CAPABILITIES });
  client.setRequestHandler('elicitation/create', ({ params }) => accepted(name, params));
  client.setRequestHandler('sampling/createMessage', ({ params }) => repeated(params.messages));
  await client.connect(new TransportV2({ ...program, stderr: 'inherit' }));
  return {
    call: async (tool, args = {}, onprogress) =>
      textOf((await client.callTool({ name: tool, arguments: args }, { onprogress })) as ToolResult),
    close: () => client.close(),
  };
}

/**
 * Two clients, each with a proxy of its own, hold the whole conversation with the server of ../local/conversation, and
 * their sessions are kept apart.
 */
export async function converseThroughProxies(
  kind: (typeof LEGACY_KINDS)[number],
  newProxy: () => Program,
): Promise<void> {
  const [one, other] = await Promise.all(['Ana', 'Bo'].map(name => connectByStdio(kind, newProxy(), name)));
  const progress: Progress[] = [];
  expect(await one?.call('greet', {}, step => progress.push(step))).toBe('Model says: Greet Ana');
  // The SDK's clients lose a report that arrives in one piece with the result.
  expect(progress.map(({ message }) => message).slice(0, 2)).toEqual(['asking', 'sampling']);
  expect(await other?.call('greet')).toBe('Model says: Greet Bo');
  await one?.call('remember', { word: 'red' });
  expect(await other?.call('remember', { word: 'blue' })).toMatch(/^\d+: blue$/);
  expect(await one?.call('remember', { word: 'green' })).toMatch(/^\d+: red green$/);
}
