import type { CreateMessageRequestParams } from 'stateful-mcp-client';

type SamplingMessage = CreateMessageRequestParams['messages'][number];
type SamplingContent = Exclude<SamplingMessage['content'], readonly unknown[]>;

/** The blocks of a message; a single one may come without a list around it. */
function contentsOf({ content }: SamplingMessage): SamplingContent[] {
  return Array.isArray(content) ? content : [content];
}

/** The text of a message, with a word for what is not text. */
export function textsOf(message: SamplingMessage): string[] {
  return contentsOf(message).map(content => {
    if (content.type === 'text') {
      return content.text;
    }
    return 'mimeType' in content ? `[${content.type}, ${content.mimeType}]` : `[${content.type}]`;
  });
}
