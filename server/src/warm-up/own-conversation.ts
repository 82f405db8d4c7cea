import { isJsonObject } from '../common/json-rpc';
import type { HttpHandler } from '../http/http-face';

type JsonObject = Record<string, unknown>;

const LEGACY = '2025-11-25';
const MODERN = '2026-07-28';

/** What opens a session in the legacy era: nothing is declared, so that no question can come. */
const INITIALIZE = {
  protocolVersion: LEGACY,
  capabilities: {},
  clientInfo: { name: 'warm-up', version: '1.0.0' },
};

/** What every request says of its client in the modern era. */
const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': INITIALIZE.clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A client that speaks MCP to a handler in its own process, written by hand: the kit does not depend on a client. */
export class OwnConversation {
  private readonly handler: HttpHandler;
  private readonly url: string;
  private readonly signal: AbortSignal;
  private session: Record<string, string> = {};
  private lastId = 0;

  public constructor(handler: HttpHandler, path: string, signal: AbortSignal) {
    this.handler = handler;
    this.url = `http://127.0.0.1${path}`;
    this.signal = signal;
  }

  /** Opens a session of the legacy era, and gives the capabilities of the server. */
  public async initialize(): Promise<JsonObject> {
    const { headers, result } = await this.send('initialize', INITIALIZE);
    const sessionId = headers.get('mcp-session-id');
    const version = result['protocolVersion'];
    this.session = {
      'mcp-protocol-version': typeof version === 'string' ? version : LEGACY,
      ...(sessionId !== null && { 'mcp-session-id': sessionId }),
    };
    const response = await this.post({ method: 'notifications/initialized' }, this.session);
    await response.text();
    return isJsonObject(result['capabilities']) ? result['capabilities'] : {};
  }

  /** One request in that session. */
  public async request(method: string, params: JsonObject = {}): Promise<JsonObject> {
    return (await this.send(method, params, this.session)).result;
  }

  /** One request of the modern era. */
  public async modernRequest(method: string): Promise<JsonObject> {
    const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': method };
    return (await this.send(method, { _meta: ENVELOPE }, headers)).result;
  }

  private async send(
    method: string,
    params: JsonObject,
    headers: Record<string, string> = {},
  ): Promise<{ readonly headers: Headers; readonly result: JsonObject }> {
    const id = ++this.lastId;
    const response = await this.post({ id, method, params }, headers);
    const answer = messagesOf(await response.text(), response.headers).find(message => message['id'] === id);
    if (answer !== undefined && isJsonObject(answer['result'])) {
      return { headers: response.headers, result: answer['result'] };
    }
    const error = isJsonObject(answer?.['error']) ? answer['error'] : { message: 'without a result' };
    throw new Error(
      `\`${method}\` was answered with status ${response.status}: ${String(error['message'])}` +
        (typeof error['code'] === 'number' ? ` (${error['code']})` : ''),
    );
  }

  private post(message: JsonObject, headers: Record<string, string>): Promise<Response> {
    return this.handler.fetch(
      new Request(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', ...message }),
        signal: this.signal,
      }),
    );
  }
}

/** The JSON-RPC messages of a body, be it JSON or an event stream. */
function messagesOf(body: string, headers: Headers): JsonObject[] {
  const texts = headers.get('content-type')?.startsWith('text/event-stream')
    ? body.split('\n').flatMap(line => (line.startsWith('data:') ? [line.slice('data:'.length).trim()] : []))
    : [body];
  return texts
    .filter(text => text !== '')
    .flatMap(text => [JSON.parse(text) as unknown].flat())
    .filter(isJsonObject);
}
