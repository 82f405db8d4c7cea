import { execFile } from 'node:child_process';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import {
  type CreateMessageRequestParams,
  type CreateMessageRequestParamsWithTools,
  McpServer,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { bedrockSampling } from 'stateful-mcp-server/bedrock';
import { openTestClient } from 'stateful-mcp-server/testing';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) {
    close();
  }
});

interface Asked {
  path: string;
  body: unknown;
}

/** The Converse API on this machine, and a client of the AWS SDK that talks to it. */
async function converse(answer: unknown, status = 200, headers: Record<string, string> = {}) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        asked.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
        if (answer === undefined) {
          return;
        }
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(JSON.stringify(answer));
      });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const client = new BedrockRuntimeClient({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
    maxAttempts: 1,
  });
  closing.push(() => {
    client.destroy();
    server.close();
  });
  return { asked, client };
}

/** What the service answers, in its own shape (ConverseResponse in the model of the Bedrock Runtime API). */
function response(content: unknown[], stopReason = 'end_turn') {
  return {
    output: { message: { role: 'assistant', content } },
    stopReason,
    usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
    metrics: { latencyMs: 4 },
  };
}

const HELLO: CreateMessageRequestParams = {
  messages: [{ role: 'user', content: { type: 'text', text: 'Hello' } }],
  maxTokens: 10,
};
const TOOL = {
  name: 'weather',
  description: 'Tells the weather.',
  inputSchema: { type: 'object' as const, properties: { city: { type: 'string' } } },
};

test('sends all that a request says and the API takes', async () => {
  const { asked, client } = await converse(response([{ text: 'A cat' }, { text: ' or two.' }], 'stop_sequence'));
  const result = await bedrockSampling({ modelId: 'amazon.nova-lite-v1:0', client })({
    systemPrompt: 'Be short.',
    maxTokens: 100,
    temperature: 0.5,
    stopSequences: ['END'],
    modelPreferences: { speedPriority: 1 },
    includeContext: 'none',
    messages: [
      { role: 'user', content: { type: 'text', text: 'What is in the picture?' } },
      {
        role: 'user',
        content: { type: 'image', data: Buffer.from('pixels').toString('base64'), mimeType: 'image/png' },
      },
      { role: 'assistant', content: [{ type: 'text', text: 'A cat.' }] },
      { role: 'user', content: { type: 'text', text: 'Sure?' } },
    ],
  });
  expect(result).toEqual({
    role: 'assistant',
    model: 'amazon.nova-lite-v1:0',
    content: { type: 'text', text: 'A cat or two.' },
    stopReason: 'stopSequence',
  });
  expect(asked).toEqual([
    {
      path: '/model/amazon.nova-lite-v1%3A0/converse',
      body: {
        system: [{ text: 'Be short.' }],
        inferenceConfig: { maxTokens: 100, temperature: 0.5, stopSequences: ['END'] },
        messages: [
          {
            role: 'user',
            content: [
              { text: 'What is in the picture?' },
              { image: { format: 'png', source: { bytes: Buffer.from('pixels').toString('base64') } } },
            ],
          },
          { role: 'assistant', content: [{ text: 'A cat.' }] },
          { role: 'user', content: [{ text: 'Sure?' }] },
        ],
      },
    },
  ]);
});

test('sends no more than a request says', async () => {
  const { asked, client } = await converse(response([{ text: 'Hi' }]));
  await bedrockSampling({ modelId: 'm', client })(HELLO);
  expect(asked[0]!.body).toEqual({
    messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
    inferenceConfig: { maxTokens: 10 },
  });
});

test('lets the model use tools, and hands it what they gave', async () => {
  const use = { toolUseId: 't-1', name: 'weather', input: { city: 'Oslo' } };
  const { asked, client } = await converse(
    response(
      [{ reasoningContent: { reasoningText: { text: 'hm' } } }, { text: 'Let me look.' }, { toolUse: use }],
      'tool_use',
    ),
  );
  const request: CreateMessageRequestParamsWithTools = { ...HELLO, tools: [TOOL], toolChoice: { mode: 'required' } };
  const sampling = bedrockSampling({ modelId: 'm', client });
  const answer = await sampling(request);
  const content = [
    { type: 'text' as const, text: 'Let me look.' },
    { type: 'tool_use' as const, id: 't-1', name: 'weather', input: { city: 'Oslo' } },
  ];
  expect(answer).toEqual({ role: 'assistant', model: 'm', content, stopReason: 'toolUse' });
  const toolSpec = { name: 'weather', description: 'Tells the weather.', inputSchema: { json: TOOL.inputSchema } };
  expect(asked[0]!.body).toMatchObject({ toolConfig: { tools: [{ toolSpec }], toolChoice: { any: {} } } });

  await sampling({
    ...request,
    toolChoice: { mode: 'none' },
    messages: [
      ...HELLO.messages,
      { role: 'assistant', content },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            toolUseId: 't-1',
            content: [
              { type: 'text', text: 'Rain' },
              { type: 'image', data: 'AAAA', mimeType: 'image/jpeg' },
              { type: 'resource_link', uri: 'weather://oslo', name: 'Oslo' },
              { type: 'resource', resource: { uri: 'weather://oslo', text: '7 degrees' } },
            ],
            isError: false,
          },
          { type: 'tool_result', toolUseId: 't-2', content: [], structuredContent: { degrees: 7 }, isError: true },
        ],
      },
    ],
  });
  expect(asked[1]!.body).toMatchObject({
    toolConfig: { tools: [{ toolSpec }], toolChoice: { auto: {} } },
    messages: [
      {},
      { role: 'assistant', content: [{ text: 'Let me look.' }, { toolUse: use }] },
      {
        role: 'user',
        content: [
          {
            toolResult: {
              toolUseId: 't-1',
              status: 'success',
              content: [
                { text: 'Rain' },
                { image: { format: 'jpeg', source: { bytes: 'AAAA' } } },
                { text: 'weather://oslo' },
                { text: '7 degrees' },
              ],
            },
          },
          { toolResult: { toolUseId: 't-2', status: 'error', content: [{ json: { degrees: 7 } }] } },
        ],
      },
    ],
  });
});

