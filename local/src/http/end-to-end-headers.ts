/** RFC 9110, section 7.6.1: what concerns one connection alone; and what frames a body, which `lengthOf` has read. */
const ONE_CONNECTION = [
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Not for the server: the host is another one there, and the origin was checked at the door (AgentCore hands on
 * neither). The id of a request is the platform's to say.
 */
export const NOT_FOR_THE_SERVER: ReadonlySet<string> = new Set([
  ...ONE_CONNECTION,
  'host',
  'origin',
  'expect',
  'x-amzn-bedrock-agentcore-runtime-request-id',
]);

export const NOT_FOR_THE_CLIENT: ReadonlySet<string> = new Set(ONE_CONNECTION);

/** What says who asks, for what, and how a body is to be read. No list in `Connection` takes it away. */
const NEVER_DROPPED =
  /^(mcp-|x-amzn-|content-)|^(accept|authorization|baggage|last-event-id|traceparent|tracestate|www-authenticate)$/;

/**
 * The headers to hand on, names and values in turn, without those that `Connection` names.
 *
 * @param passes - whether a header is handed on, by its name in lower case
 */
export function endToEndHeaders(
  rawHeaders: readonly string[],
  passes: (key: string, value: string) => boolean,
): string[] {
  const handedOn: string[] = [];
  const named = new Set<string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const key = name.toLowerCase();
    if (key === 'connection') {
      addTokens(named, value);
    }
    if (passes(key, value)) {
      handedOn.push(name, value);
    }
  }
  return named.size === 0 ? handedOn : withoutNamed(handedOn, named);
}

/** The value of a header among names and values in turn, a list of all when it comes more than once. */
export function rawHeader(rawHeaders: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const key = rawHeaders[index] as string;
    if (key.length === name.length && key.toLowerCase() === name) {
      const value = rawHeaders[index + 1] as string;
      found = found === undefined ? value : `${found}, ${value}`;
    }
  }
  return found;
}

function addTokens(named: Set<string>, list: string): void {
  for (const token of list.toLowerCase().split(',')) {
    const name = token.trim();
    if (name !== 'close' && name !== 'keep-alive' && !NEVER_DROPPED.test(name)) {
      named.add(name);
    }
  }
}

function withoutNamed(headers: readonly string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, index) => !names.has((headers[index - (index % 2)] as string).toLowerCase()));
}
