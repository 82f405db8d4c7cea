// A test of a client with jest.
import path from 'node:path';
import { LocalRuntime } from 'stateful-mcp-local';
import { newClient } from './words-client';

let runtime: LocalRuntime;
let url: string;

beforeEach(async () => {
  runtime = new LocalRuntime({
    runtimes: [{ name: 'words', command: [process.execPath, path.join(__dirname, 'server.mjs')] }],
  });
  await runtime.ready;
  url = `${(await runtime.listen()).url}/mcp`;
});
afterEach(() => runtime.close());

test('the client starts again when its session is gone', async () => {
  const client = newClient(url);
  expect(await client.remember('red')).toEqual(['red']);
  await runtime.faults.expireSession(runtime.sessions()[0]?.sessionId ?? '');
  expect(await client.remember('green')).toEqual(['green']);
  expect(runtime.eventLog.map(({ type }) => type)).toContain('session-stopped');
});

test("two clients do not see each other's words", async () => {
  const [one, other] = [newClient(url), newClient(url)];
  await one.remember('red');
  expect(await other.remember('blue')).toEqual(['blue']);
  expect(await one.remember('green')).toEqual(['red', 'green']);
});
