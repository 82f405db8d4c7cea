import { StatefulMcpClientError } from 'stateful-mcp-client';
import { LocalRuntimeError } from 'stateful-mcp-local';
import { clientErrorText } from './client-error-text';
import { CommandError } from './command-error';

/** An error so that the user who caused it can read it: with its stack only when it is unexpected. */
export function errorText(error: unknown): string {
  if (error instanceof CommandError || error instanceof StatefulMcpClientError || error instanceof LocalRuntimeError) {
    return clientErrorText(error);
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
