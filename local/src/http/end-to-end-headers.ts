/** RFC 9110, section 7.6.1, and what concerns one connection alone. */
const ONE_CONNECTION = [
  'connection',
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
 * neither).
 */
export const NOT_FOR_THE_SERVER: ReadonlySet<string> = new Set([...ONE_CONNECTION, 'host', 'origin', 'expect']);

export const NOT_FOR_THE_CLIENT: ReadonlySet<string> = new Set(ONE_CONNECTION);

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
  let named: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const key = name.toLowerCase();
    if (key === 'connection') {
      named = value
        .toLowerCase()
        .split(',')
        .map(token => token.trim())
        .filter(token => token !== 'close' && token !== 'keep-alive');
    }
    if (passes(key, value)) {
      handedOn.push(name, value);
    }
  }
  return named.length === 0 ? handedOn : withoutNamed(handedOn, new Set(named));
}

/** The value of a header among names and values in turn. Cheaper than to have all of them put into an object. */
export function rawHeader(rawHeaders: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if ((rawHeaders[index] as string).toLowerCase() === name) {
      return rawHeaders[index + 1];
    }
  }
  return undefined;
}

function withoutNamed(headers: readonly string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, index) => !names.has((headers[index - (index % 2)] as string).toLowerCase()));
}