test('leaves tools out that must not be used', async () => {
  const { asked, client } = await converse(response([{ text: 'Hi' }]));
  const answer = await bedrockSampling({ modelId: 'm', client })({
    ...HELLO,
    tools: [TOOL],
    toolChoice: { mode: 'none' },
  });
  expect(answer.content).toEqual([{ type: 'text', text: 'Hi' }]);
  expect(asked[0]!.body).not.toHaveProperty('toolConfig');
});

test.each<[string, CreateMessageRequestParams['messages'][number]['content']]>([
  ['audio (audio/wav)', { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' }],
  ['an image of the type image/svg+xml', { type: 'image', data: 'AAAA', mimeType: 'image/svg+xml' }],
  [
    'a binary resource (file://a)',
    {
      type: 'tool_result',
      toolUseId: 't',
      content: [{ type: 'resource', resource: { uri: 'file://a', blob: 'AAAA' } }],
    },
  ],
  [
    'audio (audio/mp3)',
    { type: 'tool_result', toolUseId: 't', content: [{ type: 'audio', data: 'AAAA', mimeType: 'audio/mp3' }] },
  ],
])('refuses %s before anything is sent', async (what, content) => {
  const { asked, client } = await converse(response([]));
  await expect(
    bedrockSampling({ modelId: 'm', client })({ ...HELLO, messages: [{ role: 'user', content }] }),
  ).rejects.toMatchObject({
    code: 'ERR_BEDROCK_REQUEST',
    message: expect.stringContaining(`a sampling request with ${what} cannot be sent`) as string,
  });
  expect(asked).toEqual([]);
});

test('says what the service said when it refuses', async () => {
  const { client } = await converse({ message: 'You do not have access to the model.' }, 403, {
    'x-amzn-errortype': 'AccessDeniedException',
  });
  await expect(bedrockSampling({ modelId: 'm', client })(HELLO)).rejects.toMatchObject({
    code: 'ERR_BEDROCK_FAILED',
    message: 'm on Amazon Bedrock did not answer: AccessDeniedException: You do not have access to the model.',
  });
});

test('gives up when the call is cancelled', async () => {
  const { asked, client } = await converse(undefined);
  const abort = new AbortController();
  const answer = expect(bedrockSampling({ modelId: 'm', client })(HELLO, abort.signal)).rejects.toMatchObject({
    name: 'AbortError',
  });
  while (asked.length === 0) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  abort.abort();
  await answer;
});

test.each(['legacy', 'modern'] as const)('answers for a client that cannot, once in a conversation: %s', async era => {
  const { asked, client } = await converse(response([{ text: 'Fine.' }]));
  const fallback = bedrockSampling({ modelId: 'm', client });
  const tested = await openTestClient(
    () => {
      const server = new McpServer({ name: 'server', version: '1.0.0' });
      server.registerTool(
        'ask',
        { inputSchema: z.object({}) },
        interactive(async (_args, io) => {
          const { content } = await io.sample(HELLO, { fallback });
          const {
            content: [first],
          } = await io
            .sample({ ...HELLO, tools: [TOOL] }, { fallback })
            .then(result => ({ content: [result.content].flat() }));
          await io.elicit('Fine?', z.object({ fine: z.boolean() }));
          return { content: [content, first?.type === 'text' ? first : content] };
        }),
      );
      return server;
    },
    { era, elicitation: ['decline'] },
  );
  expect((await tested.callTool('ask')).text).toBe('Fine.Fine.');
  await tested.close();
  expect(asked).toHaveLength(2);
});

test('makes its client at the first request, from the environment: through the built package', async () => {
  const { asked, client } = await converse(response([{ text: 'Hi' }]));
  const { hostname, port } = await client.config.endpoint!();
  const program = `const { bedrockSampling } = require('stateful-mcp-server/bedrock');
    const sampling = bedrockSampling({ modelId: 'm', region: 'eu-central-1' });
    const loaded = Object.keys(require.cache).some(file => file.includes('client-bedrock-runtime'));
    sampling(${JSON.stringify(HELLO)}).then(({ content }) => { console.log(loaded, content.text); process.exit(0); });`;
  const environment = {
    PATH: process.env['PATH'],
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `http://${hostname}:${port}`,
    NODE_NO_WARNINGS: '1',
  };
  const { stdout: output } = await promisify(execFile)(process.execPath, ['--eval', program], {
    cwd: path.join(__dirname, '..', '..'),
    env: environment,
  });
  expect(output).toBe('false Hi\n');
  expect(asked).toHaveLength(1);
});
