import * as z from 'zod';
import { interactive, type InteractiveOptions } from 'stateful-mcp-server';
import { CLIENT_KINDS, closeClients, connectClient, textOf } from '../clients';
import { closeKits, messagesOf, modernCall, modernRequest, openKit, URL_OF_KIT, type Kit } from '../kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

const WORD = z.object({ word: z.string() });

type Handler = Parameters<typeof interactive<Record<string, never>>>[0];

function kitWith(handler: Handler, options: InteractiveOptions = {}): Kit {
  return openKit(server => {
    server.registerTool(
      'tool',
      { description: 'A tool.', inputSchema: z.object({}) },
      interactive(handler, { modernMode: 'park', ...options }),
    );
  });
}

function text(value: unknown) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(value) }] };
}

function accept(word: string) {
  return { action: 'accept' as const, content: { word } };
}

test.each(CLIENT_KINDS)('%s: the handler runs once', async kind => {
  let runs = 0;
  const kit = kitWith(async (_args, io) => {
    runs += 1;
    const progress = [1, 2, 3];
    await io.progress(progress[0]!, 3, 'step');
    const effect = await io.once(() => runs);
    const [{ word: first }, { word: second }] = await Promise.all([
      io.elicitContent('a', WORD),
      io.elicitContent('b', WORD),
    ]);
    await io.progress(progress[1]!, 3, 'step');
    const { word: third } = await io.elicitContent('c', WORD);
    await io.progress(progress[2]!, 3, 'step');
    return text({ effect, words: [first, second, third] });
  });
  const steps: number[] = [];
  const client = await connectClient(kind, URL_OF_KIT, { fetch: kit.fetch, elicit: ({ message }) => accept(message) });
  const result = await client.call(
    'tool',
    {},
    {
      onprogress: ({ progress, total }) => {
        if (total === 3) {
          steps.push(progress);
        }
      },
    },
  );
  expect(JSON.parse(textOf(result))).toEqual({ effect: 1, words: ['a', 'b', 'c'] });
  expect(steps).toEqual([1, 2, 3]);
  expect(runs).toBe(1);
});

test('asks what was asked at the same time in one round, and what is unanswered again', async () => {
  const kit = kitWith(async (_args, io) =>
    text(await Promise.all(['a', 'b'].map(name => io.elicitContent(name, WORD)))),
  );
  const first = await modernCall(kit, { name: 'tool' });
  expect(Object.keys(first.result!.inputRequests!)).toEqual(['q0', 'q1']);
  await new Promise(resolve => setImmediate(resolve));
  const second = await modernCall(kit, {
    name: 'tool',
    requestState: first.result!.requestState,
    inputResponses: { q1: accept('B'), q7: accept('X') },
  });
  expect(Object.keys(second.result!.inputRequests!)).toEqual(['q0']);
  const third = await modernCall(kit, {
    name: 'tool',
    requestState: second.result!.requestState,
    inputResponses: { q0: accept('A') },
  });
  expect(JSON.parse(third.result!.content![0]!.text)).toEqual([{ word: 'A' }, { word: 'B' }]);
});

test('waits for a handler that works between two questions', async () => {
  const kit = kitWith(async (_args, io) => {
    await Promise.all(['a', 'b'].map(name => io.elicitContent(name, WORD)));
    await new Promise(resolve => setTimeout(resolve, 20));
    return text(await io.elicitContent('c', WORD));
  });
  const first = await modernCall(kit, { name: 'tool' });
  const second = await modernCall(kit, {
    name: 'tool',
    requestState: first.result!.requestState,
    inputResponses: { q0: accept('A'), q1: accept('B') },
  });
  expect(Object.keys(second.result!.inputRequests!)).toEqual(['q2']);
});

test('counts as an open call until it is over', async () => {
  const kit = kitWith(async (_args, io) => text(await io.elicit('a', WORD)));
  const { result } = await modernCall(kit, { name: 'tool' });
  expect(kit.handler.openCallCount).toBe(1);
  await modernCall(kit, {
    name: 'tool',
    requestState: result!.requestState,
    inputResponses: { q0: { action: 'cancel' } },
  });
  expect(kit.handler.openCallCount).toBe(0);
});

