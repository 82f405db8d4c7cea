import type { SamplingChoice } from '../command-line/invocation';
import { bedrockSampler } from './bedrock';
import { editorSampler } from './editor';
import { scriptedSampler } from './scripted';
import { type Sampler } from './sampler';

/** The sampler that `--sampling` names. Rejects when it cannot work, before anything else is started. */
export async function samplerFor(choice: SamplingChoice): Promise<Sampler> {
  switch (choice.by) {
    case 'bedrock':
      return bedrockSampler(choice.modelId);
    case 'editor':
      return editorSampler();
    case 'scripted':
      return scriptedSampler;
  }
}
