import type { AuthInfo, McpServer } from '@modelcontextprotocol/server';
import { setCallContext } from '../interaction/call-context';
import { hasOutputSchema } from '../session/output-schema';
import { JsonRpcCode, jsonRpcError, toolOf } from '../common/json-rpc';
import { invalidParams } from '../common/request-params';
import type { OpenCalls } from '../http/open-calls';
import { untilResponded } from '../http/response-body';
import { SessionTransport } from '../session/session-transport';

export interface StatelessRequestsOptions {
  readonly createServer: (request: Request, authInfo: AuthInfo | undefined) => Promise<McpServer>;
  readonly openCalls: OpenCalls;
  readonly keepAliveMs: number;
}

/**
 * The legacy era without sessions: each request has a server instance of its own, any process can serve the next one,
 * and nothing can be asked back. A session id that the platform adds is ignored.
 */
export class StatelessRequests {
  public readonly count = 0;
  private readonly options: StatelessRequestsOptions;
  private readonly serving = new Set<McpServer>();

  public constructor(options: StatelessRequestsOptions) {
    this.options = options;
  }

  public async handle(request: Request, body: unknown, authInfo: AuthInfo | undefined): Promise<Response> {
    if (request.method !== 'POST') {
      const response = jsonRpcError(
        405,
        JsonRpcCode.serverError,
        'Method Not Allowed: this server keeps no sessions, so there is nothing to listen to or to end',
      );
      response.headers.set('allow', 'POST');
      return response;
    }
    const { createServer, openCalls, keepAliveMs } = this.options;
    const problem = invalidParams(body);
    if (problem !== undefined) {
      return jsonRpcError(200, JsonRpcCode.invalidParams, problem, body);
    }
    const server = await createServer(request, authInfo);
    const end = (): void => {
      this.serving.delete(server);
      void server.close();
    };
    this.serving.add(server);
    setCallContext(request, {
      stateless: true,
      hasOutputSchema: id => hasOutputSchema(server, toolOf(body, id)),
      beginCall: () => openCalls.begin(),
    });
    // The protocol of this era has no other way to cancel a call without a session than to go away.
    return await untilResponded(async () => {
      const transport = new SessionTransport({ sessionIdGenerator: undefined, keepAliveMs }, openCalls);
      await server.connect(transport);
      return await transport.handleRequest(request, { parsedBody: body, ...(authInfo && { authInfo }) });
    }, end);
  }

  public async close(): Promise<void> {
    await Promise.all([...this.serving].map(server => server.close()));
    this.serving.clear();
  }
}
