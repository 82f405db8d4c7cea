import path from 'node:path';
import { serveStdio, type HttpListener, type LogEntry } from 'stateful-mcp-server';
import { closeClients, connectClient, textOf, type TestClient } from '../clients';
import { ERRORS_WITHOUT_ID, RESULTS, UNREADABLE_ANSWERS, UNREADABLE_QUESTIONS } from '../stdio-lines';

const SERVER = path.join(__dirname, '../fixtures', 'saying-stdio-server.mjs');

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

test.each(RESULTS)('takes a result with %s', async (_what, lines) => {
  const client = await connected();
  expect(textOf(await client.call('say', { lines }))).toBe('said');
});

test.each(UNREADABLE_ANSWERS)('an answer %s fails its call at once', async (_what, line) => {
  const client = await connected();
  await expect(client.call('say', { lines: [line] })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('neither a result nor an error') as string,
  });
  expect(log.filter(({ event }) => event === 'child-output-invalid')).toHaveLength(1);
});

test.each(ERRORS_WITHOUT_ID)('an error whose id is %s is that of the only call', async (_what, line) => {
  const client = await connected();
  await expect(client.call('say', { lines: [line] })).rejects.toMatchObject({
    code: -32700,
    message: expect.stringContaining('broken') as string,
  });
});

test.each(UNREADABLE_QUESTIONS)('a question that is no request is answered: %s', async question => {
  const client = await connected();
  expect(textOf(await client.call('say', { lines: [question] }))).toBe('told -32600');
});

test('a process that closes its standard output is ended, and its calls are told', async () => {
  const client = await connected();
  await expect(client.call('say', { lines: [], end: true })).rejects.toMatchObject({
    message: expect.stringContaining('start a new session') as string,
  });
});
