import { endToEndHeaders, NOT_FOR_THE_CLIENT, rawHeader } from '../http/end-to-end-headers';
import { lengthOf } from '../http/framing';
import type { ResponseIds } from './invocation';
import { MCP_SESSION_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';

/** The headers of a server's response. */
export class ServerHeaders {
  public readonly mcpSessionId: string | undefined;
  /** Whether the response is an event stream that can be looked into. */
  public readonly isEventStream: boolean;

  /** Bytes of the body, where the server says them. */
  public readonly length: number | undefined;

  /**
   * @param raw - names and values in turn
   * @throws UnknownFraming
   */
  public constructor(private readonly raw: readonly string[]) {
    this.length = lengthOf(raw);
    this.mcpSessionId = rawHeader(raw, MCP_SESSION_ID);
    this.isEventStream =
      rawHeader(raw, 'content-type')?.toLowerCase().startsWith('text/event-stream') === true &&
      rawHeader(raw, 'content-encoding') === undefined;
  }

  /** The headers that the client gets, names and values in turn. */
  public forClient({ mcpSessionId, runtimeSessionId, sessionEndpointUrl }: ResponseIds): string[] {
    const headers = endToEndHeaders(
      this.raw,
      key => !NOT_FOR_THE_CLIENT.has(key) && (key !== MCP_SESSION_ID || mcpSessionId === undefined),
    );
    if (this.length !== undefined) {
      headers.push('Content-Length', String(this.length));
    }
    if (mcpSessionId !== undefined) {
      headers.push('Mcp-Session-Id', mcpSessionId);
    }
    if (rawHeader(this.raw, RUNTIME_SESSION_ID) === undefined) {
      headers.push('X-Amzn-Bedrock-AgentCore-Runtime-Session-Id', runtimeSessionId);
    }
    if (sessionEndpointUrl !== undefined) {
      headers.push('X-Amzn-Bedrock-AgentCore-Runtime-Session-Endpoint-Url', sessionEndpointUrl);
    }
    return headers;
  }
}
