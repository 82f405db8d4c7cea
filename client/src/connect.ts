import { Client, type Implementation, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { version } from '../package.json';
import { toClientError } from './conversation/error-translation';
import { capabilitiesOf, HANDLER_NAMES, register, type Handlers } from './conversation/handlers';
import { markAsReceived } from './incoming/progress';
import { StatefulMcpClient } from './stateful-mcp-client';
import type { Target } from './target/target';
import { checkedTimeout, invalidOption, openTransport, START_TIMEOUT_MS, type TransportOptions } from './transport';

/** What `connect()` takes besides target and handlers. */
export interface ConnectSettings extends TransportOptions {
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
   * How long a request waits for its response, in milliseconds; each progress notification starts the time anew. Long,
   * since a user may be answering a question meanwhile. At most 2147483647. Node's `fetch` gives up by itself when a
   * server sends nothing at all for 300 seconds; keep-alives of the server prevent that.
   *
   * @default 600000 (10 minutes)
   */
  readonly callTimeoutMs?: number;

  /**
   * The earlier name of `callTimeoutMs`. It bounds the start of a session as well, unless `connectTimeoutMs` is given.
   *
   * @default - `callTimeoutMs`
   * @deprecated use `callTimeoutMs`
   */
  readonly requestTimeoutMs?: number;
}

/** Options of `connect(url, options)`. Only capabilities that have a handler are declared to the server. */
export interface ConnectOptions extends ConnectSettings, Handlers {}

/** What `connect()` takes as one object. */
export interface ConnectRequest extends ConnectSettings {
  /** What to connect to: a URL, the ARN of a runtime or of one of its endpoints, or `stack:STACK/OUTPUT`. */
  readonly target: Target;

  /**
   * What answers the server. Only capabilities that have a handler are declared to it.
   *
   * @default - none: tools that ask or sample say what they lack
   */
  readonly handlers?: Handlers;
}

const DEFAULT_CALL_TIMEOUT_MS = 600_000;

/** Questions of one tool call in the modern era, where each round is a request of its own. */
const MAX_ROUNDS = 100;

const ERAS: Readonly<Record<NonNullable<ConnectSettings['era']>, VersionNegotiationMode>> = {
  legacy: 'legacy',
  modern: { pin: '2026-07-28' },
  auto: 'auto',
};

/**
 * Connects to an MCP server over Streamable HTTP.
 *
 * When the server no longer knows the session (404: it idled out, reached its max lifetime, or crashed), the client
 * starts a new one, once. It repeats the request that met the 404, and reports the new session to `onSessionRestarted`.
 *
 * @example
 * const client = await connect({
 *   target: 'arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/expenses-a1b2c3d4e5',
 *   qualifier: 'live',
 *   handlers: { elicitation: () => ({ action: 'decline' }) },
 * });
 */
export async function connect(request: ConnectRequest): Promise<StatefulMcpClient>;
/** Connects to a target with the handlers among the options. */
export async function connect(target: Target, options?: ConnectOptions): Promise<StatefulMcpClient>;
export async function connect(first: ConnectRequest | Target, second: ConnectOptions = {}): Promise<StatefulMcpClient> {
  const { target, handlers, settings } = isTarget(first)
    ? { target: first, handlers: second, settings: second }
    : { target: first.target, handlers: first.handlers ?? {}, settings: first };
  refuseMisplacedHandlers(first);
  const era = ERAS[settings.era ?? 'legacy'];
  if (era === undefined) {
    throw invalidOption('era', settings.era, "one of 'legacy', 'modern' and 'auto'");
  }
  const { callTimeoutMs, connectTimeoutMs } = timeoutsOf(settings);
  const { endpoint, transport } = await openTransport({ ...settings, target, connectTimeoutMs }, markAsReceived);
  const mcp = new Client(settings.clientInfo ?? { name: 'stateful-mcp-client', version }, {
    capabilities: capabilitiesOf(handlers),
    versionNegotiation: { mode: era },
    inputRequired: { maxRounds: MAX_ROUNDS },
  });
  register(mcp, handlers);
  try {
    await mcp.connect(transport, { timeout: connectTimeoutMs });
  } catch (error) {
    await transport.close();
    throw toClientError(error, { url: endpoint.url, connecting: true });
  }
  return new StatefulMcpClient(mcp, transport, { url: endpoint.url, callTimeoutMs, handlers });
}

function isTarget(value: ConnectRequest | Target): value is Target {
  return typeof value === 'string' || value instanceof URL;
}

/** Without a word they would never be called. */
function refuseMisplacedHandlers(request: ConnectRequest | Target): void {
  const misplaced = isTarget(request) ? undefined : HANDLER_NAMES.find(name => name in request);
  if (misplaced !== undefined) {
    throw invalidOption(misplaced, 'beside `target`', 'it as a member of `handlers`');
  }
}

function timeoutsOf(settings: ConnectSettings): { callTimeoutMs: number; connectTimeoutMs: number } {
  const { requestTimeoutMs } = settings;
  if (requestTimeoutMs !== undefined) {
    checkedTimeout('requestTimeoutMs', requestTimeoutMs);
  }
  return {
    callTimeoutMs: checkedTimeout(
      'callTimeoutMs',
      settings.callTimeoutMs ?? requestTimeoutMs ?? DEFAULT_CALL_TIMEOUT_MS,
    ),
    connectTimeoutMs: settings.connectTimeoutMs ?? Math.min(requestTimeoutMs ?? START_TIMEOUT_MS, START_TIMEOUT_MS),
  };
}
