import { StatefulMcpClientError } from 'stateful-mcp-client';

/** What happened, what to do, and the code that the documentation has more of. */
export function clientErrorText(error: Error): string {
  return error instanceof StatefulMcpClientError ? `${error.message} (${error.code})` : error.message;
}
