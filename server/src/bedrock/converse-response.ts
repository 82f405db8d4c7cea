import type { ContentBlock, ConverseCommandOutput } from '@aws-sdk/client-bedrock-runtime';
import type { CreateMessageResult, CreateMessageResultWithTools } from '@modelcontextprotocol/server';

/** The reasons that the protocol names; it leaves others open. */
const STOP_REASONS: Readonly<Record<string, string>> = {
  end_turn: 'endTurn',
  max_tokens: 'maxTokens',
  stop_sequence: 'stopSequence',
  tool_use: 'toolUse',
};

/** The answer to a request without tools: one text. */
export function toResult(model: string, output: ConverseCommandOutput): CreateMessageResult {
  const text = blocksOf(output)
    .map(block => block.text ?? '')
    .join('');
  return { role: 'assistant', model, content: { type: 'text', text }, ...stopReasonOf(output) };
}

/** The answer to a request with tools: texts, and the tools that the model wants to be called. */
export function toResultWithTools(model: string, output: ConverseCommandOutput): CreateMessageResultWithTools {
  return { role: 'assistant', model, content: blocksOf(output).flatMap(toContent), ...stopReasonOf(output) };
}

type SamplingBlock = Extract<CreateMessageResultWithTools['content'], readonly unknown[]>[number];

function toContent({ text, toolUse }: ContentBlock): SamplingBlock[] {
  if (toolUse) {
    return [
      {
        type: 'tool_use',
        id: toolUse.toolUseId ?? '',
        name: toolUse.name ?? '',
        input: (toolUse.input as Record<string, unknown>) ?? {},
      },
    ];
  }
  return text === undefined ? [] : [{ type: 'text', text }];
}

/** What a model thinks before it answers is not part of its answer. */
function blocksOf({ output }: ConverseCommandOutput): ContentBlock[] {
  return output?.message?.content ?? [];
}

function stopReasonOf({ stopReason }: ConverseCommandOutput): { stopReason?: string } {
  return stopReason === undefined ? {} : { stopReason: STOP_REASONS[stopReason] ?? stopReason };
}
