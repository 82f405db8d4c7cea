import type { CreateMessageResult, CreateMessageRequestParams } from 'stateful-mcp-client';

/** What answers sampling requests. */
export interface Sampler {
  /** For people: who answers. */
  readonly name: string;
  /**
   * Whether the request leaves this machine and may cost money. The user at the terminal is asked before that happens.
   */
  readonly remote: boolean;
  sample(request: CreateMessageRequestParams, signal: AbortSignal): Promise<CreateMessageResult>;
  /** Closes its connections. */
  dispose(): void;
}
