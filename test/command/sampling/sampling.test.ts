import { createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { CreateMessageRequestParams } from 'stateful-mcp-client';
import { bedrockSampler } from '../../../command/src/sampling/bedrock';
import type { Sampler } from '../../../command/src/sampling/sampler';
import { SCRIPTED_LABEL, scriptedSampler } from '../../../command/src/sampling/scripted';
import { temporaryFolder, removeTemporaryFolders } from '../assembly';

const signal = new AbortController().signal;

const REQUEST: CreateMessageRequestParams = {
  systemPrompt: 'Be short.',
  maxTokens: 100,
  temperature: 0.5,
  stopSequences: ['END'],
  messages: [
    { role: 'user', content: { type: 'text', text: 'What is in the picture?' } },
    { role: 'user', content: { type: 'image', data: Buffer.from('pixels').toString('base64'), mimeType: 'image/png' } },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'A cat.' },
        { type: 'text', text: 'Or two.' },
      ],
    },
    { role: 'user', content: { type: 'text', text: 'Sure?' } },
  ],
};

describe('the script', () => {
  test('says that no model was asked, and what it would have been asked', async () => {
    const answer = await scriptedSampler.sample(REQUEST, signal);
    expect(answer).toMatchObject({ role: 'assistant', model: 'scripted', stopReason: 'endTurn' });
    const { text } = answer.content as { text: string };
    expect(text.startsWith(SCRIPTED_LABEL)).toBe(true);
    expect(text).toContain('4 messages, the last of 1 words: "Sure?"');
    expect(text).toContain('at most 100 tokens');
  });

  test('quotes only the beginning of a long message', async () => {
    const long = {
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'word '.repeat(500) } }],
      maxTokens: 1,
    };
    const { text } = (await scriptedSampler.sample(long, signal)).content as { text: string };
    expect(text).toContain('one message, the last of 500 words');
    expect(text.length).toBeLessThan(400);
  });
});

describe('Amazon Bedrock', () => {
  const environment = { ...process.env };
  const closing: (() => void)[] = [];

  beforeEach(() => {
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('AWS_')) {
        delete process.env[name];
      }
    }
    const nowhere = temporaryFolder();
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: `${nowhere}/config`,
      AWS_SHARED_CREDENTIALS_FILE: `${nowhere}/credentials`,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    });
  });

  afterEach(() => {
    for (const name of Object.keys(process.env)) {
      if (!(name in environment)) {
        delete process.env[name];
      }
    }
    Object.assign(process.env, environment);
    for (const close of closing.splice(0)) {
      close();
    }
    removeTemporaryFolders();
  });

  async function sampler(modelId = 'model'): Promise<Sampler> {
    const opened = await bedrockSampler(modelId);
    closing.push(() => opened.dispose());
    return opened;
  }

  interface Asked {
    path: string;
    headers: IncomingHttpHeaders;
    body: unknown;
  }

  /** A Converse API on this machine; the AWS SDK finds it by its environment variable. */
  async function converse(status: number, answer: unknown, headers: Record<string, string> = {}): Promise<Asked[]> {
    const asked: Asked[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          asked.push({
            path: request.url ?? '',
            headers: request.headers,
            body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
          });
          response.writeHead(status, { 'content-type': 'application/json', ...headers });
          response.end(JSON.stringify(answer));
        });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
    return asked;
  }

  test('is asked by Converse, and its answer is translated back', async () => {
    const asked = await converse(200, {
      output: { message: { role: 'assistant', content: [{ text: 'Yes, ' }, { text: 'a cat.' }] } },
      stopReason: 'max_tokens',
      usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
      metrics: { latencyMs: 1 },
    });
    const bedrock = await sampler('amazon.nova-lite-v1:0');

    expect(bedrock).toMatchObject({ name: 'amazon.nova-lite-v1:0 on Amazon Bedrock', remote: true });
    expect(await bedrock.sample(REQUEST, signal)).toEqual({
      role: 'assistant',
      model: 'amazon.nova-lite-v1:0',
      content: { type: 'text', text: 'Yes, a cat.' },
      stopReason: 'maxTokens',
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.path).toBe('/model/amazon.nova-lite-v1%3A0/converse');
    expect(asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/bedrock\//,
    );
    expect(asked[0]?.body).toEqual({
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
        { role: 'assistant', content: [{ text: 'A cat.' }, { text: 'Or two.' }] },
        { role: 'user', content: [{ text: 'Sure?' }] },
      ],
    });
  });

  test('gets no more than the server said', async () => {
    const asked = await converse(200, {
      output: { message: { role: 'assistant', content: [{ text: 'Yes' }] } },
      stopReason: 'end_turn',
    });
    const bedrock = await sampler();
    await bedrock.sample({ messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 5 }, signal);
    expect(asked[0]?.body).toEqual({
      inferenceConfig: { maxTokens: 5 },
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
    });
  });

  test('says why it did not answer', async () => {
    await converse(
      403,
      { message: 'You do not have access to the model' },
      { 'x-amzn-errortype': 'AccessDeniedException' },
    );
    const bedrock = await sampler();
    await expect(bedrock.sample(REQUEST, signal)).rejects.toThrow(
      'model on Amazon Bedrock did not answer: AccessDeniedException: You do not have access to the model',
    );
  });

  test('refuses what Converse cannot take', async () => {
    await converse(200, {});
    const bedrock = await sampler();
    const audio: CreateMessageRequestParams = {
      messages: [{ role: 'user', content: { type: 'audio', data: '', mimeType: 'audio/wav' } }],
      maxTokens: 5,
    };
    await expect(bedrock.sample(audio, signal)).rejects.toThrow(
      'a sampling request with audio (audio/wav) cannot be sent to Amazon Bedrock',
    );
  });

  test('needs credentials, and says so before anything starts', async () => {
    process.env.AWS_REGION = 'eu-central-1';
    await expect(bedrockSampler('model')).rejects.toThrow(
      '`--sampling bedrock:…` needs AWS credentials, and none were found: run `aws sso login`',
    );
  });

  test('needs a region, and says so before anything starts', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    await expect(bedrockSampler('model')).rejects.toThrow('needs an AWS region: set AWS_REGION');
  });
});
