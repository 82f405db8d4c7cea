import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';

const ANSWERS: Readonly<Record<string, string | number | boolean>> = {
  amount: 12.5,
  description: 'lunch',
  category: 'food',
  confirm: true,
};

export interface Conversation {
  readonly sessionId: string | undefined;
  /** What the user was asked. */
  readonly questions: readonly string[];
  readonly recorded: string;
  readonly analysis: string;
  readonly progress: readonly number[];
}

/**
 * Holds a stateful conversation with the expense tracker: four questions, one use of the client's model, and progress.
 */
export async function converse(url: string): Promise<Conversation> {
  const client = new Client(
    { name: 'image-tests', version: '1.0.0' },
    { capabilities: { elicitation: {}, sampling: {} } },
  );
  const questions: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    questions.push(params.message);
    const asked = 'requestedSchema' in params ? Object.keys(params.requestedSchema.properties) : [];
    return {
      action: 'accept',
      content: Object.fromEntries(asked.flatMap(name => (ANSWERS[name] === undefined ? [] : [[name, ANSWERS[name]]]))),
    };
  });
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    role: 'assistant',
    model: 'test',
    content: { type: 'text', text: 'You eat well.' },
  }));
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  const { sessionId } = transport;
  const options = { timeout: 120_000 };
  const recorded = (await client.callTool(
    { name: 'add_expense_interactive', arguments: {} },
    undefined,
    options,
  )) as CallToolResult;
  const analysis = (await client.callTool(
    { name: 'analyze_spending', arguments: {} },
    undefined,
    options,
  )) as CallToolResult;
  const progress: number[] = [];
  await client.callTool({ name: 'generate_report', arguments: { months: 2 } }, undefined, {
    ...options,
    onprogress: ({ progress: step }) => void progress.push(step),
  });
  await transport.terminateSession();
  await client.close();
  return { sessionId, questions, recorded: textOf(recorded), analysis: textOf(analysis), progress };
}

function textOf({ content }: CallToolResult): string {
  return content.map(block => (block.type === 'text' ? block.text : '')).join('');
}
