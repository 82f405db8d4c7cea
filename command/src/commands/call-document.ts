import type { CallToolResult, StatefulMcpClient } from 'stateful-mcp-client';
import type { CallDocument } from '../common/json-documents';

/** A call and what came of it, for programs. */
export function callDocument(
  server: string,
  { sessionId }: Pick<StatefulMcpClient, 'sessionId'>,
  { tool, args, result }: { tool: string; args: Record<string, unknown>; result: CallToolResult },
): CallDocument {
  return {
    server,
    ...(sessionId !== undefined && { session: sessionId }),
    tool,
    arguments: args,
    isError: result.isError === true,
    content: result.content,
    ...(result.structuredContent !== undefined && { structuredContent: result.structuredContent }),
  };
}
