import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

export interface EverythingConversation {
  readonly echoed: unknown;
  readonly elicited: unknown;
  readonly sampled: unknown;
  readonly progress: readonly number[];
}

/** Has server-everything ask the user, borrow the client's model and report progress, in one session. */
export async function converseWithEverything(url: string): Promise<EverythingConversation> {
  const client = new Client(
    { name: 'everything-tests', version: '1.0.0' },
    { capabilities: { elicitation: {}, sampling: {} } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada', check: true } }));
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    role: 'assistant',
    model: 'test',
    content: { type: 'text', text: 'a borrowed answer' },
  }));
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  const progress: number[] = [];
  const call = async (name: string, parameters: Record<string, unknown>): Promise<unknown> =>
    (
      await client.callTool({ name, arguments: parameters }, undefined, {
        timeout: 60_000,
        onprogress: step => void progress.push(step.progress),
      })
    ).content;
  const conversation = {
    echoed: await call('echo', { message: 'hello' }),
    elicited: await call('trigger-elicitation-request', {}),
    sampled: await call('trigger-sampling-request', { prompt: 'who are you?', maxTokens: 20 }),
    progress,
  };
  await call('trigger-long-running-operation', { duration: 1, steps: 4 });
  await transport.terminateSession();
  await client.close();
  return conversation;
}
