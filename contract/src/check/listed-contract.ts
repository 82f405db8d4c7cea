import type { ContractPrompt, ContractTool, ServerContract } from './check-report';

/** How the SDK is told to ask anew, whatever it was allowed to keep, and how long it waits. */
interface ListOptions {
  readonly cacheMode: 'refresh';
  readonly timeout: number;
}

/** A client of the MCP SDK, which reads every page of a list. */
export interface ListingClient {
  getServerCapabilities():
    { readonly tools?: unknown; readonly prompts?: unknown; readonly resources?: unknown } | undefined;
  listTools(params: undefined, options: ListOptions): Promise<{ readonly tools: readonly ContractTool[] }>;
  listPrompts(params: undefined, options: ListOptions): Promise<{ readonly prompts: readonly ContractPrompt[] }>;
  listResources(params: undefined, options: ListOptions): Promise<{ readonly resources: readonly { uri: string }[] }>;
  listResourceTemplates(
    params: undefined,
    options: ListOptions,
  ): Promise<{ readonly resourceTemplates: readonly { uriTemplate: string }[] }>;
}

/** What a server offers, every page of it. */
export async function listedContract(client: ListingClient, timeout: number): Promise<ServerContract> {
  const { tools, prompts, resources } = client.getServerCapabilities() ?? {};
  const options: ListOptions = { cacheMode: 'refresh', timeout };
  const uris = resources ? (await client.listResources(undefined, options)).resources.map(({ uri }) => uri) : [];
  const templates = resources ? await listedTemplates(client, options) : [];
  return {
    tools: tools ? (await client.listTools(undefined, options)).tools.map(contractTool) : [],
    prompts: prompts ? (await client.listPrompts(undefined, options)).prompts.map(contractPrompt) : [],
    resources: [...uris, ...templates],
  };
}

/** A server with resources need not know of templates. */
async function listedTemplates(client: ListingClient, options: ListOptions): Promise<string[]> {
  try {
    const { resourceTemplates } = await client.listResourceTemplates(undefined, options);
    return resourceTemplates.map(({ uriTemplate }) => uriTemplate);
  } catch (error) {
    if ((error as { code?: unknown }).code === METHOD_NOT_FOUND) {
      return [];
    }
    throw error;
  }
}

const METHOD_NOT_FOUND = -32601;

function contractTool({ name, description, inputSchema, outputSchema }: ContractTool): ContractTool {
  return {
    name,
    ...(description !== undefined && { description }),
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
  };
}

function contractPrompt({ name, description, arguments: list }: ContractPrompt): ContractPrompt {
  return {
    name,
    ...(description !== undefined && { description }),
    ...(list !== undefined && {
      arguments: list.map(argument => ({
        name: argument.name,
        ...(argument.required !== undefined && { required: argument.required }),
      })),
    }),
  };
}
