import type { ClientCapabilities, McpServer } from '@modelcontextprotocol/server';
import { hasOutputSchema } from './output-schema';
import { answerWithProcess } from '../process/process-mark';
import { invalidParams } from '../common/request-params';
import type { Leave } from '../http/admission';
import type { SessionTransport } from './session-transport';

/** What answers in a session: an instance of the author's server, or a process of its own. */
export interface SessionPeer {
  /**
   * Takes the messages of the session. Chains the handlers that it finds on the transport, and ends when the transport
   * closes.
   */
  connect(transport: SessionTransport): Promise<void>;
  /** What the client declared, where the peer runs handlers of this process. */
  clientCapabilities(): ClientCapabilities | undefined;
  /** The protocol revision that both sides agreed on, where the peer runs handlers of this process. */
  protocolVersion(): string | undefined;
  /** Whether the results of a tool have a schema, where the peer runs handlers of this process. */
  hasOutputSchema(tool: string | undefined): boolean;
  /** What is wrong with the parameters of a request, where this process is the one to say. */
  invalidParams(body: unknown): string | undefined;
  /** Where the peer takes messages at its own speed: resolves when it takes one of this size. */
  admit?(bytes: number, signal: AbortSignal): Promise<Leave>;
  /** Where the peer can wait: told when a reader of the session's streams is behind, and when it is not any more. */
  readerIsBehind?(isBehind: boolean): void;
}

export function serverPeer(server: McpServer): SessionPeer {
  answerWithProcess(server);
  return {
    connect: transport => server.connect(transport),
    clientCapabilities: () => server.server.getClientCapabilities(),
    protocolVersion: () => server.server.getNegotiatedProtocolVersion(),
    hasOutputSchema: tool => hasOutputSchema(server, tool),
    invalidParams,
  };
}
