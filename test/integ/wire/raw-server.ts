// Requests as they go over the wire, each noted as evidence.
import { type FetchLike } from '@modelcontextprotocol/client';
import { resolveTarget, type Auth, type Endpoint } from 'stateful-mcp-client';
import { RUNTIME_SESSION, SESSION, told, type Answer } from './answer';

/** Where a server is, and who calls it. */
export interface Address {
  readonly arn: string;
  /** `undefined` for that of the Region. */
  readonly endpointUrl: string | undefined;
  readonly auth: Auth;
}

type Headers_ = Readonly<Record<string, string>>;

export interface SendOptions {
  readonly headers?: Headers_;
  readonly body?: unknown;
  /** Without credentials. */
  readonly bare?: boolean;
  /** Without the headers of MCP. */
  readonly plain?: boolean;
  readonly url?: URL;
  readonly timeoutMs?: number;
  /** What the evidence calls it. */
  readonly as?: string;
}

const PROTOCOL_VERSION = '2025-11-25';
const MODERN_VERSION = '2026-07-28';
const CLIENT = { name: 'integ', version: '1.0.0' };
/** No answer of a probe takes longer, and a stream that stays open is not waited for. */
const TIMEOUT_MS = 60_000;

export class RawServer {
  /** Of a request: `initialize` has 1. */
  private lastId = 1;

  private constructor(
    public readonly endpoint: Endpoint,
    private readonly authorized: FetchLike,
    private readonly note: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  public static async of(
    { arn, endpointUrl, auth }: Address,
    note: (line: string) => void,
    signal: AbortSignal,
  ): Promise<RawServer> {
    const endpoint = await resolveTarget(arn, { ...(endpointUrl !== undefined && { endpointUrl }) });
    return new RawServer(endpoint, auth.authorized(fetch, endpoint), note, signal);
  }

  /** What comes back, or status 0 and why nothing did. Nothing is thrown but the end of the experiment. */
  public async send(method: string, options: SendOptions = {}): Promise<Answer> {
    const { headers = {}, body, bare = false, plain = false, url = this.endpoint.url, as } = options;
    const startedAt = Date.now();
    const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const since = (): number => Date.now() - startedAt;
    const ofMcp = {
      accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const request = {
      method,
      headers: { ...(!plain && ofMcp), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual' as const,
      signal: AbortSignal.any([timeout, this.signal]),
    };
    let answer: Answer;
    try {
      const response = await (bare ? fetch : this.authorized)(url, request);
      const read = await textOf(response);
      answer = { status: response.status, headers: response.headers, ...read, milliseconds: since() };
    } catch (error) {
      answer = { status: 0, headers: new Headers(), body: reason(error), milliseconds: since() };
    }
    this.signal.throwIfAborted();
    this.note(`${as ?? `${method} ${nameOf(body)}`}: ${told(answer)}`);
    return answer;
  }

  /** Opens a session of the legacy era; its id is that which the answer has. */
  public async initialize(headers: Headers_ = {}): Promise<Answer & { session: string; known: Headers_ }> {
    const params = { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo: CLIENT };
    const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
    const answer = await this.send('POST', { headers, body });
    const session = answer.headers.get(SESSION) ?? '';
    const known = { ...headers, [SESSION]: session, 'mcp-protocol-version': PROTOCOL_VERSION };
    await this.send('POST', { headers: known, body: { jsonrpc: '2.0', method: 'notifications/initialized' } });
    return { ...answer, session, known };
  }

  public call(
    tool: string,
    headers: Headers_,
    { args = {}, _meta, ...options }: SendOptions & { args?: object; _meta?: object } = {},
  ): Promise<Answer> {
    return this.request(
      'tools/call',
      { name: tool, arguments: args, ...(_meta && { _meta }) },
      { headers, ...options },
    );
  }

  /** A call of revision 2026-07-28, which needs no session; the header `Mcp-Name` may say another name. */
  public callModern(tool: string, nameInHeader: string, headers: Headers_ = {}): Promise<Answer> {
    const modern = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': 'tools/call', 'mcp-name': nameInHeader };
    return this.call(
      tool,
      { ...modern, ...headers },
      {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
          'io.modelcontextprotocol/clientInfo': CLIENT,
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    );
  }

  /** A request of JSON-RPC; the obedient server has methods of its own. */
  public request(method: string, params: object = {}, options: SendOptions = {}): Promise<Answer> {
    this.lastId += 1;
    const headers = { 'mcp-protocol-version': PROTOCOL_VERSION, ...options.headers };
    return this.send('POST', { ...options, headers, body: { jsonrpc: '2.0', id: this.lastId, method, params } });
  }

  /** `StopRuntimeSession` for an id. */
  public stop(session: string): Promise<Answer> {
    const url = this.endpoint.runtime?.stopUrl;
    if (url === undefined) {
      throw new Error(`${String(this.endpoint.url)} is no URL of a runtime`);
    }
    const body = { clientToken: `${crypto.randomUUID()}-stop` };
    return this.send('POST', { url, headers: { [RUNTIME_SESSION]: session }, body, as: 'StopRuntimeSession' });
  }
}

/** A stream without an end has a beginning all the same. */
async function textOf(response: Response): Promise<{ body: string; broken?: string }> {
  const decoder = new TextDecoder();
  let body = '';
  try {
    for await (const chunk of response.body ?? []) {
      body += decoder.decode(chunk, { stream: true });
    }
    return { body };
  } catch (error) {
    return { body, broken: reason(error) };
  }
}

function nameOf(body: unknown): string {
  const { method, params } = (typeof body === 'object' ? (body ?? {}) : {}) as {
    method?: string;
    params?: { name?: string };
  };
  return [method, params?.name].filter(Boolean).join(' ');
}

function reason(error: unknown): string {
  const { name, message, cause } = error as Error;
  return `${name}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`;
}
