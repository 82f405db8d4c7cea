import {
  createMcpHandler,
  isJSONRPCErrorResponse,
  ProtocolErrorCode,
  type AuthInfo,
  type JSONRPCMessage,
  type McpHttpHandler,
  type McpServer,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import { MCP_SESSION_ID } from 'stateful-mcp-contract';
import { setCallContext, type RequestState } from '../interaction/call-context';
import { ServerKitError } from '../common/errors';
import { hasOutputSchema } from '../session/output-schema';
import { endedBeforeAnswer, isJsonObject, JsonRpcCode, jsonRpcError, requestIdOf, toolOf } from '../common/json-rpc';
import { invalidParams } from '../common/request-params';
import { sendable } from '../common/sendable';
import { keptForReader, Readers } from '../http/kept-for-reader';
import { streamWhenLate } from '../http/late-stream';
import type { Log } from '../common/log';
import type { OpenCalls } from '../http/open-calls';
import type { PrincipalOf } from '../common/principal';
import type { RequestStateCodec } from '../request-state/request-state';
import { isEventStream, untilResponded } from '../http/response-body';

const STATE_LIFETIME_MS = 600_000;

export interface ModernRequestsOptions {
  readonly createServer: (request: Request, authInfo: AuthInfo | undefined) => Promise<McpServer>;
  readonly principalOf: PrincipalOf;
  readonly openCalls: OpenCalls;
  readonly keepAliveMs: number;
  readonly verifyRequestState: boolean;
  readonly requestStateCodec: RequestStateCodec;
  /** The SDK turns what a factory throws into a 500 without a word. */
  readonly onFactoryError: (error: unknown) => void;
  readonly log: Log;
}

/** What is known of a request while it is served. */
interface Exchange {
  readonly readers: Readers;
  /** The instance that serves it, to end it when the client goes away before there is a response. */
  server?: McpServer;
  /** Which capability it lacks, and what to do, in the words of the kit. */
  unsupported?: string;
}

/** The modern era (protocol 2026-07-28): each request has a server instance of its own, and nothing stays behind. */
export class ModernRequests {
  private readonly options: ModernRequestsOptions;
  private readonly handler: McpHttpHandler;
  private readonly exchanges = new WeakMap<Request, Exchange>();
  /** The ids of requests without a response. */
  private readonly unanswered = new Map<Exchange, string | number>();

  public constructor(options: ModernRequestsOptions) {
    this.options = options;
    this.handler = createMcpHandler(
      async ({ requestInfo, authInfo }) => await this.createServer(requestInfo!, authInfo),
      {
        legacy: 'reject',
        responseMode: 'auto',
        keepAliveMs: options.keepAliveMs,
      },
    );
  }

  /** Publishes changes to clients that listen with `subscriptions/listen`. */
  public get notify(): ServerNotifier {
    return this.handler.notify;
  }

  public async handle(request: Request, body: unknown, authInfo: AuthInfo | undefined): Promise<Response> {
    const problem = invalidParams(body, 'modern');
    if (problem !== undefined) {
      return jsonRpcError(200, JsonRpcCode.invalidParams, problem, body);
    }
    const principal = this.options.principalOf(request, authInfo);
    const state = this.requestState(body, principal);
    if (!state) {
      // Not a 400: AgentCore replaces the body of those, and the client would not learn why.
      return jsonRpcError(200, JsonRpcCode.invalidParams, 'Invalid or expired requestState', body, {
        reason: 'invalid_request_state',
      });
    }
    const { openCalls, keepAliveMs } = this.options;
    const exchange: Exchange = { readers: new Readers() };
    this.exchanges.set(request, exchange);
    setCallContext(request, {
      requestState: state,
      caller: principal || request.headers.get(MCP_SESSION_ID) || undefined,
      hasOutputSchema: id => hasOutputSchema(exchange.server, toolOf(body, id)),
      explainUnsupported: reason => {
        exchange.unsupported = reason;
      },
      beginCall: () => openCalls.begin(),
    });
    const answer = this.handler.fetch(request, { parsedBody: body, ...(authInfo && { authInfo }) });
    const id = requestIdOf(body);
    if (id === null || isSubscription(body)) {
      return kept(await answer, exchange.readers);
    }

    const end = openCalls.begin();
    this.unanswered.set(exchange, id);
    return await untilResponded(
      async () =>
        kept(await streamWhenLate(answer, keepAliveMs, () => void exchange.server?.close()), exchange.readers),
      () => {
        this.unanswered.delete(exchange);
        end();
      },
    );
  }

  public async close(): Promise<void> {
    for (const [{ server }, id] of this.unanswered) {
      const transport = server?.server.transport;
      // It fails where the response is on its way.
      await transport?.send(endedBeforeAnswer(id)).catch(() => undefined);
    }
    await this.handler.close();
  }

  private async createServer(request: Request, authInfo: AuthInfo | undefined): Promise<McpServer> {
    try {
      const server = await this.options.createServer(request, authInfo);
      const exchange = this.exchanges.get(request)!;
      exchange.server = server;
      changeMessages(server, exchange);
      return server;
    } catch (error) {
      this.options.onFactoryError(error);
      throw error;
    }
  }

  /** Undefined when the request carries a state that is not ours, was changed or has expired. */
  private requestState(body: unknown, principal: string): RequestState | undefined {
    const { requestStateCodec: codec, verifyRequestState, log } = this.options;
    const { method, params } = isJsonObject(body) ? body : {};
    const binding = { method, params, principal };
    const carried = isJsonObject(params) ? params['requestState'] : undefined;
    const verify = (): unknown => (carried === undefined ? undefined : codec.verify(carried, binding));
    const mint: RequestState['mint'] = (payload, lifetimeMs = STATE_LIFETIME_MS, protection = 'signed') =>
      codec.mint(payload, binding, lifetimeMs, protection);
    if (!verifyRequestState) {
      return { read: verify, mint };
    }
    try {
      const payload = verify();
      return { read: () => payload, mint };
    } catch (error) {
      if (!(error instanceof ServerKitError) || error.code !== 'ERR_REQUEST_STATE_INVALID') {
        throw error;
      }
      log({ level: 'error', event: 'request-state-refused', message: error.message });
      return undefined;
    }
  }
}

function kept(response: Response, readers: Readers): Response {
  return isEventStream(response) ? keptForReader(response, readers) : response;
}

/** The transport of a request is the SDK's own. */
function changeMessages({ server }: McpServer, exchange: Exchange): void {
  const connect = server.connect.bind(server);
  server.connect = async transport => {
    const send = transport.send.bind(transport);
    transport.send = async (message, options) => {
      await send(sendable(explained(message, exchange)), options);
      // A response is the last message.
      if ('method' in message) {
        await exchange.readers.keptUp();
      }
    };
    await connect(transport);
  };
}

/** The SDK's text for a capability that is not declared says neither which one it is nor what to do. */
function explained(message: JSONRPCMessage, { unsupported }: Exchange): JSONRPCMessage {
  return unsupported !== undefined &&
    isJSONRPCErrorResponse(message) &&
    message.error.code === Number(ProtocolErrorCode.MissingRequiredClientCapability)
    ? { ...message, error: { ...message.error, message: unsupported } }
    : message;
}

/** A subscription stays open for as long as the client likes; it is not work. */
function isSubscription(body: unknown): boolean {
  return isJsonObject(body) && body['method'] === 'subscriptions/listen';
}
