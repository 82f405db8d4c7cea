import type { ServerNotifier } from '@modelcontextprotocol/server';
import { createMcpFetchHandler, type FetchHandlerOptions, type McpServerFactory } from './fetch-handler';
import { listenWith, type HttpListener, type ListenOptions } from './http/http-listener';
import { warmUpWhenIdle } from './warm-up';

export interface ServeOptions extends FetchHandlerOptions, ListenOptions {}

export interface McpListener extends HttpListener {
  /**
   * Tells modern clients that listen what has changed. Sessions of the legacy era are told by their own server
   * instance.
   */
  readonly notify: ServerNotifier;
}

/**
 * Serves an MCP server over HTTP the way AgentCore Runtime calls it, in both protocol eras.
 *
 * @throws ServerKitError `ERR_INVALID_OPTION`, `ERR_PORT_IN_USE`
 */
export async function serve(factory: McpServerFactory, options: ServeOptions = {}): Promise<McpListener> {
  const { handler, listener } = await listenWith(() => createMcpFetchHandler(factory, options), options);
  const cancelWarmUp = warmUpWhenIdle(handler);
  const close = (): Promise<void> => {
    cancelWarmUp();
    return listener.close();
  };
  return { ...listener, close, [Symbol.asyncDispose]: close, notify: handler.notify };
}
