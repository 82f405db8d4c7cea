import * as z from 'zod';
import { interactive, type StateProtection } from 'stateful-mcp-server';
import { CLIENT_KINDS, closeClients, connectClient, textOf, type Answer } from '../clients';
import { closeKits, modernCall, openKit, URL_OF_KIT, type Kit } from '../kit';

afterEach(async () => {
  await closeClients();
  await closeKits();
});

const SECRET = 'token-that-only-the-server-may-know';

function kit(protection: StateProtection): Kit {
  return openKit(server => {
    server.registerTool(
      'pay',
      { description: 'Pays.', inputSchema: z.object({}) },
      interactive(
        async (_args, io) => {
          const token = await io.once(() => SECRET);
          const { pin } = await io.elicitContent('PIN?', z.object({ pin: z.string() }));
          await io.elicitContent('Sure?', z.object({ sure: z.boolean() }));
          return { content: [{ type: 'text', text: `${token.length} ${pin}` }] };
        },
        { protection },
      ),
    );
  });
}

test.each(CLIENT_KINDS)('%s: a conversation goes as any other', async kind => {
  const client = await connectClient(kind, URL_OF_KIT, {
    fetch: kit('encrypted').fetch,
    elicit: ({ message }): Answer => ({
      action: 'accept',
      content: message === 'PIN?' ? { pin: '1234' } : { sure: true },
    }),
  });
  expect(textOf(await client.call('pay'))).toBe(`${SECRET.length} 1234`);
});

test.each<[StateProtection, boolean]>([
  ['encrypted', false],
  ['signed', true],
])('%s: whether what it carries can be read off the wire: %s', async (state, readable) => {
  const paying = kit(state);
  const first = await modernCall(paying, { name: 'pay' });
  const inputResponses = { q1: { action: 'accept', content: { pin: '1234' } } };
  const second = await modernCall(paying, { name: 'pay', requestState: first.result!.requestState, inputResponses });
  const wire = JSON.stringify([first, second]);
  const decoded = wire
    .split(/[".]/)
    .map(part => Buffer.from(part, 'base64url').toString())
    .join('\n');
  expect(`${wire}\n${decoded}`.includes(SECRET)).toBe(readable);
  expect(second.result).toMatchObject({
    resultType: 'input_required',
    inputRequests: { q2: { params: { message: 'Sure?' } } },
  });
});

test('is refused when it is changed', async () => {
  const paying = kit('encrypted');
  const { result } = await modernCall(paying, { name: 'pay' });
  const [prefix, body, mac] = result!.requestState!.split('.');
  const changed = `${prefix}.${body!.slice(0, 60)}${body![60] === 'A' ? 'B' : 'A'}${body!.slice(61)}.${mac}`;
  expect((await modernCall(paying, { name: 'pay', requestState: changed })).error).toMatchObject({ code: -32602 });
});
