import { CUSTOM_HEADER_PREFIX, HEADER_NAME, LONGEST_HEADER_ALLOWLIST, RESTRICTED_HEADERS } from 'stateful-mcp-contract';
import { endToEndHeaders, NOT_FOR_THE_SERVER } from '../http/end-to-end-headers';
import { LocalRuntimeError } from '../common/errors';

const RESTRICTED: ReadonlySet<string> = new Set(RESTRICTED_HEADERS);

/** Members of InvokeAgentRuntime (service model). The user id is for the platform alone. */
const ALWAYS: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'accept',
  'traceparent',
  'tracestate',
  'baggage',
  'x-amzn-trace-id',
  'x-amzn-bedrock-agentcore-runtime-session-id',
  'last-event-id',
]);

/** What browsers, Node.js and signatures add by themselves, and what is for the platform. */
const NOT_MISSED = /^(x-amz|sec-|authorization$)/;

/** Servers by WSGI or CGI cannot tell `_` from `-`: such a name would stand for one that was checked. */
const OF_THE_PLATFORM = /^(mcp|x[-_]amzn|content|host|transfer)([-_]|$)/;

const LONGEST_VALUE_BYTES = 4096;

/** Why a runtime may not have this allowlist, or undefined. */
export function allowlistProblem(names: readonly string[], hasJwtAuthorizer: boolean): string | undefined {
  if (names.length === 0 || names.length > LONGEST_HEADER_ALLOWLIST) {
    return `it must name 1 to ${LONGEST_HEADER_ALLOWLIST} headers, got ${names.length}`;
  }
  const seen = new Set<string>();
  for (const name of names) {
    const key = name.toLowerCase();
    if (!HEADER_NAME.test(name)) {
      return `${JSON.stringify(name)} is no name of a header that can be allowed`;
    }
    if (seen.has(key)) {
      return `${name} is named twice`;
    }
    if (
      RESTRICTED.has(key) ||
      key.startsWith('x-amz-') ||
      (key.startsWith('x-amzn-') && !key.startsWith(CUSTOM_HEADER_PREFIX))
    ) {
      return `${name} is restricted`;
    }
    if (key === 'authorization' && !hasJwtAuthorizer) {
      return 'Authorization needs a custom JWT authorizer';
    }
    seen.add(key);
  }
  return undefined;
}

export function checkAllowlist(
  runtimeName: string,
  names: readonly string[] | undefined,
  hasJwtAuthorizer: boolean,
): void {
  const problem = names && allowlistProblem(names, hasJwtAuthorizer);
  if (problem !== undefined) {
    throw new LocalRuntimeError(
      'ERR_INVALID_OPTION',
      `runtime \`${runtimeName}\`: \`requestHeaderAllowlist\`: ${problem}`,
    );
  }
}

/** Which headers of a client reach the server of a runtime. */
export class HeaderPolicy {
  private readonly allowed: ReadonlySet<string>;
  private readonly noted = new Set<string>();

  /**
   * @param allowlist - of the runtime, or `all`
   * @param note - told once about each header that is left out although a server could miss it
   */
  public constructor(
    private readonly allowlist: readonly string[] | 'all',
    private readonly note: (line: string) => void,
  ) {
    this.allowed = new Set(allowlist === 'all' ? [] : allowlist.map(name => name.toLowerCase()));
  }

  /** The headers to hand on, names and values in turn. */
  public forServer(rawHeaders: readonly string[]): string[] {
    return endToEndHeaders(rawHeaders, this.reaches);
  }

  private readonly reaches = (key: string, value: string): boolean =>
    !NOT_FOR_THE_SERVER.has(key) &&
    !(key.includes('_') && OF_THE_PLATFORM.test(key)) &&
    (this.allowlist === 'all' || this.passes(key, value));

  private passes(key: string, value: string): boolean {
    if (ALWAYS.has(key) || key.startsWith('mcp-')) {
      return true;
    }
    if (this.allowed.has(key)) {
      if (value.length <= LONGEST_VALUE_BYTES) {
        return true;
      }
      this.noteOnce(key, `the header ${key} is longer than ${LONGEST_VALUE_BYTES} bytes and does not reach the server`);
    } else if (!RESTRICTED.has(key) && !NOT_MISSED.test(key)) {
      this.noteOnce(
        key,
        `the header ${key} is not in the request header allowlist of the runtime and does not reach the server`,
      );
    }
    return false;
  }

  private noteOnce(key: string, line: string): void {
    // Names come from clients: what is remembered stays bounded.
    if (this.noted.has(key) || this.noted.size >= 100) {
      return;
    }
    this.noted.add(key);
    this.note(line);
  }
}
