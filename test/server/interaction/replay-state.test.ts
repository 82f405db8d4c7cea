import * as z from 'zod';
import {
  closeKits,
  messagesOf,
  modernCall,
  modernRequest,
  URL_OF_KIT,
  type Kit,
  type ModernAnswer,
  type ModernCall,
} from '../kit';
import { accept, kitWith, text, WORD, type Handler } from './calls/replayed-call';

afterEach(async () => {
  jest.restoreAllMocks();
  await closeKits();
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
