import * as z from 'zod';
import { interactive, ServerKitError } from 'stateful-mcp-server';
import {
  CLIENT_KINDS,
  closeClients,
  connectClient,
  LEGACY_KINDS,
  textOf,
  type Answer,
  type ConnectOptions,
} from '../clients';
import { closeKits, openKit, URL_OF_KIT } from '../kit';
import { callTool, ONE_NUMBER, QUESTION, text, type Handler } from './calls/call-tool';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

describe.each(CLIENT_KINDS)('%s', kind => {
  test('answers a sampling request by the fallback when the client cannot, once', async () => {
    let calls = 0;
    const result = await callTool(
      kind,
      async (_args, io) => {
        const sample = await io.sample(QUESTION, {
          fallback: ({ maxTokens }) => {
            calls += 1;
            return {
              role: 'assistant',
              model: 'on the server',
              content: { type: 'text', text: `${maxTokens} tokens` },
            };
          },
        });
        await io.elicitContent('How much?', ONE_NUMBER);
        return text(sample);
      },
      { elicit: () => ({ action: 'accept', content: { amount: 1 } }) },
    );
    expect(JSON.parse(textOf(result))).toEqual({
      role: 'assistant',
      model: 'on the server',
      content: { type: 'text', text: '10 tokens' },
    });
    expect(calls).toBe(1);
  });

  test('leaves the fallback alone when the client can sample', async () => {
    const fallback = jest.fn();
    const result = await callTool(kind, async (_args, io) => text((await io.sample(QUESTION, { fallback })).model), {
      sample: () => 'Fine.',
    });
    expect(textOf(result)).toBe('scripted');
    expect(fallback).not.toHaveBeenCalled();
  });

  test('tells the handler which capability is missing', async () => {
    const result = await callTool(kind, async (_args, io) =>
      text(
        await io
          .elicit('How much?', ONE_NUMBER)
          .catch((error: unknown) => (error instanceof ServerKitError ? { ...error } : 'another error')),
      ),
    );
    expect(JSON.parse(textOf(result))).toMatchObject({
      code: 'ERR_CAPABILITY_NOT_DECLARED',
      capability: 'elicitation',
    });
  });
});

test.each(LEGACY_KINDS)('%s gets a tool error that says which capability is missing', async kind => {
  const result = await callTool(kind, async (_args, io) => text(await io.sample(QUESTION)), {
    elicit: () => ({ action: 'decline' }),
  });
  expect(result.isError).toBe(true);
  expect(textOf(result)).toBe(
    'the client did not declare the `sampling` capability: this tool has to ask a model, so call it from a client that supports sampling',
  );
});

describe.each(['replay', 'park'] as const)('SDK v2 modern, %s', modernMode => {
  test.each<[string, object, ConnectOptions, Handler]>([
    ['sampling', { sampling: {} }, {}, async (_args, io) => text(await io.sample(QUESTION))],
    [
      'sampling.tools',
      { sampling: { tools: {} } },
      { sample: () => 'Fine.' },
      async (_args, io) => text(await io.sample({ ...QUESTION, tools: [] })),
    ],
    [
      'elicitation',
      { elicitation: { form: {} } },
      {},
      async (_args, io) => text(await io.elicit('How much?', ONE_NUMBER)),
    ],
    [
      'elicitation.url',
      { elicitation: { url: {} } },
      { elicit: () => ({ action: 'accept' }) },
      async (_args, io) => text(await io.elicitUrl('Sign in.', 'https://example.com/sign-in')),
    ],
  ])(
    'gets the error of the protocol for a missing %s, with what to do',
    async (missing, requiredCapabilities, client, handler) => {
      await expect(callTool('SDK v2 modern', handler, client, { modernMode })).rejects.toMatchObject({
        code: -32021,
        message: expect.stringContaining(`did not declare the \`${missing}\` capability: this tool has to`) as string,
        data: { requiredCapabilities },
      });
    },
  );
});

test.each(LEGACY_KINDS)('%s: an error of the client is told to the handler', async kind => {
  const result = await callTool(
    kind,
    async (_args, io) =>
      text(
        await io
          .sample(QUESTION)
          .catch((error: unknown) =>
            error instanceof ServerKitError ? { code: error.code, message: error.message } : 'another error',
          ),
      ),
    {
      sample: () => {
        throw new Error('the user refused');
      },
    },
  );
  expect(JSON.parse(textOf(result))).toEqual({
    code: 'ERR_CLIENT_REFUSED',
    message: expect.stringContaining('the user refused') as string,
  });
});

test.each(LEGACY_KINDS)('%s: a question that nobody answers times out', async kind => {
  const kit = openKit(server => {
    server.registerTool(
      'tool',
      { description: 'A tool.', inputSchema: z.object({}) },
      interactive(async (_args, io) => text(await io.elicit('Anybody?', ONE_NUMBER)), { answerTimeoutMs: 20 }),
    );
  });
  let answer: ((value: Answer) => void) | undefined;
  const client = await connectClient(kind, URL_OF_KIT, {
    fetch: kit.fetch,
    elicit: () =>
      new Promise<Answer>(resolve => {
        answer = resolve;
      }),
  });
  const result = await client.call('tool');
  answer?.({ action: 'cancel' });
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: 'the client did not answer elicitation/create within 0.02 s' }],
  });
});
