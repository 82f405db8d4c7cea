import { HostMessages } from '../../../command/src/connection/host-messages';

interface Read {
  readonly passed: unknown[];
  readonly refused: unknown[];
  readonly said: string[];
}

/** What becomes of the bytes of a host that are written in pieces. */
async function read(pieces: readonly (string | Buffer)[], maxBytes = 1000): Promise<Read> {
  const refused: unknown[] = [];
  const said: string[] = [];
  const messages = new HostMessages({
    maxBytes,
    refuse: answer => refused.push(answer),
    say: text => said.push(text),
  });
  for (const piece of pieces) {
    messages.write(piece);
  }
  messages.end();
  let text = '';
  for await (const chunk of messages) {
    text += String(chunk);
  }
  const lines = text.split('\n').filter(line => line !== '');
  return { passed: lines.map(line => JSON.parse(line) as unknown), refused, said };
}

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

test.each<[string, string, unknown[]]>([
  ['a message', JSON.stringify(PING), [PING]],
  ['a byte order mark', `\uFEFF${JSON.stringify(PING)}`, [PING]],
  ['a carriage return', `${JSON.stringify(PING)}\r`, [PING]],
  ['an empty line', ' \r', []],
  ['null members', '{"jsonrpc":"2.0","id":1,"method":"ping","params":null,"result":null,"error":null}', [PING]],
  ['members of nobody', '{"jsonrpc":"2.0","id":1,"method":"ping","type":"request"}', [PING]],
  [
    'a notification with the id null',
    '{"jsonrpc":"2.0","id":null,"method":"notifications/initialized"}',
    [{ jsonrpc: '2.0', method: 'notifications/initialized' }],
  ],
  [
    'null in metadata, and not in arguments',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"a":null},"_meta":{"progressToken":null}}}',
    [{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { arguments: { a: null }, _meta: {} } }],
  ],
  [
    'no metadata',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":null}}',
    [{ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }],
  ],
  ['an answer', '{"jsonrpc":"2.0","id":1,"result":{},"error":null}', [{ jsonrpc: '2.0', id: 1, result: {} }]],
  ['a batch', JSON.stringify([PING, { ...PING, id: 'two' }]), [PING, { ...PING, id: 'two' }]],
])('hands on %s', async (_what, line, passed) => {
  expect(await read([`${line}\n`])).toEqual({ passed, refused: [], said: [] });
});

test.each([
  '{"jsonrpc":"2.0","id":7,"method":5}',
  '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":"none"}',
  '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":"none"}}',
  '{"id":7,"method":"ping"}',
  '{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}',
  '[{"id":7,"method":"ping"}]',
])('answers a request that is none: %s', async line => {
  const { passed, refused, said } = await read([`${line}\n`]);
  expect(refused).toMatchObject([{ jsonrpc: '2.0', id: 7, error: { code: -32600 } }]);
  expect([passed, said]).toEqual([[], []]);
});

test.each(['hello', '{"jsonrpc":"2.0"', '5', 'null', '{}', '{"jsonrpc":"2.0","id":null,"method":"ping"}'])(
  'says in one line that it leaves out %s',
  async line => {
    const { passed, refused, said } = await read([`${line}\n${JSON.stringify(PING)}\n`]);
    expect([passed, refused]).toEqual([[PING], []]);
    expect(said).toEqual([expect.stringMatching(/^the host wrote what is no.+$/)]);
  },
);

test('a line is whole however it is cut, within its characters, too', async () => {
  const line = Buffer.from(`${JSON.stringify({ ...PING, params: { text: 'zwölf\u2028' } })}\n`);
  const { passed } = await read([...line].map(byte => Buffer.from([byte])));
  expect(passed).toEqual([{ ...PING, params: { text: 'zwölf\u2028' } }]);
});

test('a line without an end is left to whoever bounds it', () => {
  const messages = new HostMessages({ maxBytes: 10, refuse: () => undefined, say: () => undefined });
  messages.write('x'.repeat(8));
  expect(messages.read()).toBeNull();
  messages.write('x'.repeat(8));
  expect(String(messages.read())).toBe('x'.repeat(16));
});
