import type { CreateMessageRequestParams, CreateMessageResult } from '@modelcontextprotocol/server';
import type { ConverseCommandInput, ConverseCommandOutput } from '@aws-sdk/client-bedrock-runtime';

/** Answers sampling requests with a model of Amazon Bedrock (the Converse API). Nothing of it is loaded before it is needed. */
export function bedrockFallback(modelId: string): (request: CreateMessageRequestParams) => Promise<CreateMessageResult> {
  return async (request) => {
    const { BedrockRuntimeClient, ConverseCommand } = await import('@aws-sdk/client-bedrock-runtime');
    return toResult(modelId, await new BedrockRuntimeClient().send(new ConverseCommand(toConverse(modelId, request))));
  };
}

function toConverse(modelId: string, { systemPrompt, messages, maxTokens, temperature, stopSequences }: CreateMessageRequestParams): ConverseCommandInput {
  return {
    modelId,
    ...(systemPrompt !== undefined && { system: [{ text: systemPrompt }] }),
    messages: messages.map(({ role, content }) => ({ role: role, content: [content].flat().map(block => ({ text: textOf(block) })) })),
    inferenceConfig: { maxTokens, ...(temperature !== undefined && { temperature }), ...(stopSequences && { stopSequences }) },
  };
}

function textOf(block: { type: string; text?: unknown }): string {
  if (block.type === 'text' && typeof block.text === 'string') return block.text;
  throw new Error(`the Bedrock fallback of this sample takes text only, got ${block.type}`);
}

function toResult(model: string, { output, stopReason }: ConverseCommandOutput): CreateMessageResult {
  const text = output?.message?.content?.map(block => block.text ?? '').join('') ?? '';
  return { role: 'assistant', model, content: { type: 'text', text }, stopReason: stopReason === 'max_tokens' ? 'maxTokens' : 'endTurn' };
}
