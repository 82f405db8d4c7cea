import {
  DEFAULT_CONVERSATION_TIMEOUT_MS,
  listedContract,
  problemWithCheck,
  type CheckDefinition,
  type CheckReport,
  type ServerContract,
} from 'stateful-mcp-contract';
import { SHORT_TIMEOUT_MS } from './check/era-session';
import { OthersWatch } from './check/judge';
import { runCheck } from './check/run-check';
import { connect } from './connect';
import { toClientError } from './conversation/error-translation';
import type { StatefulMcpClient } from './stateful-mcp-client';
import type { Target } from './target/target';
import { checkedTimeout, invalidOption, locate, START_TIMEOUT_MS, type TransportOptions } from './transport';

/** Options of `checkServer()`. */
export interface CheckServerOptions extends Omit<
  TransportOptions,
  'sessions' | 'sessionName' | 'onSessionRestarted' | 'around'
> {
  /** What to check: a URL, the ARN of a runtime or of one of its endpoints, or `stack:STACK/OUTPUT`. */
  readonly target: Target;

  /** What the server has to do, as it was read from JSON. */
  readonly definition: CheckDefinition;

  /**
   * What the version that is live offers, from `listContract()`. What breaks its clients fails the check.
   *
   * @default - nothing is compared
   */
  readonly live?: ServerContract;

  /**
   * Whether the server takes bearer tokens. Then a missing and a wrong one have to be refused, with a challenge whose
   * metadata leads to an authorization server.
   *
   * @default false
   */
  readonly requiresToken?: boolean;

  /**
   * A text from which the ids of the sessions come. A check with the seed of one that was killed first ends the sessions
   * which that one has left, where the server is on AgentCore.
   *
   * @default - ids by chance
   */
  readonly sessionIdSeed?: string;

  /**
   * Stops the check: it ends its sessions, and reports what it has found. The verdict is `inconclusive` then, unless
   * something has failed.
   */
  readonly signal?: AbortSignal;

  /** Gets each line of the transcript as it is written. */
  readonly onTranscript?: (line: string) => void;
}

/** Longer than a conversation may take, since that has a timer of its own. */
const CALL_MARGIN_MS = 5_000;

/**
 * Holds the conversations of a check with a server, and looks at what every server has to do. What goes wrong with the
 * server is in the report; only what is wrong with the options is thrown.
 *
 * @throws StatefulMcpClientError `ERR_INVALID_OPTION`, `ERR_INVALID_URL`, `ERR_INVALID_TARGET`, `ERR_STACK_OUTPUT`
 */
export async function checkServer(options: CheckServerOptions): Promise<CheckReport> {
  const { target, definition, live, requiresToken, sessionIdSeed, signal, onTranscript, ...transport } = options;
  const problem = problemWithCheck(definition);
  if (problem !== undefined) {
    throw invalidOption('definition', 'no check', `one that is: ${problem}`);
  }
  const connectTimeoutMs = Math.min(
    checkedTimeout('connectTimeoutMs', transport.connectTimeoutMs ?? START_TIMEOUT_MS),
    // To wait for a server that is late already would not help it.
    definition.latency?.firstCallMs ?? Infinity,
  );
  const { auth, endpoint } = await locate({ ...transport, target });
  const others = new OthersWatch(endpoint);
  const bareFetch = others.around(transport.fetch ?? globalThis.fetch);
  const timeouts = (definition.conversations ?? []).map(({ timeoutMs = 0 }) => timeoutMs);
  const settings = {
    auth: auth ?? ('none' as const),
    fetch: bareFetch,
    connectTimeoutMs,
    trace: transport.trace,
    callTimeoutMs: Math.max(DEFAULT_CONVERSATION_TIMEOUT_MS, ...timeouts) + CALL_MARGIN_MS,
  };
  return runCheck(
    {
      endpoint,
      others,
      bareFetch,
      fetch: auth?.authorized(bareFetch, endpoint) ?? bareFetch,
      connectTimeoutMs,
      connect: wish => connect({ ...settings, ...wish, target: endpoint.url }),
    },
    { definition, live, requiresToken, sessionIdSeed, signal, onTranscript },
  );
}

/**
 * What a server offers, every page of it: the `live` of a later `checkServer()`.
 *
 * @throws StatefulMcpClientError
 */
export async function listContract(client: StatefulMcpClient): Promise<ServerContract> {
  try {
    return await listedContract(client.mcp, SHORT_TIMEOUT_MS);
  } catch (error) {
    throw toClientError(error, { url: client.url });
  }
}