test('is over when it was answered: the old state is of no more use', async () => {
  const kit = kitWith(async (_args, io) => text(await io.elicit('a', WORD)));
  const { result } = await modernCall(kit, { name: 'tool' });
  const answer = { name: 'tool', requestState: result!.requestState, inputResponses: { q0: accept('x') } };
  await modernCall(kit, answer);
  const again = await modernCall(kit, answer);
  expect(again.result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('this conversation is not held here any more') as string }],
  });
});

test('gives up on a user who went away, and lets the handler clean up', async () => {
  let cleanedUp: ((error: unknown) => void) | undefined;
  const gone = new Promise(resolve => {
    cleanedUp = resolve;
  });
  let signal: AbortSignal | undefined;
  const kit = kitWith(
    async (_args, io) => {
      signal = io.signal;
      try {
        return text(await io.elicit('a', WORD));
      } catch (error) {
        cleanedUp!(error);
        throw error;
      }
    },
    { answerTimeoutMs: 20 },
  );
  await modernCall(kit, { name: 'tool' });
  expect(await gone).toMatchObject({
    code: 'ERR_ANSWER_TIMEOUT',
    message: 'the client did not answer within 0.02 s',
  });
  expect(signal!.aborted).toBe(true);
  await new Promise(resolve => setImmediate(resolve));
  expect(kit.handler.openCallCount).toBe(0);
});

test('reports a handler that failed', async () => {
  const kit = kitWith(async (_args, io) => {
    await io.elicit('a', WORD);
    throw new Error('it broke');
  });
  const { result } = await modernCall(kit, { name: 'tool' });
  const second = await modernCall(kit, {
    name: 'tool',
    requestState: result!.requestState,
    inputResponses: { q0: accept('x') },
  });
  expect(second.result).toMatchObject({ isError: true, content: [{ text: 'it broke' }] });
});

test('is over for a handler that asks again after the user went away', async () => {
  const errors: unknown[] = [];
  const kit = kitWith(
    async (_args, io) => {
      for (const message of ['a', 'b', 'c']) {
        await io.elicit(message, WORD).catch((error: unknown) => errors.push(error));
      }
      return text('done');
    },
    { answerTimeoutMs: 20 },
  );
  await modernCall(kit, { name: 'tool' });
  while (kit.handler.openCallCount > 0) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  expect(errors).toMatchObject(['a', 'b', 'c'].map(() => ({ code: 'ERR_ANSWER_TIMEOUT' })));
});

test('aborts the signal, with the reason, when the client of a round goes away', async () => {
  let started!: () => void;
  const running = new Promise<void>(resolve => {
    started = resolve;
  });
  let aborted!: (signal: AbortSignal) => void;
  const gone = new Promise<AbortSignal>(resolve => {
    aborted = resolve;
  });
  const kit = kitWith(async (_args, io) => {
    await io.elicit('a', WORD);
    io.signal.addEventListener('abort', () => aborted(io.signal));
    started();
    await gone;
    return text('');
  });
  const { result } = await modernCall(kit, { name: 'tool' });
  const client = new AbortController();
  const next = { name: 'tool', requestState: result!.requestState, inputResponses: { q0: accept('x') } };
  const round = kit.fetch(URL_OF_KIT, modernRequest(next, client.signal));
  await running;
  client.abort();
  expect((await gone).reason).toBeDefined();
  await round.catch(() => undefined);
});

