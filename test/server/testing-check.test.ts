import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { runCheck } from 'stateful-mcp-server/testing';

function createServer(): McpServer {
  const server = new McpServer({ name: 'checked', version: '1.0.0' });
  server.registerTool(
    'add',
    { inputSchema: z.object({}) },
    interactive(async (_args, io) => {
      await io.progress(1, 1);
      const { action } = await io.elicit('How much?', z.object({ amount: z.number() }));
      const { content } = await io.sample({ messages: [], maxTokens: 1 });
      return { content: [{ type: 'text', text: `${action}: ` }, content] };
    }),
  );
  return server;
}

const CONVERSATION = {
  tool: 'add',
  elicitation: [{ accept: { amount: 1 } }],
  sampling: ['Fine.'],
  progress: { atLeast: 1, atMost: 1 },
  result: { text: 'accept: Fine.' },
};

test('holds the conversations of a check in each era, without a port', async () => {
  const check = { eras: ['legacy', 'modern'], tools: ['add'], conversations: [CONVERSATION] };
  const findings = await runCheck(createServer, check);
  expect(findings.map(({ check: name, era }) => `${name} ${era}`)).toEqual([
    ...['list legacy', 'tools legacy', 'conversation add legacy'],
    ...['list modern', 'tools modern', 'conversation add modern'],
  ]);
});

test.each([undefined, 'modern'])('all that fails is in the error, in the era %s', async era => {
  const conversations = [
    { ...CONVERSATION, elicitation: [] },
    { ...CONVERSATION, elicitation: ['decline', 'decline'] },
  ];
  const check = { ...(era && { eras: [era] }), tools: ['add', 'remove'], conversations };
  const name = era ?? 'legacy';
  await expect(runCheck(createServer, check)).rejects.toMatchObject({
    code: 'ERR_CHECK_FAILED',
    message: [
      `tools (${name}): expected tools with \`remove\`; got \`add\``,
      `conversation add (${name}): expected no more questions than \`elicitation\` answers; got question 1 of the conversation, about \`amount\``,
      `conversation add (${name}): expected a text with "accept: Fine."; got another text, of 14 characters`,
    ].join('\n'),
  });
});

test('what is no check is refused', async () => {
  await expect(runCheck(createServer, { conversations: [{ tool: 7 }] })).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: '`conversations[0].tool` is 7: pass a text that is not empty',
  });
});
