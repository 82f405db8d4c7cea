/** What came back over the wire, without what the client of this project does about it. */
export interface Answer {
  /** 0 where there was none. */
  readonly status: number;
  readonly headers: Headers;
  /** Why there was none, where that is so. */
  readonly body: string;
  /** What broke off the body. */
  readonly broken?: string;
  readonly milliseconds: number;
}

export const SESSION = 'mcp-session-id';
export const RUNTIME_SESSION = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const ENDPOINT_URL = 'x-amzn-bedrock-agentcore-runtime-session-endpoint-url';

const MOST_CHARACTERS = 300;

/** Headers of an answer that say what the platform did. */
const TOLD = [
  SESSION,
  RUNTIME_SESSION,
  ENDPOINT_URL,
  'content-type',
  'allow',
  'location',
  'www-authenticate',
  'retry-after',
  'x-amzn-errortype',
];

/** An answer in one line, for the evidence. */
export function told({ status, headers, body, broken, milliseconds }: Answer): string {
  const shown = TOLD.filter(header => headers.has(header)).map(header => `${header}: ${headers.get(header)}`);
  const text = body.replaceAll(/\s+/g, ' ');
  const excerpt =
    text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}… (${body.length} characters)` : text;
  const parts = [`HTTP ${status} in ${milliseconds} ms`, ...shown, excerpt || '(no body)'];
  return [...parts, ...(broken === undefined ? [] : [`broken off: ${broken}`])].join('; ');
}

/** Messages of JSON-RPC in an answer, whether it is one or a stream of them. */
export function messagesOf({ body }: Answer): Record<string, unknown>[] {
  const texts = body.trimStart().startsWith('{')
    ? [body]
    : [...body.matchAll(/^data: ?(\{.*)$/gm)].map(([, data]) => data ?? '');
  return texts.flatMap(text => {
    try {
      return [JSON.parse(text) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}

/** The JSON that a tool of the probe has told. */
export function toldBy(answer: Answer): Record<string, unknown> | undefined {
  for (const { result } of messagesOf(answer)) {
    const text = (result as { content?: { text?: string }[] } | undefined)?.content?.[0]?.text;
    if (text?.startsWith('{') === true) {
      return JSON.parse(text) as Record<string, unknown>;
    }
  }
  return undefined;
}

/** The result of a request that the obedient server has answered. */
export function resultOf(answer: Answer): Record<string, unknown> | undefined {
  return messagesOf(answer).find(message => 'result' in message)?.result as Record<string, unknown> | undefined;
}

/** The error of JSON-RPC in an answer, in words. */
export function errorOf(answer: Answer): string | undefined {
  const error = messagesOf(answer).find(message => 'error' in message)?.error as
    { code?: number; message?: string } | undefined;
  return error && `JSON-RPC ${error.code} "${error.message}"`;
}

/** How an answer ended, in words. */
export function outcome(answer: Answer): string {
  if (answer.status === 0) {
    return `no answer (${answer.body})`;
  }
  const said = errorOf(answer) ?? (resultOf(answer) ? 'a result' : answer.headers.get('x-amzn-errortype'));
  return [`HTTP ${answer.status}`, ...(said ? [said] : []), ...(answer.broken ? [`broken off`] : [])].join(', ');
}
