import type { ClientCapabilities, McpServer } from '@modelcontextprotocol/server';
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
}

export function serverPeer(server: McpServer): SessionPeer {
  return {
    connect: transport => server.connect(transport),
    clientCapabilities: () => server.server.getClientCapabilities(),
  };
}
