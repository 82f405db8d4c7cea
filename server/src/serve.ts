import type { ServerNotifier } from '@modelcontextprotocol/server';
import { createMcpFetchHandler, type FetchHandlerOptions, type McpServerFactory } from './fetch-handler';
import { listenWith, type HttpListener, type ListenOptions } from './http/http-listener';
import { warmUpWhenIdle } from './idle-warm-up';

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
 * It verifies no token and binds sessions to no principal: whoever reaches the port and has a session id can use that
 * session. AgentCore Runtime checks callers before it calls a server, and each of its sessions has a process of its own.
 * Behind it, `principal: 'platform-user'` binds sessions and request state to the user that the platform names. On a
 * port that others reach, verify callers in front of it and pass a function as `principal`.
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
