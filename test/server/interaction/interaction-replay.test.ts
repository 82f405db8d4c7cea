import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import { closeKits, modernCall, modernRequest, URL_OF_KIT } from '../kit';
import { accept, converse, kitWith, text, WORD, type Handler } from './calls/replayed-call';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeKits();
});

test('runs the handler again in every round, and effects once', async () => {
  let runs = 0;
  let effects = 0;
  const kit = kitWith(async (_args, io) => {
    runs += 1;
    const id = await io.once(() => ++effects);
    const { word: first } = await io.elicitContent('first', WORD);
    const [{ word: second }, { word: third }] = await Promise.all([
      io.elicitContent('second', WORD),
      io.elicitContent('third', WORD),
    ]);
    return text({ id, words: [first, second, third] });
  });
  const { rounds, result } = await converse(kit, { name: 'tool' }, accept);
  expect(rounds).toEqual([['first'], ['second', 'third']]);
  expect(JSON.parse(result!.content![0]!.text)).toEqual({ id: 1, words: ['first', 'second', 'third'] });
  expect({ runs, effects }).toEqual({ runs: 3, effects: 1 });
});

test('waits for effects that run beside a question, so that they are not run again', async () => {
  let effects = 0;
  const kit = kitWith(async (_args, io) => {
    const [{ word }, effect] = await Promise.all([
      io.elicitContent('word', WORD),
      io.once(async () => {
        await new Promise(resolve => setTimeout(resolve, 20));
        return ++effects;
      }),
    ]);
    return text({ word, effect });
  });
  const { result } = await converse(kit, { name: 'tool' }, accept);
  expect(JSON.parse(result!.content![0]!.text)).toEqual({ word: 'word', effect: 1 });
  expect(effects).toBe(1);
});

test('starts no effect after the round is over', async () => {
  const effect = jest.fn(() => 1);
  let endRound = (): void => undefined;
  const roundOver = new Promise<void>(resolve => {
    endRound = resolve;
  });
  const kit = kitWith(async (_args, io) => {
    const late = roundOver.then(() => io.once(effect));
    await io.elicitContent('word', WORD);
    return text(await late);
  });
  const first = await modernCall(kit, { name: 'tool' });
  endRound();
  await new Promise(resolve => setTimeout(resolve, 30));
  expect(effect).not.toHaveBeenCalled();
  const second = await modernCall(kit, {
    name: 'tool',
    requestState: first.result!.requestState,
    inputResponses: { q0: accept('x') },
  });
  expect(second.result!.content![0]!.text).toBe('1');
  expect(effect).toHaveBeenCalledTimes(1);
});

test('goes on in another process with the same key', async () => {
  process.env['STATEFUL_MCP_REQUEST_STATE_KEY'] = Buffer.from(
    Array.from({ length: 32 }, (_value, index) => index * 3),
  ).toString('base64');
  try {
    const handler: Handler = async (_args, io) =>
      text([(await io.elicitContent('first', WORD)).word, (await io.elicitContent('second', WORD)).word]);
    const [here, there] = [kitWith(handler), kitWith(handler)];
    const first = await modernCall(here, { name: 'tool' });
    const second = await modernCall(there, {
      name: 'tool',
      requestState: first.result!.requestState,
      inputResponses: { q0: accept('a') },
    });
    const third = await modernCall(here, {
      name: 'tool',
      requestState: second.result!.requestState,
      inputResponses: { q1: accept('b') },
    });
    expect(JSON.parse(third.result!.content![0]!.text)).toEqual(['a', 'b']);
  } finally {
    delete process.env['STATEFUL_MCP_REQUEST_STATE_KEY'];
  }
});

test('notices a handler that asks something else when it is run again', async () => {
  let runs = 0;
  const kit = kitWith(async (_args, io) => {
    await io.elicitContent('word', ++runs === 3 ? z.object({ other: z.string() }) : WORD);
    return text(await io.elicitContent('again', WORD));
  });
  const { result } = await converse(kit, { name: 'tool' }, accept);
  expect(result).toMatchObject({
    isError: true,
    content: [
      {
        text: expect.stringContaining(
          'step 1 of this handler was a form (word) in an earlier round and is a form (other) now',
        ) as string,
      },
    ],
  });
});

