import type { ClientCapabilities, RequestId, ServerContext } from '@modelcontextprotocol/server';
import { ServerKitError } from '../common/errors';
import type { StateProtection } from '../request-state/request-state';

/** The signed state of one modern request, bound to its method, tool, arguments and principal. */
export interface RequestState {
  /** What the round before minted; undefined in the first round. */
  read(): unknown;
  /**
   * The text to return as `requestState`.
   * @param payload - anything that JSON can hold; no secrets unless it is encrypted
   * @param lifetimeMs - after which it is refused, at most 2147483647 (24.8 days). @default 600000 (10 minutes)
   * @param protection - whether the client can read it (`signed`) or not (`encrypted`). @default 'signed'
   */
  mint(payload: unknown, lifetimeMs?: number, protection?: StateProtection): string;
}

/** What the kit knows about a call beyond what the SDK hands to a handler. */
export interface CallContext {
  /** Legacy era: what the client declared in `initialize`. */
  readonly clientCapabilities?: () => ClientCapabilities | undefined;
  /** Legacy era: the protocol revision that was agreed on in `initialize`. */
  readonly protocolVersion?: () => string | undefined;
  /** Whether the results of the tool that the request of an id calls have a schema. */
  readonly hasOutputSchema: (id: RequestId) => boolean;
  /** Modern era only. */
  readonly requestState?: RequestState;
  /** Modern era: whom the limit of parked conversations counts for; undefined when nothing tells callers apart. */
  readonly caller?: string | undefined;
  /** Modern era only: what the protocol's error for a capability that is not declared is to say. */
  readonly explainUnsupported?: (reason: string) => void;
  /** Legacy era without a session: nothing can be asked. */
  readonly stateless?: boolean;
  /** Counts a call that outlives its exchange; the function given back ends it. */
  readonly beginCall: () => () => void;
}

/** Keyed by the request itself, which the SDK hands through to the handler as `ctx.http.req`. */
const contexts = new WeakMap<Request, CallContext>();

export function setCallContext(request: Request, context: CallContext): void {
  contexts.set(request, context);
}

export function callContextOf(ctx: ServerContext): CallContext {
  const context = ctx.http?.req && contexts.get(ctx.http.req);
  if (context) {
    return context;
  }
  throw new ServerKitError(
    'ERR_NOT_SERVED_BY_KIT',
    'this handler needs a server that is served with `serve()` or `createMcpFetchHandler()` of stateful-mcp-server',
  );
}

/**
 * The signed state of the modern request that is being handled, for handlers that write their rounds themselves
 * (`return inputRequired({ inputRequests, requestState: requestStateOf(ctx).mint(payload) })`); interactive handlers
 * need no such thing.
 *
 * The key is shared by all processes of a runtime, so the next round may be served by another one.
 * @throws ServerKitError `ERR_NOT_SERVED_BY_KIT` outside of the kit and in the legacy era, which has no request state
 */
export function requestStateOf(ctx: ServerContext): RequestState {
  const { requestState } = callContextOf(ctx);
  if (requestState) {
    return requestState;
  }
  throw new ServerKitError(
    'ERR_NOT_SERVED_BY_KIT',
    'a request of the legacy era has no request state: check `ctx.mcpReq.envelope` first',
  );
}
