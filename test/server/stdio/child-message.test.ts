import path from 'node:path';
import { serveStdio, type HttpListener, type LogEntry } from 'stateful-mcp-server';
import { closeClients, connectClient, textOf, type TestClient } from '../clients';

const SERVER = path.join(__dirname, '../fixtures', 'saying-stdio-server.mjs');
const RESULT = '"result":{"content":[{"type":"text","text":"said"}]}';

let listener: HttpListener | undefined;
const log: LogEntry[] = [];

afterEach(async () => {
  await closeClients();
  await listener?.close();
  log.length = 0;
});

async function connected(): Promise<TestClient> {
  listener = await serveStdio(process.execPath, [SERVER], {
    host: '127.0.0.1',
    port: 0,
    drainTimeoutMs: 0,
    log: entry => log.push(entry),
  });
  return await connectClient('SDK v1', listener.url);
}

test.each([
  ['`error: null`', [`{"jsonrpc":"2.0","id":$ID,${RESULT},"error":null}`]],
  ['members that JSON-RPC does not have', [`{"jsonrpc":"2.0","id":$ID,${RESULT},"method":null,"type":"response"}`]],
  ['its id as a text', [`{"jsonrpc":"2.0","id":"$ID",${RESULT}}`]],
  ['a byte order mark', [`\uFEFF{"jsonrpc":"2.0","id":$ID,${RESULT}}`]],
  [
    'a batch',
    [
      `[{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":null},{"jsonrpc":"2.0","id":$ID,${RESULT}}]`,
    ],
  ],
  ['lines before it that are no messages', ['ready', '5', '[]', `{"jsonrpc":"2.0","id":$ID,${RESULT}}`]],
])('takes a result with %s', async (_what, lines) => {
  const client = await connected();
  expect(textOf(await client.call('say', { lines }))).toBe('said');
});

test.each([
  ['whose error has no message', '{"jsonrpc":"2.0","id":$ID,"error":{"code":-32000}}'],
  ['whose error is a text', '{"jsonrpc":"2.0","id":$ID,"error":"broken"}'],
  ['whose error has a text for its code', '{"jsonrpc":"2.0","id":$ID,"error":{"code":"EBROKEN","message":"broken"}}'],
  ['whose result is a text', '{"jsonrpc":"2.0","id":$ID,"result":"said"}'],
  ['with both', `{"jsonrpc":"2.0","id":$ID,${RESULT},"error":{"code":1,"message":"m"}}`],
  ['with neither', '{"jsonrpc":"2.0","id":"$ID","result":null}'],
  ['without `jsonrpc`', `{"id":$ID,${RESULT}}`],
])('an answer %s fails its call at once', async (_what, line) => {
  const client = await connected();
  await expect(client.call('say', { lines: [line] })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('neither a result nor an error') as string,
  });
  expect(log.filter(({ event }) => event === 'child-output-invalid')).toHaveLength(1);
});

test.each([
  ['null', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"broken"}}'],
  ['none', '{"jsonrpc":"2.0","error":{"code":-32700,"message":"broken"}}'],
])('an error whose id is %s is that of the only call', async (_what, line) => {
  const client = await connected();
  await expect(client.call('say', { lines: [line] })).rejects.toMatchObject({
    code: -32700,
    message: expect.stringContaining('broken') as string,
  });
});

test.each([
  '{"jsonrpc":"2.0","id":77,"method":"elicitation/create","params":"none"}',
  '{"id":77,"method":"elicitation/create","params":{}}',
])('a question that is no request is answered: %s', async question => {
  const client = await connected();
  expect(textOf(await client.call('say', { lines: [question] }))).toBe('told -32600');
});

test('a process that closes its standard output is ended, and its calls are told', async () => {
  const client = await connected();
  await expect(client.call('say', { lines: [], end: true })).rejects.toMatchObject({
    message: expect.stringContaining('start a new session') as string,
  });
});
