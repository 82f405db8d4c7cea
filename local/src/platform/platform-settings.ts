import { invalidOption, LocalRuntimeError } from '../common/errors';

/**
 * What AgentCore does in cases that its documentation leaves open, or says twice differently. Each default is the
 * likeliest; docs/reference/fidelity.md says why. A server and a client that work with every value of a setting are
 * safe whichever it turns out to be.
 */
export interface PlatformSettings {
  /**
   * What a request with a session id meets while that session is being started or stopped: the retryable conflict of
   * the documentation, or nothing but a wait.
   *
   * @default 'conflict'
   */
  readonly sessionTransitions: 'conflict' | 'wait';
  /**
   * Which of the errors of its server an MCP client gets as they are: 4xx, 404 alone, all, or none. Instead of the
   * others it gets JSON-RPC error -32010 in an HTTP 200, as the error table says of all. The documentation of stateful
   * servers says 404 reaches the client, and MCP needs other 4xx to.
   *
   * @default 'pass-4xx'
   */
  readonly serverErrors: 'pass-4xx' | 'pass-404' | 'pass' | 'map';
  /**
   * Text of an error for an MCP client: the specific cause, as was seen, or the one sentence of the documentation's
   * error table.
   *
   * @default 'specific'
   */
  readonly errorTexts: 'specific' | 'documented';
  /**
   * Whether GET (a stream of the server's own) and DELETE (the end of a session) reach an MCP server. Only POST is
   * documented. `refuse` answers 405.
   *
   * @default 'forward'
   */
  readonly getAndDelete: 'forward' | 'refuse';
  /**
   * Whether an MCP request without an `Accept` header is served or answered with 406. With the header it has to accept
   * what MCP needs.
   *
   * @default 'allow'
   */
  readonly missingAccept: 'allow' | 'refuse';
  /**
   * Which headers reach the server: those of the service model, MCP's own and the allowlist of the runtime, or all of
   * them.
   *
   * @default 'allowlist'
   */
  readonly requestHeaders: 'allowlist' | 'all';
  /**
   * Which header chooses the session of an MCP request that carries both `Mcp-Session-Id` and
   * `X-Amzn-Bedrock-AgentCore-Runtime-Session-Id`.
   *
   * @default 'mcp-session-id'
   */
  readonly affinity: 'mcp-session-id' | 'runtime-session-id';
  /**
   * Where the platform puts the `Mcp-Session-Id` that it issues for a request without one that is not initialize
   * (before protocol 2026-07-28). It goes into the response, or into the request to the server as well, as is
   * documented for servers without sessions. One with sessions answers 404 to an id that is not its own, and how the
   * platform tells the two apart is not documented.
   *
   * @default 'answer'
   */
  readonly issuedIds: 'answer' | 'request-and-answer';
  /**
   * Whether a session belongs to the caller who opened it, so that it does not exist (404) for others. It needs `auth`.
   *
   * @default 'caller'
   */
  readonly sessionBinding: 'caller' | 'none';
  /**
   * Who issues `Mcp-Session-Id` when a client initializes: the server, or the platform, which then gives the server a
   * UUID in the request and gives the client the same one. AgentCore's documentation says both on different pages.
   *
   * @default 'server'
   */
  readonly sessionIds: 'server' | 'platform';
  /**
   * What serves a request without a session id that is not initialize (all of protocol 2026-07-28). It is one process
   * that all of them share, or a session for each, which ends with the response. How AgentCore spreads such requests is
   * not documented; a server must work with both.
   *
   * @default 'shared'
   */
  readonly requestsWithoutSession: 'shared' | 'new-session';
  /**
   * Whether a SigV4 request may leave its body out of the signature (`x-amz-content-sha256: UNSIGNED-PAYLOAD`).
   *
   * @default 'refuse'
   */
  readonly unsignedPayload: 'refuse' | 'accept';
  /**
   * Milliseconds between two background pings of each live session: JSON-RPC `ping` for MCP, GET /ping for HTTP. A
   * session whose server fails to answer three in a row ends; one that answers `HealthyBusy` (HTTP) does not idle. How
   * often the platform pings is not documented.
   *
   * @default 'off' - no background pings
   */
  readonly pingIntervalMs: number | 'off';
}

/** The values of each setting; the first is its default. `pingIntervalMs` takes numbers as well. */
export const PLATFORM_SETTING_VALUES: {
  readonly [Setting in keyof PlatformSettings]: readonly [
    Extract<PlatformSettings[Setting], string>,
    ...Extract<PlatformSettings[Setting], string>[],
  ];
} = {
  sessionTransitions: ['conflict', 'wait'],
  serverErrors: ['pass-4xx', 'pass-404', 'pass', 'map'],
  errorTexts: ['specific', 'documented'],
  getAndDelete: ['forward', 'refuse'],
  missingAccept: ['allow', 'refuse'],
  requestHeaders: ['allowlist', 'all'],
  affinity: ['mcp-session-id', 'runtime-session-id'],
  issuedIds: ['answer', 'request-and-answer'],
  sessionBinding: ['caller', 'none'],
  sessionIds: ['server', 'platform'],
  requestsWithoutSession: ['shared', 'new-session'],
  unsignedPayload: ['refuse', 'accept'],
  pingIntervalMs: ['off'],
};

/** The first value of each setting is its default. */
export function platformSettings(given: Partial<PlatformSettings> = {}): PlatformSettings {
  const defaults = Object.fromEntries(
    Object.entries(PLATFORM_SETTING_VALUES).map(([setting, [first]]) => [setting, first]),
  ) as unknown as PlatformSettings;
  for (const [setting, value] of Object.entries(given)) {
    const allowed: readonly unknown[] | undefined = Object.entries(PLATFORM_SETTING_VALUES).find(
      ([name]) => name === setting,
    )?.[1];
    if (!allowed) {
      throw new LocalRuntimeError(
        'ERR_INVALID_OPTION',
        `\`settings.${setting}\` is not a setting; the settings are ${Object.keys(PLATFORM_SETTING_VALUES).join(', ')}`,
      );
    }
    const isInterval = setting === 'pingIntervalMs' && typeof value === 'number' && value > 0 && value < Infinity;
    if (value !== undefined && !allowed.includes(value) && !isInterval) {
      const choices = allowed.map(item => `'${String(item)}'`);
      const more = setting === 'pingIntervalMs' ? ['a number of milliseconds above 0'] : [];
      throw invalidOption(`settings.${setting}`, value, [...choices, ...more].join(' or '));
    }
  }
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}
