import {
  Client,
  StreamableHTTPClientTransport,
  type CreateMessageRequestParams,
  type CreateMessageResult,
  type CreateMessageResultWithTools,
  type ElicitRequestParams,
  type ElicitResult,
  type LoggingMessageNotificationParams,
  type Progress,
} from '@modelcontextprotocol/client';
import { DEFAULT_MCP_PATH } from 'stateful-mcp-contract';
import { createMcpFetchHandler, type FetchHandlerOptions, type McpServerFactory } from 'stateful-mcp-server';

const URL_IN_MEMORY = new URL(DEFAULT_MCP_PATH, 'http://in-memory.test');

/** Who is at the other end of a connection in memory. What has no handler is not declared. */
export interface InMemoryPeer {
  readonly era: 'legacy' | 'modern';
  readonly serve?: FetchHandlerOptions | undefined;
  readonly elicit?: (request: ElicitRequestParams) => ElicitResult;
  readonly sample?: (request: CreateMessageRequestParams) => CreateMessageResult | CreateMessageResultWithTools;
  readonly onLog?: (entry: LoggingMessageNotificationParams) => void;
  /** What the server sends, and not the steps that a modern client reports to itself for each round. */
  readonly onProgress: (progress: Progress) => void;
}

/** Connects a client of the MCP SDK to a server without a port, through everything that `serve()` puts around it. */
export async function connectInMemory(
  factory: McpServerFactory,
  { era, serve, elicit, sample, onLog, onProgress }: InMemoryPeer,
): Promise<{ mcp: Client; end: () => Promise<void> }> {
  const handler = createMcpFetchHandler(factory, { logLevel: 'error', path: DEFAULT_MCP_PATH, ...serve });
  const mcp = new Client(
    { name: 'stateful-mcp-server/testing', version: '1.0.0' },
    {
      capabilities: {
        ...(elicit && { elicitation: { form: {}, url: {} } }),
        ...(sample && { sampling: { tools: {} } }),
      },
      inputRequired: { maxRounds: 1000 },
      ...(era === 'modern' && { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
    },
  );
  if (elicit) {
    mcp.setRequestHandler('elicitation/create', ({ params }) => elicit(params));
  }
  if (sample) {
    mcp.setRequestHandler('sampling/createMessage', ({ params }) => sample(params));
  }
  if (onLog) {
    mcp.setNotificationHandler('notifications/message', ({ params }) => onLog(params));
  }
  const transport = new StreamableHTTPClientTransport(URL_IN_MEMORY, {
    fetch: (url, init) => handler.fetch(new Request(url, init)),
  });
  await mcp.connect(transport);
  recordProgress(transport, onProgress);
  return {
    mcp,
    end: async () => {
      await mcp.close();
      await handler.close();
    },
  };
}

function recordProgress(transport: StreamableHTTPClientTransport, record: InMemoryPeer['onProgress']): void {
  const deliver = transport.onmessage?.bind(transport);
  transport.onmessage = message => {
    if ('method' in message && message.method === 'notifications/progress') {
      const { progress, total, message: text } = message.params as unknown as Progress;
      record({ progress, ...(total !== undefined && { total }), ...(text !== undefined && { message: text }) });
    }
    deliver?.(message);
  };
}
