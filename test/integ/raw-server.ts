// Requests as they go over the wire, without what the client of this project does about an answer.
import { type FetchLike } from '@modelcontextprotocol/client';
import { resolveTarget, type Endpoint } from 'stateful-mcp-client';
import type { DeployedServer } from './places';

export const SESSION = 'mcp-session-id';
export const RUNTIME_SESSION = 'x-amzn-bedrock-agentcore-runtime-session-id';

/** Of what a server answers: what a report may tell. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly milliseconds: number;
}

const PROTOCOL_VERSION = '2025-11-25';
const MODERN_VERSION = '2026-07-28';
const CLIENT = { name: 'integ', version: '1.0.0' };
/** No answer of a probe is longer, and a stream that stays open is not waited for. */
const TIMEOUT_MS = 30_000;

export class RawServer {
  /** Of a request: `initialize` has 1. */
  private lastId = 1;

  private constructor(
    private readonly endpoint: Endpoint,
    private readonly authorized: FetchLike,
  ) {}

  public static async of({ url, auth }: DeployedServer): Promise<RawServer> {
    const endpoint = await resolveTarget(url);
    return new RawServer(endpoint, auth.authorized(fetch, endpoint));
  }

  /** With the credentials of the caller, or with none. */
  public async send(
    method: string,
    {
      headers = {},
      body,
      bare = false,
      url = this.endpoint.url,
      timeoutMs = TIMEOUT_MS,
    }: {
      headers?: Readonly<Record<string, string>>;
      body?: unknown;
      bare?: boolean;
      url?: URL;
      timeoutMs?: number;
    } = {},
  ): Promise<Answer> {
    const startedAt = Date.now();
    const response = await (bare ? fetch : this.authorized)(url, {
      method,
      headers: {
        accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    // A stream without an end has a beginning all the same.
    const text = await response.text().catch(() => '(a stream that stays open)');
    return { status: response.status, headers: response.headers, body: text, milliseconds: Date.now() - startedAt };
  }

  /** Opens a session of the legacy era; the id is that which the answer has. */
  public async initialize(headers: Readonly<Record<string, string>> = {}): Promise<Answer & { session: string }> {
    const params = {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: CLIENT,
    };
    const answer = await this.send('POST', {
      headers,
      body: { jsonrpc: '2.0', id: 1, method: 'initialize', params },
    });
    const session = answer.headers.get(SESSION) ?? '';
    const known = { [SESSION]: session, 'mcp-protocol-version': PROTOCOL_VERSION, ...headers };
    await this.send('POST', { headers: known, body: { jsonrpc: '2.0', method: 'notifications/initialized' } });
    return { ...answer, session };
  }

  public call(
    tool: string,
    headers: Readonly<Record<string, string>>,
    {
      args = {},
      timeoutMs,
      _meta,
    }: { args?: Readonly<Record<string, unknown>>; timeoutMs?: number; _meta?: Readonly<Record<string, unknown>> } = {},
  ): Promise<Answer> {
    this.lastId += 1;
    const params = { name: tool, arguments: args, ...(_meta && { _meta }) };
    return this.send('POST', {
      headers: { 'mcp-protocol-version': PROTOCOL_VERSION, ...headers },
      body: { jsonrpc: '2.0', id: this.lastId, method: 'tools/call', params },
      timeoutMs,
    });
  }

  /** A call of revision 2026-07-28, which needs no session; the header `Mcp-Name` may say another name. */
  public callModern(tool: string, nameInHeader: string): Promise<Answer> {
    const headers = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': 'tools/call', 'mcp-name': nameInHeader };
    return this.call(tool, headers, {
      _meta: {
        'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
        'io.modelcontextprotocol/clientInfo': CLIENT,
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    });
  }

  /** `StopRuntimeSession` for an id. */
  public stop(session: string): Promise<Answer> {
    const url = this.endpoint.runtime?.stopUrl;
    if (url === undefined) {
      throw new Error(`${String(this.endpoint.url)} is no URL of a runtime`);
    }
    return this.send('POST', {
      url,
      headers: { [RUNTIME_SESSION]: session },
      body: { clientToken: crypto.randomUUID() + session },
    });
  }
}

/** The JSON that a tool of the probe server has told, out of a response or a stream of them. */
export function toldBy({ body }: Answer): unknown {
  const messages = body.startsWith('{')
    ? [body]
    : [...body.matchAll(/^data: ?(\{.*)$/gm)].map(([, data]) => data ?? '');
  for (const message of messages) {
    const { result } = JSON.parse(message) as { result?: { content?: { text?: string }[] } };
    const text = result?.content?.[0]?.text;
    if (text !== undefined) {
      return JSON.parse(text);
    }
  }
  return undefined;
}
