import type { CreateMessageRequestParams } from 'stateful-mcp-client';
import { textsOf } from './request-text';
import type { Sampler } from './sampler';

/** Begins every scripted answer, so that nobody takes it for the work of a model. */
export const SCRIPTED_LABEL = '[scripted answer, no model was asked]';

const LONGEST_QUOTE = 120;

/** Answers without a model, from the request alone, and says so. */
export const scriptedSampler: Sampler = {
  name: 'a script (no model was asked; --sampling bedrock:MODEL_ID asks one)',
  remote: false,
  sample: request =>
    Promise.resolve({
      role: 'assistant',
      model: 'scripted',
      stopReason: 'endTurn',
      content: { type: 'text', text: scriptedAnswer(request) },
    }),
  dispose: () => undefined,
};

function scriptedAnswer({ messages, maxTokens }: CreateMessageRequestParams): string {
  const last = messages.filter(({ role }) => role === 'user').at(-1);
  const asked = last ? textsOf(last).join(' ').replace(/\s+/g, ' ').trim() : '';
  const quote = asked.length > LONGEST_QUOTE ? `${asked.slice(0, LONGEST_QUOTE)}…` : asked;
  const words = asked.split(' ').filter(Boolean).length;
  return (
    `${SCRIPTED_LABEL} The server sent ${messages.length === 1 ? 'one message' : `${messages.length} messages`}, the last of ${words} words: ` +
    `"${quote}". A model would answer it here, in at most ${maxTokens} tokens.`
  );
}
