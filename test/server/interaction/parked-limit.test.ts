import * as z from 'zod';
import { interactive } from 'stateful-mcp-server';
import {
  closeKits,
  messagesOf,
  modernRequest,
  openKit,
  URL_OF_KIT,
  type Kit,
  type ModernAnswer,
  type ModernCall,
} from '../kit';

afterEach(closeKits);

function askingKit(): Kit {
  return openKit(server => {
    server.registerTool(
      'tool',
      { description: 'Asks.', inputSchema: z.object({}) },
      interactive(
        async (_args, io) => {
          const { action } = await io.elicit('a', z.object({ word: z.string() }));
          return { content: [{ type: 'text', text: action }] };
        },
        { modernMode: 'park' },
      ),
    );
  });
}

describe('conversations that wait are bounded', () => {
  const TOO_MANY = {
    isError: true,
    content: [{ text: expect.stringContaining('conversations') as string }],
  };

  /** Who asks: by a verified token, or by the session id that the platform adds. */
  type Caller = { readonly clientId?: string; readonly sessionId?: string };

  async function call(kit: Kit, { clientId, sessionId }: Caller, options: Partial<ModernCall> = {}) {
    const request = new Request(URL_OF_KIT, modernRequest({ name: 'tool', ...options }));
    if (sessionId !== undefined) {
      request.headers.set('mcp-session-id', sessionId);
    }
    const authInfo = clientId !== undefined && { authInfo: { token: 't', clientId, scopes: [] } };
    const response = await kit.handler.fetch(request, authInfo || {});
    return ((await messagesOf(response)).at(-1) as unknown as ModernAnswer).result!;
  }

  const CANCEL = { inputResponses: { q0: { action: 'cancel' } } };

  interface Parked {
    readonly caller: Caller;
    readonly requestState: string;
  }

  async function park(kit: Kit, caller: Caller): Promise<Parked> {
    const { requestState, content } = await call(kit, caller);
    expect(content).toBeUndefined();
    return { caller, requestState: requestState! };
  }

  /** The bound is that of the process: what one test parks is not left to the next. */
  async function cancel(kit: Kit, parked: readonly Parked[]): Promise<void> {
    for (const { caller, requestState } of parked) {
      expect((await call(kit, caller, { requestState, ...CANCEL })).isError).toBeUndefined();
    }
  }

  test.each<[string, Caller, Caller]>([
    ['a token', { clientId: 'one' }, { clientId: 'other' }],
    ['a token, whatever session id it comes with', { clientId: 'one', sessionId: 's-1' }, { clientId: 'other' }],
    ['a session id', { sessionId: 's-1' }, { sessionId: 's-2' }],
  ])('for one caller, told by %s', async (_by, one, other) => {
    const kit = askingKit();
    const parked: Parked[] = [];
    for (let index = 0; index < 100; index++) {
      parked.push(await park(kit, one));
    }
    const again = one.clientId === undefined ? one : { ...one, sessionId: 's-9' };
    expect(await call(kit, again)).toMatchObject(TOO_MANY);
    parked.push(await park(kit, other));
    await cancel(kit, parked.splice(0, 1));
    parked.push(await park(kit, one));
    await cancel(kit, parked);
    expect(kit.handler.openCallCount).toBe(0);
  });

  // The last one: what it parks stays parked.
  test('in all, whoever asks', async () => {
    const kit = askingKit();
    const parked: Parked[] = [];
    for (let index = 0; index < 1000; index++) {
      parked.push(await park(kit, index % 2 === 0 ? {} : { clientId: `client-${index % 100}` }));
    }
    expect(await call(kit, { clientId: 'another' })).toMatchObject(TOO_MANY);
    await cancel(kit, parked.splice(0, 1));
    await park(kit, { clientId: 'another' });
    expect(kit.handler.openCallCount).toBe(1000);
  }, 120_000);
});
