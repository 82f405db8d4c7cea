import * as z from 'zod';
import { interactive, type InteractiveOptions } from 'stateful-mcp-server';
import {
  closeKits,
  messagesOf,
  modernCall,
  modernRequest,
  openKit,
  URL_OF_KIT,
  type Kit,
  type ModernAnswer,
  type ModernCall,
} from '../kit';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeKits();
});

const WORD = z.object({ word: z.string() });

type Handler = Parameters<typeof interactive<{ what?: string | undefined }>>[0];

function kitWith(handler: Handler, options?: InteractiveOptions): Kit {
  return openKit(server => {
    const config = { description: 'A tool.', inputSchema: z.object({ what: z.string().optional() }) };
    server.registerTool('tool', config, interactive(handler, options));
    server.registerTool('other', config, interactive(handler, options));
  });
}

function text(value: unknown) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(value) }] };
}

function accept(word: string) {
  return { action: 'accept', content: { word } };
}

/** Answers round after round by hand until the tool is done. */
async function converse(kit: Kit, call: ModernCall, answer: (message: string) => unknown) {
  const rounds: string[][] = [];
  for (let answered: Partial<ModernCall> = {}; ;) {
    const { result, error, messages } = await modernCall(kit, { ...call, ...answered });
    const { inputRequests, requestState } = result ?? {};
    if (!inputRequests) {
      return { rounds, result, error, messages };
    }
    rounds.push(Object.values(inputRequests).map(({ params }) => params['message'] as string));
    answered = {
      requestState,
      inputResponses: Object.fromEntries(
        Object.entries(inputRequests).map(([key, { params }]) => [key, answer(params['message'] as string)]),
      ),
    };
  }
}

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

describe('the request state', () => {
  const handler: Handler = async (_args, io) => text((await io.elicitContent('word', WORD)).word);

  async function firstRound(kit: Kit): Promise<string> {
    return (await modernCall(kit, { name: 'tool', arguments: { what: 'a' } })).result!.requestState!;
  }

  test.each<[string, (state: string) => Partial<ModernCall>]>([
    ['changed', state => ({ requestState: `${state.slice(0, -2)}AA` })],
    ['not text', () => ({ requestState: 42 })],
    ['of somebody else', () => ({ requestState: 'v1.eyJ4IjoxfQ.AAAA' })],
    ['of another tool', state => ({ requestState: state, name: 'other' })],
    ['of other arguments', state => ({ requestState: state, arguments: { what: 'b' } })],
  ])('is refused with -32602 when it is %s', async (_name, tampered) => {
    const kit = kitWith(handler);
    const state = await firstRound(kit);
    const { status, error } = await modernCall(kit, {
      name: 'tool',
      arguments: { what: 'a' },
      inputResponses: { q0: accept('x') },
      ...tampered(state),
    });
    expect({ status, error }).toEqual({
      status: 200,
      error: { code: -32602, message: 'Invalid or expired requestState', data: { reason: 'invalid_request_state' } },
    });
    expect(kit.log.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ level: 'error', event: 'request-state-refused' }),
    ]);
  });

  test('is refused with -32602 when it has expired', async () => {
    const kit = kitWith(handler, { answerTimeoutMs: 1000 });
    const state = await firstRound(kit);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 1001);
    const { error } = await modernCall(kit, {
      name: 'tool',
      arguments: { what: 'a' },
      requestState: state,
      inputResponses: { q0: accept('x') },
    });
    expect(error).toMatchObject({ code: -32602 });
  });

  test('belongs to the principal that it was minted for', async () => {
    const kit = kitWith(handler);
    const authInfo = (clientId: string) => ({ authInfo: { token: 't', clientId, scopes: [] } });
    const round = async (call: ModernCall, clientId: string) => {
      const response = await kit.handler.fetch(new Request(URL_OF_KIT, modernRequest(call)), authInfo(clientId));
      return (await messagesOf(response)).at(-1) as unknown as Pick<ModernAnswer, 'error' | 'result'>;
    };
    const { result } = await round({ name: 'tool' }, 'me');
    const next = { name: 'tool', requestState: result!.requestState, inputResponses: { q0: accept('x') } };
    expect((await round(next, 'you')).error).toMatchObject({ code: -32602 });
    expect((await round(next, 'me')).result?.content).toHaveLength(1);
  });

  test('holds no secrets of the server: only the answers and the results of effects', async () => {
    const state = await firstRound(kitWith(handler));
    expect(JSON.parse(Buffer.from(state.split('.')[1]!, 'base64url').toString())).toEqual({
      nonce: expect.any(String) as string,
      expires: expect.any(Number) as number,
      payload: { steps: [null], asked: [0] },
    });
  });

  test('is bounded: an answer that is too large fails the call with the reason', async () => {
    const kit = kitWith(async (_args, io) => {
      await io.elicitContent('word', WORD);
      return text(await io.elicitContent('again', WORD));
    });
    const { result } = await modernCall(kit, { name: 'tool' });
    const second = await modernCall(kit, {
      name: 'tool',
      requestState: result!.requestState,
      inputResponses: { q0: accept('x'.repeat(300_000)) },
    });
    expect(second.result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('the answers and results of this conversation take') as string }],
    });
  });
});

describe('what the client sends back', () => {
  const handler: Handler = async (_args, io) =>
    text([(await io.elicitContent('first', WORD)).word, (await io.elicitContent('second', WORD)).word]);

  test.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['an answer to something else', { other: accept('x') }],
    ['an answer of another kind', { q0: { roots: [] } }],
    ['a sampling result that is none', { q0: { role: 'assistant', content: 'x' } }],
  ])('is asked for again: %s', async (_name, inputResponses) => {
    const kit = kitWith(handler);
    const first = await modernCall(kit, { name: 'tool' });
    const second = await modernCall(kit, { name: 'tool', requestState: first.result!.requestState, inputResponses });
    expect(Object.keys(second.result!.inputRequests!)).toEqual(['q0']);
  });

  test('is ignored where nothing was asked', async () => {
    const kit = kitWith(handler);
    const first = await modernCall(kit, { name: 'tool', inputResponses: { q0: accept('x') } });
    expect(Object.keys(first.result!.inputRequests!)).toEqual(['q0']);
    const second = await modernCall(kit, {
      name: 'tool',
      requestState: first.result!.requestState,
      inputResponses: { q0: accept('a'), q1: accept('b') },
    });
    expect(Object.keys(second.result!.inputRequests!)).toEqual(['q1']);
  });

  test('may answer some of the questions now and the others later', async () => {
    const kit = kitWith(async (_args, io) => {
      const words = await Promise.all(['a', 'b'].map(name => io.elicitContent(name, z.object({ [name]: z.string() }))));
      return text(words);
    });
    const first = await modernCall(kit, { name: 'tool' });
    const second = await modernCall(kit, {
      name: 'tool',
      requestState: first.result!.requestState,
      inputResponses: { q1: { action: 'accept', content: { b: 'B' } } },
    });
    expect(Object.keys(second.result!.inputRequests!)).toEqual(['q0']);
    const third = await modernCall(kit, {
      name: 'tool',
      requestState: second.result!.requestState,
      inputResponses: { q0: { action: 'accept', content: { a: 'A' } } },
    });
    expect(JSON.parse(third.result!.content![0]!.text)).toEqual([{ a: 'A' }, { b: 'B' }]);
  });
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
