import type { ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { interactive, ServerKitError, type Interaction, type InteractiveOptions } from 'stateful-mcp-server';
import { ProgressReporter } from '../../../server/src/interaction/progress';
import { closeKits, INITIALIZE, openKit, post, type Kit } from '../kit';
import { QUESTION, text, type Handler } from './calls/call-tool';

afterEach(closeKits);

const WORD = z.object({ word: z.string() });

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: { readonly content: { readonly text: string }[] };
}

function kitWith(handler: Handler, options?: InteractiveOptions): Kit {
  return openKit(server => {
    server.registerTool(
      'tool',
      { description: 'A tool.', inputSchema: z.object({ who: z.string().optional() }) },
      interactive(handler, options),
    );
  });
}

/**
 * Calls the tool as a client written by hand does, and gives back what came on the stream of the call.
 * @param answer - gives back undefined for a question that gets none
 */
async function call(
  kit: Kit,
  answer: (question: Message) => object | undefined = () => ({ result: {} }),
): Promise<Message[]> {
  const capabilities = { elicitation: { form: {}, url: {} }, sampling: {} };
  const initialized = await post(kit, { ...INITIALIZE, params: { ...INITIALIZE.params, capabilities } });
  const session = { 'mcp-session-id': initialized.headers.get('mcp-session-id')! };
  const request = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'tool', arguments: {} } };
  const { body } = await post(kit, request, session);
  const messages: Message[] = [];
  const decoder = new TextDecoder();
  let waiting = '';
  for await (const chunk of body!) {
    waiting += decoder.decode(chunk, { stream: true });
    const lines = waiting.split('\n');
    waiting = lines.pop()!;
    for (const line of lines.filter(candidate => candidate.startsWith('data: {'))) {
      const message = JSON.parse(line.slice(6)) as Message;
      messages.push(message);
      const given = message.id !== undefined && message.method !== undefined ? answer(message) : undefined;
      if (given) {
        await post(kit, { jsonrpc: '2.0', id: message.id, ...given }, session);
      }
    }
  }
  return messages;
}

const told = (messages: Message[]): unknown => JSON.parse(messages.at(-1)!.result!.content[0]!.text);

test('gives an id to the question to visit a page, each its own, and to no other', async () => {
  const kit = kitWith(async (_args, io) => {
    await io.elicit('Well?', WORD);
    await io.elicitUrl('Sign in', 'https://example.com/');
    await io.elicitUrl('Sign in', 'https://example.com/');
    await io.sample(QUESTION);
    return text('done');
  });
  const messages = await call(kit, ({ method }) => ({
    result:
      method === 'elicitation/create'
        ? { action: 'decline' }
        : { role: 'assistant', model: 'm', content: { type: 'text', text: 'fine' } },
  }));
  const ids = messages.slice(0, -1).map(({ params }) => params!['elicitationId']);
  const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
  expect(ids).toEqual([undefined, uuid, uuid, undefined]);
  expect(ids[1]).not.toBe(ids[2]);
});

const NO_ACTION = 'Invalid result for elicitation/create: `action`: Invalid option: expected one of ';

test.each<[string, object, string]>([
  ['an error', { error: { code: -32603, message: 'it broke' } }, 'it broke'],
  ['an error with a list', { error: { code: -32603, message: 'it broke: [a, b]' } }, 'it broke: [a, b]'],
  ['an error with a list in JSON', { error: { code: -32603, message: 'none of [1, 2]' } }, 'none of [1, 2]'],
  ['an error with an empty list', { error: { code: -32603, message: 'none of []' } }, 'none of []'],
  ['a result of another kind', { result: { action: 'perhaps' } }, NO_ACTION],
  ['an empty result', { result: {} }, NO_ACTION],
])('tells the handler that the client failed, on one line: by %s', async (_how, answer, problem) => {
  const kit = kitWith(async (_args, io) =>
    text(
      await io
        .elicit('Well?', WORD)
        .catch((error: unknown) => (error instanceof ServerKitError ? [error.code, error.message] : String(error))),
    ),
  );
  const [code, message] = told(await call(kit, () => answer)) as [string, string];
  expect(message).not.toContain('\n');
  expect([code, message]).toEqual([
    'ERR_CLIENT_REFUSED',
    expect.stringContaining(`the client did not answer elicitation/create but failed: ${problem}`) as string,
  ]);
});

test('tells the handler that the client did not answer in time', async () => {
  const kit = kitWith(
    async (_args, io) =>
      text(
        await io
          .elicit('Well?', WORD)
          .catch((error: unknown) => (error instanceof ServerKitError ? [error.code, error.message] : String(error))),
      ),
    { answerTimeoutMs: 20 },
  );
  const messages = await call(kit, () => undefined);
  expect(told(messages)).toEqual(['ERR_ANSWER_TIMEOUT', 'the client did not answer elicitation/create within 0.02 s']);
});

test('sends the log of a handler on the stream of its call', async () => {
  const kit = kitWith(async (_args, io) => {
    await io.log('warning', { disk: 'full' });
    return text('done');
  });
  expect(await call(kit)).toMatchObject([
    { method: 'notifications/message', params: { level: 'warning', data: { disk: 'full' } } },
    { id: 7 },
  ]);
});

test('does not blame the client for a question that comes after its call or its session', async () => {
  let kept: Interaction | undefined;
  const kit = kitWith((_args, io) => {
    kept = io;
    return text('done');
  });
  await call(kit);
  const late = (): Promise<unknown> => kept!.elicit('Well?', WORD).catch((error: unknown) => error);
  const errors = [await late()];
  await kit.handler.close();
  errors.push(await late());
  for (const error of errors) {
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(ServerKitError);
  }
});

test('progress is a finite number above the one before, and says no more than it was told', async () => {
  const notify = jest.fn<Promise<void>, [{ params: object }]>(() => Promise.resolve());
  const ctx = { mcpReq: { _meta: { progressToken: 'p' }, notify } } as unknown as ServerContext;
  const reporter = new ProgressReporter();
  const steps: [number, number?, string?][] = [
    [NaN],
    [Infinity],
    [-Infinity],
    [-1],
    [-1],
    [-2],
    [0, 3],
    [1, 3, 'one'],
    [NaN, 3],
  ];
  for (const step of steps) {
    await reporter.report(ctx, ...step);
  }
  expect(notify.mock.calls.map(([{ params }]) => params)).toStrictEqual([
    { progressToken: 'p', progress: -1 },
    { progressToken: 'p', progress: 0, total: 3 },
    { progressToken: 'p', progress: 1, total: 3, message: 'one' },
  ]);
  expect(reporter.last).toBe(1);
  await new ProgressReporter().report({ mcpReq: { notify } } as unknown as ServerContext, 1);
  expect(notify).toHaveBeenCalledTimes(3);
});
