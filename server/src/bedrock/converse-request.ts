import type {
  ContentBlock,
  ConverseCommandInput,
  ImageFormat,
  Message,
  Tool,
  ToolChoice,
  ToolConfiguration,
  ToolInputSchema,
  ToolResultBlock,
  ToolResultContentBlock,
} from '@aws-sdk/client-bedrock-runtime';
import type { CreateMessageRequestParams } from '@modelcontextprotocol/server';
import { ServerKitError } from 'stateful-mcp-server';

type SamplingMessage = CreateMessageRequestParams['messages'][number];
type SamplingBlock = Exclude<SamplingMessage['content'], readonly unknown[]>;
type ToolResult = Extract<SamplingBlock, { type: 'tool_result' }>;
/** JSON, as the AWS SDK types it. */
type Document = NonNullable<ToolInputSchema['json']>;

const IMAGE_FORMATS: Readonly<Record<string, ImageFormat>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

/**
 * The Converse request for a sampling request.
 * @throws ServerKitError `ERR_BEDROCK_REQUEST`
 */
export function toConverse(modelId: string, request: CreateMessageRequestParams): ConverseCommandInput {
  const { messages, systemPrompt, maxTokens, temperature, stopSequences } = request;
  const toolConfig = toToolConfig(request);
  return {
    modelId,
    messages: toMessages(messages),
    ...(systemPrompt !== undefined && { system: [{ text: systemPrompt }] }),
    inferenceConfig: {
      maxTokens,
      ...(temperature !== undefined && { temperature }),
      ...(stopSequences?.length && { stopSequences }),
    },
    ...(toolConfig && { toolConfig }),
  };
}

/** Converse wants the roles to take turns: what one role says in a row becomes one message. */
function toMessages(messages: readonly SamplingMessage[]): Message[] {
  const turns: { role: 'user' | 'assistant'; content: ContentBlock[] }[] = [];
  for (const { role, content } of messages) {
    const blocks = [content].flat().map(toContentBlock);
    const last = turns.at(-1);
    if (last?.role === role) {
      last.content.push(...blocks);
    } else {
      turns.push({ role, content: blocks });
    }
  }
  return turns;
}

function toContentBlock(block: SamplingBlock): ContentBlock {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image':
      return toImage(block);
    case 'audio':
      throw refused(`audio (${block.mimeType})`);
    case 'tool_use':
      return { toolUse: { toolUseId: block.id, name: block.name, input: block.input as Document } };
    case 'tool_result':
      return { toolResult: toToolResult(block) };
  }
}

function toImage({ data, mimeType }: { readonly data: string; readonly mimeType: string }): ContentBlock.ImageMember {
  const format = IMAGE_FORMATS[mimeType];
  if (!format) {
    throw refused(`an image of the type ${mimeType}`);
  }
  return { image: { format, source: { bytes: Buffer.from(data, 'base64') } } };
}

function toToolResult({ toolUseId, content, structuredContent, isError }: ToolResult): ToolResultBlock {
  const blocks = content.map(toToolResultContent);
  if (blocks.length === 0 && structuredContent !== undefined) {
    blocks.push({ json: structuredContent as Document });
  }
  return { toolUseId, content: blocks, ...(isError !== undefined && { status: isError ? 'error' : 'success' }) };
}

function toToolResultContent(block: ToolResult['content'][number]): ToolResultContentBlock {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image':
      return toImage(block);
    case 'audio':
      throw refused(`audio (${block.mimeType})`);
    case 'resource_link':
      return { text: block.uri };
    case 'resource':
      if ('text' in block.resource) {
        return { text: block.resource.text };
      }
      throw refused(`a binary resource (${block.resource.uri})`);
  }
}

/**
 * Converse has no way to forbid the tools of a conversation that has used them already; without their use they are left
 * out.
 */
function toToolConfig({ tools, toolChoice, messages }: CreateMessageRequestParams): ToolConfiguration | undefined {
  const used = messages.some(({ content }) =>
    [content].flat().some(({ type }) => type === 'tool_use' || type === 'tool_result'),
  );
  if (!tools?.length || (toolChoice?.mode === 'none' && !used)) {
    return undefined;
  }
  const choice: ToolChoice = toolChoice?.mode === 'required' ? { any: {} } : { auto: {} };
  return {
    tools: tools.map(({ name, description, inputSchema }): Tool => ({
      toolSpec: {
        name,
        ...(description !== undefined && { description }),
        inputSchema: { json: inputSchema as Document },
      },
    })),
    toolChoice: choice,
  };
}

function refused(what: string): ServerKitError {
  return new ServerKitError(
    'ERR_BEDROCK_REQUEST',
    `a sampling request with ${what} cannot be sent to Amazon Bedrock: it takes text, png, jpeg, gif and webp images, and the use of tools`,
  );
}