test('does not repeat progress and log messages that an earlier round has sent', async () => {
  const kit = kitWith(async (_args, io) => {
    await io.progress(1);
    await io.log('info', 'before');
    await io.elicitContent('word', WORD);
    await io.progress(2);
    await io.log('info', 'after');
    return text('done');
  });
  const meta = { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' };
  const sent = (messages: Record<string, unknown>[]) =>
    messages
      .filter(message => 'method' in message)
      .map(
        ({ params }) => (params as { progress?: number; data?: string }).progress ?? (params as { data?: string }).data,
      );
  const first = await modernCall(kit, { name: 'tool', meta });
  const second = await modernCall(kit, {
    name: 'tool',
    meta,
    requestState: first.result!.requestState,
    inputResponses: { q0: accept('x') },
  });
  expect([sent(first.messages), sent(second.messages)]).toEqual([
    [1, 'before'],
    [2, 'after'],
  ]);
});

test('aborts the signal when the client goes away, not when a round ends', async () => {
  const signals: AbortSignal[] = [];
  let asked: (() => void) | undefined;
  const running = new Promise<void>(resolve => {
    asked = resolve;
  });
  const kit = kitWith(async (_args, io) => {
    signals.push(io.signal);
    if (signals.length > 1) {
      return text('done');
    }
    await io.elicitContent('word', WORD);
    return text('never');
  });
  await modernCall(kit, { name: 'tool' });
  await new Promise(resolve => setImmediate(resolve));
  expect(signals[0]!.aborted).toBe(false);

  const slow = kitWith(async (_args, io) => {
    signals.push(io.signal);
    asked!();
    await new Promise(resolve => io.signal.addEventListener('abort', resolve));
    return text('cancelled');
  });
  const client = new AbortController();
  const call = slow.fetch(URL_OF_KIT, modernRequest({ name: 'tool' }, client.signal));
  await running;
  client.abort();
  await call;
  expect(signals.at(-1)!.aborted).toBe(true);
});

test('is told apart from a handler that is not served by the kit', async () => {
  const callback = interactive(() => text(''));
  await expect(callback({}, { mcpReq: {} } as never)).rejects.toMatchObject({ code: 'ERR_NOT_SERVED_BY_KIT' });
});

test('does not end a round without a question, whatever effects have ended', async () => {
  const kit = kitWith(async (_args, io) => {
    await io.once(() => 1);
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(resolve => setImmediate(resolve));
    }
    return text('done');
  });
  const { result } = await modernCall(kit, { name: 'tool' });
  expect(result).toMatchObject({ content: [{ text: '"done"' }] });
});

test('leaves a handler behind for good: it gets no answer and tells nobody anything', async () => {
  const left = jest.fn();
  let round = 0;
  let endRound = (): void => undefined;
  const roundOver = new Promise<void>(resolve => {
    endRound = resolve;
  });
  const reported: unknown[] = [];
  const kit = kitWith(async (_args, io) => {
    const isSecond = ++round === 2;
    const first = io.elicitContent('first', WORD);
    if (isSecond) {
      await roundOver;
      reported.push(await io.log('info', 'late'), await io.progress(1));
    }
    const second = await io.elicitContent('second', WORD);
    if (isSecond) {
      left();
    }
    return text([await first, second]);
  });
  const call = { name: 'tool', meta: { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' } };
  const one = await modernCall(kit, call);
  expect(Object.keys(one.result!.inputRequests!)).toEqual(['q0', 'q1']);
  const two = await modernCall(kit, {
    ...call,
    requestState: one.result!.requestState,
    inputResponses: { q1: accept('B') },
  });
  expect(Object.keys(two.result!.inputRequests!)).toEqual(['q0']);
  endRound();
  await new Promise(resolve => setTimeout(resolve, 10));
  expect({ left: left.mock.calls, reported }).toEqual({ left: [], reported: [undefined, undefined] });
});

test('reports progress to a client that asked for it, and to no other', async () => {
  const kit = kitWith(async (_args, io) => {
    await io.progress(1);
    await io.progress(2, 3, 'two of three');
    return text('done');
  });
  expect((await modernCall(kit, { name: 'tool' })).messages).toHaveLength(1);
  const { messages } = await modernCall(kit, { name: 'tool', meta: { progressToken: 0 } });
  expect(messages.slice(0, -1).map(({ params }) => params)).toEqual([
    { progressToken: 0, progress: 1 },
    { progressToken: 0, progress: 2, total: 3, message: 'two of three' },
  ]);
});
