import type { SamplingAnswer, SamplingRequest } from 'stateful-mcp-client';
import type { SamplingChoice } from '../command-line';
import { bedrockSampler } from './bedrock';
import { scriptedSampler } from './scripted';

/** What answers sampling requests. */
export interface Sampler {
  /** For people: who answers. */
  readonly name: string;
  /** Whether the request leaves this machine and may cost money. A person at the terminal is asked before that happens. */
  readonly remote: boolean;
  answer(request: SamplingRequest, signal: AbortSignal): Promise<SamplingAnswer>;
  /** Closes its connections. */
  dispose(): void;
}

/** The sampler that `--sampling` names. Rejects when it cannot work, before anything else is started. */
export async function samplerFor(choice: SamplingChoice): Promise<Sampler> {
  return choice.by === 'bedrock' ? bedrockSampler(choice.modelId) : scriptedSampler;
}
