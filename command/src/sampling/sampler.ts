import type { SamplingAnswer, SamplingRequest } from 'stateful-mcp-client';

/** What answers sampling requests. */
export interface Sampler {
  /** For people: who answers. */
  readonly name: string;
  /**
   * Whether the request leaves this machine and may cost money. A person at the terminal is asked before that happens.
   */
  readonly remote: boolean;
  answer(request: SamplingRequest, signal: AbortSignal): Promise<SamplingAnswer>;
  /** Closes its connections. */
  dispose(): void;
}
