import { MCP_SESSION_ID, RUNTIME_REQUEST_ID, RUNTIME_SESSION_ID } from 'stateful-mcp-contract';
import { isJsonObject, requestIdOf } from '../common/json-rpc';
import type { Log, LogEntry } from '../common/log';
import { isEventStream, whenBodyEnds } from './response-body';

const SESSION_HEADERS = [MCP_SESSION_ID, RUNTIME_SESSION_ID];

/** One request on its way: one entry of the log once its response has ended. */
export class RequestLog {
  private readonly log: Log;
  private readonly request: Request;
  private readonly startedAt = performance.now();
  private message: Readonly<Record<string, unknown>> = {};

  public constructor(log: Log, request: Request) {
    this.log = log;
    this.request = request;
  }

  public received(body: unknown): void {
    if (isJsonObject(body)) {
      this.message = body;
    }
  }

  /** The same response; a stream is in the log when it ends, with the time until then. */
  public responded(response: Response): Response {
    const { status } = response;
    if (isEventStream(response)) {
      return whenBodyEnds(response, failure => this.write(status, response.headers, failure));
    }
    this.write(status, response.headers);
    return response;
  }

  private write(status: number, responseHeaders: Headers, failure?: Error): void {
    const { method, headers } = this.request;
    this.log({
      level: failure ? 'error' : levelOf(status, this.request.url),
      event: 'request',
      method,
      ...this.messageDetails(),
      status,
      durationMs: Math.round((performance.now() - this.startedAt) * 10) / 10,
      sessionId:
        SESSION_HEADERS.map(name => headers.get(name) ?? responseHeaders.get(name)).find(id => id !== null) ??
        undefined,
      platformRequestId: headers.get(RUNTIME_REQUEST_ID) ?? undefined,
      message: failure?.message,
    });
  }

  /** Names only: what a tool is called is no secret, what it is called with may be. */
  private messageDetails(): Record<string, string | number | undefined> {
    const { method, params } = this.message;
    if (typeof method !== 'string') {
      return {};
    }
    const name =
      method === 'tools/call' && isJsonObject(params) && typeof params['name'] === 'string'
        ? params['name']
        : undefined;
    return { rpcMethod: method, tool: name, requestId: requestIdOf(this.message) ?? undefined };
  }
}

function levelOf(status: number, url: string): LogEntry['level'] {
  if (status >= 500) {
    return 'error';
  }
  return url.endsWith('/ping') ? 'debug' : 'info';
}
