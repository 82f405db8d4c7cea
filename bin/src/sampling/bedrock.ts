import type {
  BedrockRuntimeClient, ContentBlock, ConverseCommandInput, ConverseCommandOutput, ImageFormat, Message,
} from '@aws-sdk/client-bedrock-runtime';
import type { SamplingAnswer, SamplingRequest } from 'stateful-mcp-client';
import { CommandError } from '../command-error';
import { contentsOf, type SamplingContent } from './request-text';
import type { Sampler } from './sampler';

/**
 * Asks a model of Amazon Bedrock by its Converse API, with the credentials and the region of the AWS SDK's usual places.
 * Rejects at once when there are none.
 */
export async function bedrockSampler(modelId: string): Promise<Sampler> {
  const { BedrockRuntimeClient, ConverseCommand } = await import('@aws-sdk/client-bedrock-runtime');
  const client = new BedrockRuntimeClient({});
  await checkConfiguration(client);
  return {
    name: `${modelId} on Amazon Bedrock`,
    remote: true,
    dispose: () => client.destroy(),
    async answer(request, signal) {
      try {
        return toAnswer(await client.send(new ConverseCommand(toConverse(modelId, request)), { abortSignal: signal }), modelId);
      } catch (cause) {
        if (cause instanceof CommandError || signal.aborted) throw cause;
        throw new CommandError(`${modelId} on Amazon Bedrock did not answer: ${(cause as Error).name}: ${(cause as Error).message}`, undefined, { cause });
      }
    },
  };
}

async function checkConfiguration(client: BedrockRuntimeClient): Promise<void> {
  try {
    await client.config.region();
  } catch (cause) {
    throw new CommandError('`--sampling bedrock:…` needs an AWS region: set AWS_REGION, or a region in your AWS profile', undefined, { cause });
  }
  try {
    await client.config.credentials();
  } catch (cause) {
    throw new CommandError(
      '`--sampling bedrock:…` needs AWS credentials, and none were found: run `aws sso login` or `aws configure`, set AWS_PROFILE, '
      + `or leave --sampling out (${(cause as Error).message})`,
      undefined,
      { cause },
    );
  }
}

/** The Converse request for a sampling request. The model is the one of the command line: `modelPreferences` are the server's wishes. */
export function toConverse(modelId: string, { messages, systemPrompt, maxTokens, temperature, stopSequences }: SamplingRequest): ConverseCommandInput {
  return {
    modelId,
    messages: toMessages(messages),
    ...(systemPrompt !== undefined && { system: [{ text: systemPrompt }] }),
    inferenceConfig: {
      maxTokens,
      ...(temperature !== undefined && { temperature }),
      ...(stopSequences?.length && { stopSequences }),
    },
  };
}

/** Converse wants the roles to take turns: what one role says in a row becomes one message. */
function toMessages(messages: SamplingRequest['messages']): Message[] {
  const turns: { role: 'user' | 'assistant'; content: ContentBlock[] }[] = [];
  for (const message of messages) {
    const content = contentsOf(message).map(toContentBlock);
    const last = turns.at(-1);
    if (last?.role === message.role) last.content.push(...content);
    else turns.push({ role: message.role, content });
  }
  return turns;
}

const IMAGE_FORMATS: Readonly<Record<string, ImageFormat>> = { 'image/png': 'png', 'image/jpeg': 'jpeg', 'image/gif': 'gif', 'image/webp': 'webp' };

function toContentBlock(content: SamplingContent): ContentBlock {
  if (content.type === 'text') return { text: content.text };
  const format = content.type === 'image' ? IMAGE_FORMATS[content.mimeType] : undefined;
  if (content.type === 'image' && format) return { image: { format, source: { bytes: Buffer.from(content.data, 'base64') } } };
  const what = 'mimeType' in content ? `${content.type} (${content.mimeType})` : content.type;
  throw new CommandError(`a sampling request with ${what} cannot be sent to Amazon Bedrock: text and png, jpeg, gif or webp images can`);
}

const STOP_REASONS: Readonly<Record<string, string>> = { end_turn: 'endTurn', max_tokens: 'maxTokens', stop_sequence: 'stopSequence' };

function toAnswer({ output, stopReason }: ConverseCommandOutput, model: string): SamplingAnswer {
  const text = output?.message?.content?.flatMap(block => block.text === undefined ? [] : [block.text]).join('') ?? '';
  return { role: 'assistant', model, content: { type: 'text', text }, ...(stopReason && { stopReason: STOP_REASONS[stopReason] ?? stopReason }) };
}
