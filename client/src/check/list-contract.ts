import type { Client } from '@modelcontextprotocol/client';
import type { ContractPrompt, ContractTool, ServerContract } from 'stateful-mcp-contract';

/** Has the SDK ask anew, whatever it was allowed to keep. */
const ANEW = { cacheMode: 'refresh' } as const;

/** What a server offers, every page of it. */
export async function listedContract(mcp: Client, timeout: number): Promise<ServerContract> {
  const { tools, prompts, resources } = mcp.getServerCapabilities() ?? {};
  const options = { ...ANEW, timeout };
  const uris = resources ? (await mcp.listResources(undefined, options)).resources.map(({ uri }) => uri) : [];
  const templates = resources ? await listedTemplates(mcp, options) : [];
  return {
    tools: tools ? (await mcp.listTools(undefined, options)).tools.map(contractTool) : [],
    prompts: prompts ? (await mcp.listPrompts(undefined, options)).prompts.map(contractPrompt) : [],
    resources: [...uris, ...templates],
  };
}

/** A server with resources need not know of templates. */
async function listedTemplates(mcp: Client, options: typeof ANEW & { timeout: number }): Promise<string[]> {
  try {
    const { resourceTemplates } = await mcp.listResourceTemplates(undefined, options);
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
