import { HttpFace, mcpPath, type HttpFaceOptions } from '../http/http-face';
import { listenWith, type HttpListener, type ListenOptions } from '../http/http-listener';
import { legacyOnly } from './legacy-only';
import { logOf } from '../common/log';
import { principalBy, type PrincipalOptions } from '../common/principal';
import { OpenCalls } from '../http/open-calls';
import { sessionSettings, type SessionSettingsOptions } from '../session/session-settings';
import { Sessions } from '../session/sessions';
import type { StdioChild } from './stdio-child';
import { StdioSession } from './stdio-session';
import type { SelfTestOptions } from '../warm-up/self-test';
import { checkedSelfTest, warmupOf } from '../warm-up/warmup';

export interface ServeStdioOptions
  extends HttpFaceOptions, SessionSettingsOptions, PrincipalOptions, ListenOptions, SelfTestOptions {
  /**
   * The directory that the server runs in.
   * @default that of this process
   */
  readonly cwd?: string;
  /**
   * Environment variables of the server, besides those of this process; undefined takes one away.
   * @default - only those of this process
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Serves a stdio MCP server, in any language, over HTTP the way AgentCore Runtime calls it: one process of it for each
 * session.
 *
 * Everything goes through in both directions: questions to the user and to the client's model, progress, logs,
 * cancellation. A process that ends fails the calls of its own session with `ERR_STDIO_SERVER_ENDED` and ends that
 * session; the others do not notice. Processes end with their session (DELETE, idle timeout, max lifetime) and with
 * this process: first by the end of their standard input, then by SIGTERM, then by SIGKILL.
 *
 * Stdio servers speak the legacy era (protocol 2025-11-25 and before). A request of the modern era is refused with HTTP
 * status 400, which clients of both eras take as the sign to begin with `initialize`.
 * @throws ServerKitError `ERR_INVALID_OPTION`, `ERR_PORT_IN_USE`
 */
export async function serveStdio(
  command: string,
  args: readonly string[] = [],
  options: ServeStdioOptions = {},
): Promise<HttpListener> {
  const { listener } = await listenWith(() => stdioHandler(command, args, options), options);
  return listener;
}

function stdioHandler(command: string, args: readonly string[], options: ServeStdioOptions): HttpFace {
  const { cwd, environment } = options;
  const children = new Set<StdioChild>();
  const openCalls = new OpenCalls();
  const log = logOf(options);
  const stdioCommand = {
    command,
    args,
    environment: { ...process.env, ...environment },
    ...(cwd !== undefined && { cwd }),
  };
  const createPeer = (): Promise<StdioSession> => Promise.resolve(new StdioSession(stdioCommand, log, children));
  const sessions = new Sessions({
    createPeer,
    principalOf: principalBy(options),
    openCalls,
    settings: sessionSettings(options),
    log,
  });
  return new HttpFace(
    openCalls,
    {
      get count() {
        return sessions.count;
      },
      handle: (...request) => sessions.handle(...request),
      admit: (...request) => sessions.admit(...request),
      // Processes of sessions that ended a moment ago may still be on their way out.
      close: async () => {
        await sessions.close();
        await Promise.all([...children].map(child => child.end()));
      },
    },
    legacyOnly,
    warmupOf({
      open: () => stdioHandler(command, args, { ...options, logLevel: 'silent' }),
      path: mcpPath(options),
      isModern: false,
      selfTest: checkedSelfTest(options.selfTest),
      log,
    }),
    options,
  );
}
