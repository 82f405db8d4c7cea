import { endToEndHeaders, NOT_FOR_THE_CLIENT, rawHeader } from '../http/end-to-end-headers';
import type { AnswerIds } from './invocation';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';

/** The headers of a server's answer, looked into once. */
export class ServerHeaders {
  private static readonly known = new WeakMap<readonly string[], ServerHeaders>();

  /**
   * @param raw - names and values in turn; a server says the same in front of most answers, and then they are the same
   * object
   */
  public static of(raw: readonly string[]): ServerHeaders {
    const known = this.known.get(raw);
    if (known) {
      return known;
    }
    const headers = new ServerHeaders(raw);
    this.known.set(raw, headers);
    return headers;
  }

  public readonly mcpSessionId: string | undefined;
  /** Whether the answer is an event stream that can be looked into. */
  public readonly isEventStream: boolean;

  private readonly runtimeSessionId: string | undefined;
  private last: { readonly ids: AnswerIds; readonly headers: string[] } | undefined;

  private constructor(private readonly raw: readonly string[]) {
    this.mcpSessionId = rawHeader(raw, MCP_SESSION_ID);
    this.runtimeSessionId = rawHeader(raw, RUNTIME_SESSION_ID);
    this.isEventStream =
      rawHeader(raw, 'content-type')?.startsWith('text/event-stream') === true &&
      rawHeader(raw, 'content-encoding') === undefined;
  }

  /** The headers that the client gets, names and values in turn; the same object while the ids are the same. */
  public forClient(ids: AnswerIds): string[] {
    const { last } = this;
    if (last && last.ids.mcpSessionId === ids.mcpSessionId && last.ids.runtimeSessionId === ids.runtimeSessionId) {
      return last.headers;
    }
    const headers = this.handedOn(ids);
    this.last = { ids, headers };
    return headers;
  }

  private handedOn({ mcpSessionId, runtimeSessionId }: AnswerIds): string[] {
    const headers = endToEndHeaders(
      this.raw,
      key => !NOT_FOR_THE_CLIENT.has(key) && (key !== MCP_SESSION_ID || mcpSessionId === undefined),
    );
    if (mcpSessionId !== undefined) {
      headers.push('Mcp-Session-Id', mcpSessionId);
    }
    if (this.runtimeSessionId === undefined) {
      headers.push('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', runtimeSessionId);
    }
    return headers;
  }
}
