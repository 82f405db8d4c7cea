import { McpServer, type AuthInfo, type McpRequestContext, type ServerNotifier } from '@modelcontextprotocol/server';
import { ServerKitError } from './common/errors';
import { HttpFace, logFailure, mcpPath, type HttpFaceOptions, type HttpHandler, type Warmup } from './http/http-face';
import { logOf } from './common/log';
import { ModernRequests } from './era/modern-requests';
import { principalBy, type PrincipalOptions } from './common/principal';
import { OpenCalls } from './http/open-calls';
import { RequestStateCodec } from './request-state/request-state';
import { serverPeer } from './session/session-peer';
import { SessionDirectory, type SessionDirectoryOptions } from './session/session-directory';
import { sessionSettings, type SessionSettingsOptions } from './session/session-settings';
import { Sessions } from './session/sessions';
import { StatelessRequests } from './era/stateless-requests';
import type { SelfTestOptions } from './warm-up/self-test';
import { checkedSelfTest, warmupOf } from './warm-up/warmup';

/**
 * Makes a new server instance: one for each session in the legacy era, one for each request in the modern era.
 * State that several calls share belongs outside of it.
 */
export type McpServerFactory = (context: McpRequestContext) => McpServer | Promise<McpServer>;

export interface FetchHandlerOptions
  extends HttpFaceOptions, SessionSettingsOptions, SessionDirectoryOptions, PrincipalOptions, SelfTestOptions {
  /**
   * Whether the legacy era (protocol 2025-11-25 and before) is served without sessions: each request by a server
   * instance of its own, in whichever process it reaches. An interactive handler that asks such a client something gets
   * `ERR_STATELESS`, and the client the reason; a fallback of `io.sample`, progress and logs work. The modern era keeps
   * no sessions anyway: there nothing changes.
   * @default false
   */
  readonly stateless?: boolean;
  /**
   * Whether every `requestState` of the modern era must be one that this package minted; others get the protocol's
   * error -32602. Set it to false only for a server whose own handlers mint and verify states of another kind;
   * interactive handlers verify theirs all the same.
   * @default true
   */
  readonly verifyRequestState?: boolean;
}

export interface McpFetchHandler extends HttpHandler {
  /**
   * Tells modern clients that listen what has changed. Sessions of the legacy era are told by their own server
   * instance.
   */
  readonly notify: ServerNotifier;
}

/**
 * The web-standard core: a function from `Request` to `Response` that serves both protocol eras, `GET /ping`, and
 * `POST /warmup`, with which AgentCore Runtime has a new version warmed up.
 *
 * It draws nothing random, reads no clock and no key before the first request. It does not check `Host` and `Origin`;
 * `serve()` does where it listens on loopback.
 * @throws ServerKitError `ERR_INVALID_OPTION`
 */
export function createMcpFetchHandler(factory: McpServerFactory, options: FetchHandlerOptions = {}): McpFetchHandler {
  const openCalls = new OpenCalls();
  const settings = sessionSettings(options);
  const { keepAliveMs } = settings;
  const log = logOf(options);
  const principalOf = principalBy(options);
  const createServer = (era: 'legacy' | 'modern') => async (request: Request, authInfo: AuthInfo | undefined) =>
    checked(await factory({ era, requestInfo: request, ...(authInfo && { authInfo }) }));
  const legacyServer = createServer('legacy');

  const legacy = options.stateless
    ? new StatelessRequests({ createServer: legacyServer, openCalls, keepAliveMs })
    : new Sessions({
        createPeer: async (request, authInfo) => serverPeer(await legacyServer(request, authInfo)),
        principalOf,
        openCalls,
        settings,
        directory: SessionDirectory.of(options, { ...settings, log }),
        log,
      });
  const modern = new ModernRequests({
    createServer: createServer('modern'),
    principalOf,
    openCalls,
    keepAliveMs,
    verifyRequestState: options.verifyRequestState ?? true,
    requestStateCodec: new RequestStateCodec(),
    onFactoryError: error => logFailure(log, error),
    log,
  });
  return new FetchHandler(openCalls, legacy, modern, warmupBy(factory, options), options);
}

/** Warms up by a handler of its own, so that the one that serves is as it was. */
function warmupBy(factory: McpServerFactory, options: FetchHandlerOptions): Warmup {
  let failure: unknown;
  const watched: McpServerFactory = async context => {
    try {
      return checked(await factory(context));
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return warmupOf({
    open: () => createMcpFetchHandler(watched, { ...options, logLevel: 'silent', sessionDirectory: undefined }),
    path: mcpPath(options),
    isModern: true,
    selfTest: checkedSelfTest(options.selfTest),
    takeFactoryError: () => {
      const taken = failure;
      failure = undefined;
      return taken;
    },
    log: logOf(options),
  });
}

class FetchHandler extends HttpFace implements McpFetchHandler {
  public readonly notify: ServerNotifier;

  public constructor(
    openCalls: OpenCalls,
    legacy: Sessions | StatelessRequests,
    modern: ModernRequests,
    warmup: Warmup,
    options: HttpFaceOptions,
  ) {
    super(openCalls, legacy, modern, warmup, options);
    this.notify = modern.notify;
  }
}

function checked(server: unknown): McpServer {
  if (!(server instanceof McpServer)) {
    throw new ServerKitError(
      'ERR_FACTORY_RESULT',
      'the factory must return a `McpServer` of the `@modelcontextprotocol/server` that stateful-mcp-server uses: ' +
        'got something else, or one of a second copy of that package. `npm ls @modelcontextprotocol/server` shows two versions; an ES module and a CommonJS module ' +
        'in one process also get a copy each: have all of them be of one kind (`"type": "module"` in package.json)',
    );
  }
  if (server.isConnected()) {
    throw new ServerKitError(
      'ERR_FACTORY_RESULT',
      'the factory returned a `McpServer` that is in use: make a new one in every call, and keep shared state outside of it',
    );
  }
  return server;
}
