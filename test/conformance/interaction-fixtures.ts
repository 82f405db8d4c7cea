// Tools that ask the user, ask the client's model, and report progress.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, type FormSchema, type Interaction } from 'stateful-mcp-server';
import { text } from './content-fixtures';

const NO_ARGUMENTS = z.object({});

export function registerInteractions(server: McpServer, modernMode: 'replay' | 'park'): void {
  const tool = (name: string, handler: (io: Interaction) => Promise<string>): void => {
    server.registerTool(
      name,
      { description: name, inputSchema: NO_ARGUMENTS },
      interactive(async (_args, io) => said(await handler(io)), { modernMode }),
    );
  };

  tool('test_tool_with_logging', async io => {
    for (const message of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await io.log('info', message);
      await sleep(50);
    }
    return 'logged';
  });
  tool('test_logging_tool', async io => {
    await io.log('info', 'A message');
    return 'logged';
  });
  tool('test_tool_with_progress', async io => {
    for (const percent of [0, 50, 100]) {
      await io.progress(percent, 100, `${percent} %`);
      await sleep(50);
    }
    return 'done';
  });
  server.registerTool(
    'test_sampling',
    { description: 'Samples.', inputSchema: z.object({ prompt: z.string() }) },
    interactive(
      async ({ prompt }, io) => {
        const { content } = await io.sample({ messages: [{ role: 'user', content: text(prompt) }], maxTokens: 100 });
        return said(`LLM response: ${content.type === 'text' ? content.text : content.type}`);
      },
      { modernMode },
    ),
  );
  tool('test_missing_capability', async io => {
    await io.sample({ messages: [{ role: 'user', content: text('ping') }], maxTokens: 100 });
    return 'sampled';
  });

  server.registerTool(
    'test_elicitation',
    { description: 'Asks.', inputSchema: z.object({ message: z.string() }) },
    interactive(
      async ({ message }, io) => {
        const schema: FormSchema = {
          type: 'object',
          properties: { response: { type: 'string', description: "User's response" } },
          required: ['response'],
        };
        return said(`User response: ${await elicit(io, message, schema)}`);
      },
      { modernMode },
    ),
  );
  tool(
    'test_elicitation_sep1034_defaults',
    async io =>
      `Elicitation completed: ${await elicit(io, 'Please review and update the form fields with defaults', DEFAULTS)}`,
  );
  tool(
    'test_elicitation_sep1330_enums',
    async io => `Elicitation completed: ${await elicit(io, 'Please select options from the enum fields', CHOICES)}`,
  );

  for (const name of ['test_input_required_result_tampered_state', 'test_input_required_result_request_state']) {
    tool(name, async io => {
      await io.elicit('Please confirm', z.object({ ok: z.boolean() }));
      return 'state-ok';
    });
  }
  tool('test_input_required_result_multi_round', async io => {
    const { name } = await io.elicitContent('Step 1: What is your name?', z.object({ name: z.string() }));
    const { color } = await io.elicitContent('Step 2: What is your favorite color?', z.object({ color: z.string() }));
    return `${name} likes ${color}`;
  });
  server.registerTool(
    'test_reconnection',
    { description: 'Breaks its own stream.', inputSchema: NO_ARGUMENTS },
    async (_args, ctx) => {
      ctx.http?.closeSSE?.();
      await sleep(100);
      return said('Reconnection test completed successfully.');
    },
  );
}

function said(value: string): CallToolResult {
  return { content: [text(value)] };
}

async function elicit(io: Interaction, message: string, schema: FormSchema): Promise<string> {
  const answer = await io.elicit(message, schema);
  return `action=${answer.action}, content=${JSON.stringify('content' in answer ? answer.content : {})}`;
}

const DEFAULTS: FormSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'User name', default: 'John Doe' },
    age: { type: 'integer', description: 'User age', default: 30 },
    score: { type: 'number', description: 'User score', default: 95.5 },
    status: { type: 'string', description: 'User status', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', description: 'Verification status', default: true },
  },
  required: [],
};

const CHOICES: FormSchema = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: {
      type: 'string',
      oneOf: [
        { const: 'value1', title: 'First Option' },
        { const: 'value2', title: 'Second Option' },
        { const: 'value3', title: 'Third Option' },
      ],
    },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    },
    titledMulti: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      items: {
        anyOf: [
          { const: 'value1', title: 'First Choice' },
          { const: 'value2', title: 'Second Choice' },
          { const: 'value3', title: 'Third Choice' },
        ],
      },
    },
  },
  required: [],
};
