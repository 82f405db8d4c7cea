// What the process of a session says around JSON-RPC.
import { connectClient, textOf, type TestClient } from '../../server/clients';
import { ERRORS_WITHOUT_ID, RESULTS, UNREADABLE_ANSWERS, UNREADABLE_QUESTIONS } from '../../server/stdio-lines';
import { bridge, endBridges, installBridge, removeBridge } from './bridge';

let client: TestClient;

beforeAll(async () => {
  installBridge();
  client = await connectClient('SDK v1', (await bridge({ SCRIPT: 'bin/saying' })).url);
});
afterAll(async () => {
  await endBridges();
  removeBridge();
});

test.each(RESULTS)('takes a result with %s', async (_what, lines) => {
  expect(textOf(await client.call('say', { lines }))).toBe('said');
});

test.each(UNREADABLE_ANSWERS)('an answer %s fails its call at once', async (_what, line) => {
  await expect(client.call('say', { lines: [line] })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('neither a result nor an error') as string,
  });
});

test.each(ERRORS_WITHOUT_ID)('an error whose id is %s is that of the only call', async (_what, line) => {
  await expect(client.call('say', { lines: [line] })).rejects.toMatchObject({ code: -32700 });
});

test.each(UNREADABLE_QUESTIONS)('a question that is no request is answered: %s', async question => {
  expect(textOf(await client.call('say', { lines: [question] }))).toBe('told -32600');
});

test('a process that closes its standard output is ended, and its calls are told', async () => {
  await expect(client.call('say', { lines: [], end: true })).rejects.toMatchObject({
    message: expect.stringContaining('start a new session') as string,
  });
});
