import type { McpServer } from '@modelcontextprotocol/server';

/** Where the SDK keeps the tools of a server. It has no public way to ask for one. */
interface RegisteredTools {
  readonly _registeredTools?: Readonly<Record<string, { readonly outputSchema?: unknown } | undefined>>;
}

/** Whether the SDK will check the results of a tool against a schema. */
export function hasOutputSchema(server: McpServer | undefined, tool: string | undefined): boolean {
  const tools = (server as RegisteredTools | undefined)?._registeredTools;
  return tool !== undefined && tools?.[tool]?.outputSchema !== undefined;
}
