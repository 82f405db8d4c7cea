import {
  Client,
  StreamableHTTPClientTransport,
  type FetchLike,
  type Implementation,
  type ReconnectionScheduler,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { version } from '../package.json';
import { toClientError } from './conversation/error-translation';
import { StatefulMcpClientError } from './common/errors';
import { capabilitiesOf, register, type Handlers } from './conversation/handlers';
import { serverUrl } from './target/server-url';
import { SessionRestartingTransport, type SessionRestart } from './session/session-restart';
import { StatefulMcpClient } from './stateful-mcp-client';

/** Options of `connect()`. Only capabilities that have a handler are declared to the server. */
export interface ConnectOptions extends Handlers {
  /**
   * Which protocol to speak: `legacy` (2025-11-25 and earlier: a session, on AgentCore one microVM for it), `modern`
   * (2026-07-28: no session), or `auto` (modern where the server speaks it).
   *
   * @default 'legacy'
   */
  readonly era?: 'legacy' | 'modern' | 'auto';

  /**
   * Name and version by which the client introduces itself.
   *
   * @default - `stateful-mcp-client` and its version
   */
  readonly clientInfo?: Implementation;

  /**
   * Sends the HTTP requests: the place for headers, signatures and tests.
   *
   * @default - the global `fetch`
   */
  readonly fetch?: FetchLike;

  /**
   * How long a request waits for its response, in milliseconds; each progress notification starts the time anew. Long,
   * since a person may be answering a question meanwhile. At most 2147483647. Node's `fetch` gives up by itself when a
   * server sends nothing at all for 300 seconds; keep-alives of the server prevent that.
   *
   * @default 600000 (10 minutes)
   */
  readonly requestTimeoutMs?: number;

  /**
   * Called when the session was gone (404) and a new one has taken its place.
   *
   * @default - the session is replaced silently
   */
  readonly onSessionRestarted?: (restart: SessionRestart) => void;
}

const DEFAULT_REQUEST_TIMEOUT_MS = 600_000;
const MAX_TIMEOUT_MS = 2_147_483_647;

/** AgentCore gives a container 120 seconds to become healthy; the first request waits for that. */
const START_TIMEOUT_MS = 150_000;

/** Questions of one tool call in the modern era, where each round is a request of its own. */
const MAX_ROUNDS = 100;

const ERAS: Readonly<Record<NonNullable<ConnectOptions['era']>, VersionNegotiationMode>> = {
  legacy: 'legacy',
  modern: { pin: '2026-07-28' },
  auto: 'auto',
};

/**
 * Connects to an MCP server over Streamable HTTP.
 *
 * When the server no longer knows the session (404: it idled out, reached its max lifetime, or crashed), the client
 * starts a new one, once, repeats the request that met the 404, and reports it to `onSessionRestarted`.
 */
export async function connect(url: string | URL, options: ConnectOptions = {}): Promise<StatefulMcpClient> {
  const endpoint = serverUrl(url);
  const era = ERAS[options.era ?? 'legacy'];
  if (era === undefined) {
    throw invalidOption('era', options.era, "one of 'legacy', 'modern' and 'auto'");
  }
  const requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
  if (!(requestTimeoutMs > 0 && requestTimeoutMs <= MAX_TIMEOUT_MS)) {
    throw invalidOption('requestTimeoutMs', requestTimeoutMs, `a number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`);
  }
  const startTimeoutMs = Math.min(requestTimeoutMs, START_TIMEOUT_MS);

  const transport = new SessionRestartingTransport({
    open: reading =>
      new StreamableHTTPClientTransport(endpoint, {
        fetch: reading(options.fetch ?? globalThis.fetch),
        reconnectionScheduler,
      }),
    startTimeoutMs,
    onSessionRestarted: options.onSessionRestarted,
  });
  const mcp = new Client(options.clientInfo ?? { name: 'stateful-mcp-client', version }, {
    capabilities: capabilitiesOf(options),
    versionNegotiation: { mode: era },
    inputRequired: { maxRounds: MAX_ROUNDS },
  });
  register(mcp, options);
  try {
    await mcp.connect(transport, { timeout: startTimeoutMs });
  } catch (error) {
    await transport.close();
    throw toClientError(error, { url: endpoint });
  }
  return new StatefulMcpClient(mcp, transport, { url: endpoint, requestTimeoutMs, handlers: options });
}

/**
 * Streams that broke are opened again after a while; a wait for that, left over when the client is closed, must not
 * hold up the end of the program.
 */
const reconnectionScheduler: ReconnectionScheduler = (reconnect, delay) => {
  const timer = setTimeout(reconnect, delay).unref();
  return () => clearTimeout(timer);
};

function invalidOption(name: string, value: unknown, allowed: string): StatefulMcpClientError {
  return new StatefulMcpClientError('ERR_INVALID_OPTION', `\`${name}\` is ${String(value)}: pass ${allowed}`);
}