/** A handler that works on the answer to its question until it is let go, and the next round of it, twice. */
async function repeatedRound(firstClient?: AbortSignal) {
  let started!: () => void;
  const working = new Promise<void>(resolve => {
    started = resolve;
  });
  let finish!: () => void;
  const finished = new Promise<void>(resolve => {
    finish = resolve;
  });
  const kit = kitWith(async (_args, io) => {
    const content = await io.elicitContent('a', WORD);
    started();
    await finished;
    await io.progress(1);
    return text({ content, aborted: io.signal.aborted });
  });
  const { result } = await modernCall(kit, { name: 'tool' });
  const next = { name: 'tool', requestState: result!.requestState, inputResponses: { q0: accept('x') } };
  const first = kit.fetch(URL_OF_KIT, modernRequest(next, firstClient));
  await working;
  const second = modernCall(kit, { ...next, meta: { progressToken: 'p' } });
  await new Promise(resolve => setImmediate(resolve));
  return { first, second, finish };
}

test('a round that is sent again takes the place of the one before, which is told so', async () => {
  const { first, second, finish } = await repeatedRound();
  const [told] = (await messagesOf(await first)) as { result?: { isError: boolean; content: { text: string }[] } }[];
  expect(told?.result).toMatchObject({
    isError: true,
    content: [{ text: 'another request goes on with this conversation: wait for its answer' }],
  });
  finish();
  const { result, messages } = await second;
  expect(JSON.parse(result!.content![0]!.text)).toEqual({ content: { word: 'x' }, aborted: false });
  // What the handler reports goes to the request that is served.
  expect(messages).toMatchObject([{ method: 'notifications/progress', params: { progressToken: 'p' } }, {}]);
});

test('the end of a request that another one has replaced does not end the conversation', async () => {
  const client = new AbortController();
  const { first, second, finish } = await repeatedRound(client.signal);
  client.abort();
  await first.catch(() => undefined);
  finish();
  expect(JSON.parse((await second).result!.content![0]!.text)).toMatchObject({ aborted: false });
});

test('asks in the next round what a handler asks between two', async () => {
  let roundIsOver!: () => void;
  const roundOver = new Promise<void>(resolve => {
    roundIsOver = resolve;
  });
  let ask!: () => void;
  const asked = new Promise<void>(resolve => {
    ask = resolve;
  });
  const kit = kitWith(async (_args, io) => {
    const first = io.elicitContent('a', WORD);
    await roundOver;
    const second = io.elicitContent('b', WORD);
    ask();
    return text([await first, await second]);
  });
  const first = await modernCall(kit, { name: 'tool' });
  roundIsOver();
  await asked;
  await new Promise(resolve => setImmediate(resolve));
  const second = await modernCall(kit, {
    name: 'tool',
    requestState: first.result!.requestState,
    inputResponses: { q0: accept('A') },
  });
  expect(Object.keys(second.result!.inputRequests!)).toEqual(['q1']);
  const third = await modernCall(kit, {
    name: 'tool',
    requestState: second.result!.requestState,
    inputResponses: { q1: accept('B') },
  });
  expect(JSON.parse(third.result!.content![0]!.text)).toEqual([{ word: 'A' }, { word: 'B' }]);
});

test('tells nobody what a handler reports between two rounds, and goes on', async () => {
  let roundIsOver!: () => void;
  const roundOver = new Promise<void>(resolve => {
    roundIsOver = resolve;
  });
  let reported!: () => void;
  const between = new Promise<void>(resolve => {
    reported = resolve;
  });
  const kit = kitWith(async (_args, io) => {
    await io.log('info', 'before');
    const answer = io.elicit('a', WORD);
    await roundOver;
    await io.progress(1);
    await io.log('info', 'between');
    reported();
    await answer;
    await io.progress(1);
    await io.log('info', 'after');
    return text('done');
  });
  const call = { name: 'tool', meta: { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' } };
  const first = await modernCall(kit, call);
  roundIsOver();
  await between;
  const second = await modernCall(kit, {
    ...call,
    requestState: first.result!.requestState,
    inputResponses: { q0: accept('x') },
  });
  const sent = [first, second].map(({ messages }) => messages.flatMap(({ params }) => params ?? []));
  expect(sent).toEqual([
    [{ level: 'info', data: 'before' }],
    [
      { progressToken: 'p', progress: 1 },
      { level: 'info', data: 'after' },
    ],
  ]);
  expect(second.result).toMatchObject({ content: [{ text: '"done"' }] });
});
